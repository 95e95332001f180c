"""Drawn pictures for the trial version: no photo of a child, of a school or of anybody; the same every time."""

import io
import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1500, 1000
INK, PAPER, SKY, WATER, GRASS = "#14302A", "#FFFEFA", "#BFE3F2", "#4E93B8", "#6FA86B"
PAINTS = ["#D52715", "#DE8505", "#FFDC3B", "#2E7C5F", "#60CBFC", "#1A369D", "#7B155A", "#F8A3A9"]
LINE = 8
Pen = ImageDraw.ImageDraw


def draw(subject: str, number: int) -> bytes:
    """The `number`-th picture of a subject, as a phone would send it: a JPEG, one in four of them upright."""
    rng = Random(f"{subject}-{number}")
    size = (HEIGHT, WIDTH) if number % 4 == 2 else (WIDTH, HEIGHT)
    image = Image.new("RGB", size, PAPER)
    SUBJECTS[subject](ImageDraw.Draw(image), *size, rng)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def _ships(pen: Pen, wide: int, high: int, rng: Random) -> None:
    shore = round(high * rng.uniform(0.5, 0.62))
    pen.rectangle((0, 0, wide, shore), fill=SKY)
    pen.rectangle((0, shore, wide, high), fill=WATER)
    _sun(pen, wide * rng.uniform(0.1, 0.9), high * 0.16, 70)
    for step in range(3):
        _ship(pen, wide * (0.2 + 0.3 * step), shore + 40 + 90 * step, rng)
    for line in range(9):
        y = shore + 60 + line * (high - shore) // 9
        _waves(pen, wide, y)


def _ship(pen: Pen, x: float, y: float, rng: Random) -> None:
    half, tall = rng.uniform(130, 200), rng.uniform(260, 380)
    hull = [(x - half, y), (x + half, y), (x + half * 0.7, y + 90), (x - half * 0.7, y + 90)]
    pen.line([(x, y), (x, y - tall)], fill=INK, width=LINE * 2)
    for side in (-1, 1):
        sail = [(x + side * 14, y - tall), (x + side * 14, y - 30), (x + side * half * 0.85, y - 30)]
        pen.polygon(sail, fill=rng.choice([PAPER, *PAINTS]), outline=INK, width=LINE)
    pen.polygon(hull, fill=rng.choice(PAINTS), outline=INK, width=LINE)


def _bridge(pen: Pen, wide: int, high: int, rng: Random) -> None:
    floor = round(high * 0.72)
    pen.rectangle((0, 0, wide, floor), fill=rng.choice(["#F2E6C8", "#E7ECE3", "#F3D9DC"]))
    pen.rectangle((0, floor, wide, high), fill="#B98A5A")
    left, right, parts = wide * 0.12, wide * 0.88, rng.randint(5, 9)
    top = floor - rng.uniform(230, 380)
    xs = [left + (right - left) * n / parts for n in range(parts + 1)]
    arch = [(x, floor - (floor - top) * math.sin(math.pi * n / parts)) for n, x in enumerate(xs)]
    for n, (x, y) in enumerate(arch):
        pen.line([(x, y), (x, floor)], fill="#D9A441", width=LINE * 2)
        pen.line([(x, floor), arch[max(0, n - 1)]], fill="#E8C06A", width=LINE * 2)
    pen.line(arch, fill="#C48A2C", width=LINE * 3, joint="curve")
    pen.line([(left - 60, floor), (right + 60, floor)], fill=INK, width=LINE * 2)
    for _ in range(rng.randint(3, 6)):
        x = rng.uniform(left + 80, right - 80)
        pen.ellipse((x - 40, floor - 86, x + 40, floor - 6), fill=rng.choice(PAINTS), outline=INK, width=LINE)


def _garden(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill=GRASS)
    beds = rng.randint(3, 4)
    for bed in range(beds):
        y = high * (bed + 0.15) / beds
        pen.rounded_rectangle((60, y, wide - 60, y + high * 0.7 / beds), 30, fill="#7A5233", outline=INK, width=LINE)
        paint = rng.choice(PAINTS)
        for plant in range(8):
            x, middle = 150 + plant * (wide - 300) / 7, y + high * 0.35 / beds
            for turn in range(6):
                a = turn * math.pi / 3 + rng.random()
                _dot(pen, x + 34 * math.cos(a), middle + 34 * math.sin(a), 22, "#9CCB7A")
            _dot(pen, x, middle, 26, paint)


