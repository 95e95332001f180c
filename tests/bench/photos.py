"""One photo of twelve megapixels to 1600, 800 and 400 pixels, against libvips with the same settings (P9).

CPU is user and system time. Starting the child, and starting vips, is counted for neither; looking at the made files
once more is counted for Kring. Memory is the child's peak over what its imports take.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from portal.core.media import child

SIZE = (4032, 3024)
ROUNDS = 5
GOAL_CPU = 1.4
GOAL_PEAK = 60
QUALITY_OF_A_PHONE = 90
OUR_SIDE = """
import importlib.util, json, re, sys, time
def peak():
    return int(re.search("VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
child.Image.preinit()
photo = open(sys.argv[2], "rb").read()
imported = peak()
begun = time.process_time()
_, files = child.developed(photo, sys.argv[3])
spent = time.process_time() - begun
print(json.dumps({"cpu": spent, "peak": peak() - imported, "bytes": sum(map(len, files))}))
"""


def report() -> list[str]:
    """Print the figures; returns the names of the goals that were missed."""
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        photograph().save(photo, quality=QUALITY_OF_A_PHONE)
        ours, jpeg = _ours(photo, "webp"), _ours(photo, "jpeg")
        size = f"{SIZE[0]} x {SIZE[1]}, {photo.stat().st_size / 1e6:.1f} MB"
        print(f"photo of {size}: {_figures(ours)} (goal for the peak <= {GOAL_PEAK} MB)")
        print(f"  the JPEGs, when an old browser asks: {_figures(jpeg)}")
        theirs = _theirs(photo, Path(folder))
    missed = ["photo peak"] if ours["peak"] > GOAL_PEAK else []
    if theirs is None:
        print("  vipsthumbnail is not installed (apt install libvips-tools): no ratio")
        return missed
    ratio = ours["cpu"] / theirs
    print(f"  libvips: {theirs * 1000:.0f} ms cpu; Kring {ratio:.2f} x (goal <= {GOAL_CPU})")
    return missed + (["photo cpu"] if ratio > GOAL_CPU else [])


def photograph() -> Image.Image:
    """Something as hard to compress as a photo: coarse and fine spots over each other, and a sensor's grain."""
    rng = random.Random(12)
    colours = [_spots(rng) for _ in range(3)]
    return Image.merge("RGB", colours)


def _spots(rng: random.Random) -> Image.Image:
    plane = Image.new("L", SIZE, 128)
    for width, strength in ((6, 60), (24, 40), (96, 24), (384, 12), (1536, 6), (4032, 3)):
        height = width * 3 // 4
        noise = Image.frombytes("L", (width, height), rng.randbytes(width * height))
        spread = noise.resize(SIZE, Image.Resampling.BICUBIC).point(lambda value, part=strength: value * part // 128)
        plane = ImageChops.subtract(ImageChops.add(plane, spread), Image.new("L", SIZE, strength))
    return plane


def _ours(photo: Path, kind: str) -> dict[str, float]:
    """The least of some rounds, each in a process of its own."""
    command = [sys.executable, "-I", "-c", OUR_SIDE, child.__file__, str(photo), kind]
    rounds = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(ROUNDS)]
    return {name: min(one[name] for one in rounds) for name in rounds[0]}


def _theirs(photo: Path, folder: Path) -> float | None:
    """CPU seconds of vips: the large size from the photo, the others from the large one as it is in memory."""
    if not shutil.which("vipsthumbnail"):
        return None
    saving = {
        side: f"[Q={child.QUALITY['webp'][side]},effort={child.HOW['webp']['method']},strip]" for side in child.SIDES
    }
    between = folder / "between.v"
    subprocess.run(["vipsthumbnail", photo, "--size", "1600x1600", "-o", between], check=True)
    large = ["vipsthumbnail", photo, "--size", "1600x1600", "-o", f"{folder / 'large.webp'}{saving[1600]}"]
    others = [
        ["vipsthumbnail", between, "--size", f"{side}x{side}", "-o", f"{folder / str(side)}.webp{saving[side]}"]
        for side in child.SIDES[1:]
    ]
    start = _least(["vipsthumbnail", "--help"])
    return sum(map(_least, [large, *others])) - len(child.SIDES) * start


def _least(command: list[str | Path]) -> float:
    return min(_cpu(command) for _ in range(ROUNDS))


def _cpu(command: list[str | Path]) -> float:
    process = subprocess.Popen(command, env={**os.environ, "VIPS_CONCURRENCY": "1"}, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def _figures(measured: dict[str, float]) -> str:
    return (
        f"{measured['cpu'] * 1000:.0f} ms cpu, peak {measured['peak']:.0f} MB, {measured['bytes'] / 1000:.0f} kB kept"
    )
