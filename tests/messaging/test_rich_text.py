"""Text to HTML: nothing typed can become markup, and addresses can be clicked."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.writings.domain.rich_text import lines_on_a_phone, to_html

REL = 'rel="noopener noreferrer nofollow"'


class Reader(HTMLParser):
    """Collects tags and visible text the way a browser would."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def links(text: str) -> list[str]:
    return [attrs["href"] for tag, attrs in Reader(to_html(text)).tags if tag == "a"]


def test_paragraphs_and_lines():
    assert to_html("een\ntwee\n\n\ndrie") == '<p dir="auto">een<br>twee</p><p dir="auto">drie</p>'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kijk op https://school.example/a?b=1&c=2.", ["https://school.example/a?b=1&c=2"]),
        ("(zie http://school.example/a_(b))", ["http://school.example/a_(b)"]),
        ("www.school.nl, echt", ["https://www.school.nl"]),
        ("mail juf@school.nl!", ["mailto:juf@school.nl"]),
        ("HTTPS://SCHOOL.EXAMPLE", ["HTTPS://SCHOOL.EXAMPLE"]),
        ("kom maar.nu of bel 0597-01 23 45", []),
        ("javascript:alert(1) data:text/html,x vbscript:x ftp://a.nl //a.nl file:///etc/passwd", []),
        ("[a](javascript:alert(1)) ![x](data:image/png;base64,AAAA)", []),
        ("https://" + "a" * 2_000 + ".nl", []),
    ],
)
def test_which_addresses_can_be_clicked(text, found):
    assert links(text) == found


def test_a_link_says_nothing_about_where_it_came_from():
    assert f'<a href="https://a.nl" {REL}>https://a.nl</a>' in to_html("https://a.nl")


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "</script></textarea>]]>",
        '<b hx-get="/x" hx-on:click="x" data-hx-post="/x">',
        "{% load i18n %}{{ 7|add:7 }}",
        "style=background:url(https://evil.example/x)",
        'https://evil.example/"onmouseover="alert(1)',
        "https://evil.example/'><script>alert(1)</script>",
        "' OR 1=1--",
    ],
)
def test_markup_is_shown_as_it_was_typed(text):
    read = Reader(to_html(text))
    assert read.text == text
    assert {tag for tag, _ in read.tags} <= {"p", "br", "a"}
    assert all(set(attrs) <= {"href", "rel", "dir"} for _, attrs in read.tags)


@given(st.text(alphabet=st.sampled_from(list("<>&\"'`= /:.@()[]aswhtp\nx-")), max_size=120))
def test_no_text_becomes_markup(text):
    read = Reader(to_html(text))
    assert {tag for tag, _ in read.tags} <= {"p", "br", "a"}
    assert read.text == "".join(part.replace("\n", "") for part in text.split("\n"))
    assert all(href.lower().startswith(("http://", "https://", "mailto:")) for href in links(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [("Kort.", 1), ("x" * 38, 1), ("x" * 39, 2), ("één\ntwee\n\ndrie", 3), ("&" * 38, 1), ("https://kring.example", 1)],
)
def test_how_many_lines_a_text_takes_on_a_phone(text, lines):
    """Tags and escaped signs take no room; a line that ends short is a line."""
    assert lines_on_a_phone(to_html(text)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "a@" * 10_000,
        "http://" + "." * 19_000,
        "http://a.nl/" + "(" * 19_000,
        "http://a.nl/" + "[(" * 9_000,
        "http://a.nl/" + "\"'" * 9_000,
        "www." * 5_000,
        "a.b@" * 5_000,
        "a-" * 10_000,
        "http://" * 2_800,
        "https://a.nl " * 1_500,
        "\u0301" * 20_000,
    ],
)
def test_no_text_takes_long(text):
    begun = time.perf_counter()
    to_html(text)
    assert time.perf_counter() - begun < 1.0