def _city(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill=SKY)
    x = -40.0
    while x < wide:
        broad, tall = rng.uniform(120, 240), rng.uniform(0.3, 0.78) * high
        pen.rectangle((x, high - tall, x + broad, high), fill=rng.choice(["#D8AF7C", *PAINTS]), outline=INK, width=LINE)
        if rng.random() < 0.5:
            roof = [(x, high - tall), (x + broad / 2, high - tall - 90), (x + broad, high - tall)]
            pen.polygon(roof, fill="#8C5A3C", outline=INK, width=LINE)
        for row in range(int(tall // 110)):
            for column in (0.22, 0.6):
                left, top = x + broad * column, high - tall + 40 + row * 110
                pen.rectangle((left, top, left + broad * 0.18, top + 54), fill=PAPER, outline=INK, width=LINE // 2)
        x += broad + rng.uniform(6, 30)


def _bread(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill=rng.choice(["#D9E3EA", "#EBDCC3"]))
    for row in range(2):
        for column in range(3):
            x = wide * (0.2 + 0.3 * column) + rng.uniform(-30, 30)
            y = high * (0.3 + 0.4 * row) + rng.uniform(-30, 30)
            half, tall = wide * 0.11, high * rng.uniform(0.09, 0.13)
            pen.ellipse((x - half, y - tall, x + half, y + tall), fill="#C98B45", outline=INK, width=LINE)
            for cut in (-0.4, 0.0, 0.4):
                pen.line([(x + half * (cut - 0.12), y - tall * 0.5), (x + half * (cut + 0.12), y + tall * 0.3)],
                         fill="#F3DDB3", width=LINE * 2)  # fmt: skip


def _chairs(pen: Pen, wide: int, high: int, rng: Random) -> None:
    """A circle of chairs, seen from above."""
    pen.rectangle((0, 0, wide, high), fill=rng.choice(["#E7ECE3", "#EBDCC3", "#D9E3EA"]))
    pen.ellipse((wide * 0.32, high * 0.28, wide * 0.68, high * 0.72), fill=rng.choice(PAINTS), outline=INK, width=LINE)
    count = rng.randint(13, 17)
    for chair in range(count):
        turn = 2 * math.pi * chair / count
        x, y = wide / 2 + 0.32 * wide * math.cos(turn), high / 2 + 0.38 * high * math.sin(turn)
        seat = (x - 48, y - 48, x + 48, y + 48)
        pen.rounded_rectangle(seat, 16, fill=rng.choice(["#D8AF7C", "#C98B45"]), outline=INK, width=LINE)


def _buckets(pen: Pen, wide: int, high: int, rng: Random) -> None:
    floor = high * 0.8
    pen.rectangle((0, 0, wide, floor), fill="#F2E6C8")
    pen.rectangle((0, floor, wide, high), fill="#B98A5A")
    for step in range(4):
        x, tall = wide * (0.16 + 0.225 * step), high * rng.uniform(0.3, 0.45)
        body = [(x - 130, floor - tall), (x + 130, floor - tall), (x + 95, floor + 30), (x - 95, floor + 30)]
        pen.polygon(body, fill=rng.choice(PAINTS), outline=INK, width=LINE)
        pen.ellipse((x - 130, floor - tall - 40, x + 130, floor - tall + 40), fill=PAPER, outline=INK, width=LINE)
        pen.line([(x - 20, floor - tall - 10), (x + 110, floor - tall - 190)], fill=INK, width=LINE * 2)


def _books(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill="#EBDCC3")
    for shelf in (0.46, 0.92):
        board, x = high * shelf, wide * 0.05
        while x < wide * 0.9:
            broad, tall = rng.uniform(46, 110), high * rng.uniform(0.26, 0.38)
            spine = (x, board - tall, x + broad, board)
            pen.rectangle(spine, fill=rng.choice(PAINTS), outline=INK, width=LINE)
            pen.rectangle((x + broad * 0.25, board - tall * 0.8, x + broad * 0.75, board - tall * 0.55), fill=PAPER)
            x += broad + 4
        pen.rectangle((0, board, wide, board + 36), fill="#8C5A3C", outline=INK, width=LINE)


def _pancakes(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill=rng.choice(["#D9E3EA", "#E7ECE3"]))
    for row, parts in enumerate(rng.sample([2, 3, 4, 6, 8], 3)):
        x, y, radius = wide * (0.2 + 0.3 * row), high * rng.uniform(0.42, 0.58), min(wide, high) * 0.22
        _dot(pen, x, y, radius * 1.2, PAPER)
        _dot(pen, x, y, radius, "#E3B273")
        for cut in range(parts):
            turn = 2 * math.pi * cut / parts
            end = (x + radius * math.cos(turn), y + radius * math.sin(turn))
            pen.line([(x, y), end], fill=INK, width=LINE)


def _snail(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill="#E7ECE3")
    leaf = [(wide * 0.05, high * 0.8), (wide * 0.5, high * 0.62), (wide * 0.95, high * 0.8), (wide * 0.5, high * 0.97)]
    pen.polygon(leaf, fill=GRASS, outline=INK, width=LINE)
    x, y = wide * 0.48, high * 0.56
    pen.rounded_rectangle((x - 330, y + 110, x + 330, y + 200), 44, fill="#D8AF7C", outline=INK, width=LINE)
    for feeler in (-28, 28):
        pen.line([(x + 300, y + 130), (x + 330 + feeler, y - 30)], fill=INK, width=LINE)
        _dot(pen, x + 330 + feeler, y - 36, 16, INK)
    for ring, paint in enumerate(rng.sample(PAINTS, 4)):
        _dot(pen, x - 20, y, 210 - 50 * ring, paint)


def _glasses(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill="#EBDCC3")
    for step in range(5):
        x, full = wide * (0.12 + 0.19 * step), rng.uniform(0.2, 0.8)
        left, right, top, floor = x - 90, x + 90, high * 0.28, high * 0.82
        pen.rectangle((left, top, right, floor), fill=PAPER)
        pen.rectangle((left, floor - (floor - top) * full, right, floor), fill=rng.choice(PAINTS))
        pen.line([(left, top), (left, floor), (right, floor), (right, top)], fill=INK, width=LINE * 2)


def _islands(pen: Pen, wide: int, high: int, rng: Random) -> None:
    """A map on the wall."""
    pen.rectangle((0, 0, wide, high), fill=WATER)
    for _ in range(6):
        x, y, size = rng.uniform(0.12, 0.88) * wide, rng.uniform(0.15, 0.85) * high, rng.uniform(90, 190)
        coast = []
        for step in range(12):
            turn, far = math.pi * step / 6, size * rng.uniform(0.7, 1.2)
            coast.append((x + far * math.cos(turn), y + far * 0.8 * math.sin(turn)))
        pen.polygon(coast, fill=rng.choice([GRASS, "#D8AF7C", "#9CCB7A"]), outline=INK, width=LINE)
        _dot(pen, x, y, 16, "#D52715")


def _stage(pen: Pen, wide: int, high: int, rng: Random) -> None:
    pen.rectangle((0, 0, wide, high), fill="#F2E6C8")
    pen.rectangle((0, high * 0.82, wide, high), fill="#8C5A3C", outline=INK, width=LINE)
    paint = rng.choice(["#D52715", "#7B155A", "#2E7C5F"])
    for side in (0, 1):
        for fold in range(4):
            x = wide * (0.07 * fold if not side else 1 - 0.07 * (fold + 1))
            pen.rectangle((x, 0, x + wide * 0.07, high * 0.82), fill=paint, outline=INK, width=LINE)
    _sun(pen, wide / 2, high * 0.4, 120)
    pen.rectangle((0, 0, wide, high * 0.12), fill=paint, outline=INK, width=LINE)


def _sun(pen: Pen, x: float, y: float, radius: float) -> None:
    _dot(pen, x, y, radius, "#FFDC3B")


def _dot(pen: Pen, x: float, y: float, radius: float, paint: str) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=paint, outline=INK, width=LINE // 2)


def _waves(pen: Pen, wide: int, y: float) -> None:
    points = [(x, y + 9 * math.sin(x / 45 + y)) for x in range(0, wide + 30, 30)]
    pen.line(points, fill="#DDF0F7", width=LINE // 2)


def _form(pen: Pen, wide: int, high: int, rng: Random) -> None:
    """A form with crosses and something like a signature; nobody's."""
    pen.rectangle((wide * 0.2, 0, wide * 0.8, high), fill=PAPER, outline=INK, width=2)
    for row in range(8):
        y = high * (0.14 + 0.075 * row)
        pen.line([(wide * 0.26, y), (wide * rng.uniform(0.5, 0.6), y)], fill="#8A968F", width=10)
        for box in (0.66, 0.72):
            x = wide * box
            pen.rectangle((x, y - 16, x + 32, y + 16), outline=INK, width=4)
            if (box < 0.7) == (row % 4 != 3):
                pen.line([(x, y - 16), (x + 32, y + 16)], fill=INK, width=5)
                pen.line([(x, y + 16), (x + 32, y - 16)], fill=INK, width=5)
    points = [(wide * (0.3 + 0.02 * step), high * (0.86 + 0.04 * math.sin(step * 2.1))) for step in range(14)]
    pen.line(points, fill="#1A369D", width=6, joint="curve")


SUBJECTS: dict[str, Callable[[Pen, int, int, Random], None]] = {
    "schip": _ships,
    "brug": _bridge,
    "tuin": _garden,
    "stad": _city,
    "brood": _bread,
    "formulier": _form,
    "stoelen": _chairs,
    "emmers": _buckets,
    "boeken": _books,
    "pannenkoeken": _pancakes,
    "slak": _snail,
    "glazen": _glasses,
    "kaart": _islands,
    "toneel": _stage,
}
