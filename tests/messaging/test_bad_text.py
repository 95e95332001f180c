"""What people and programs type, through the whole way: form, service, page. Shown as typed, or refused in words."""

import html
import re

import pytest
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Post, Reply

STORED = [
    "<img src=x onerror=alert(1)> <svg/onload=alert(1)>",
    "</script><script>alert(1)</script>]]>",
    "</textarea><b>vet</b>",
    "{{7*7}} {% load i18n %} %s %(x)s {0.__class__}",
    "[a](javascript:alert(1)) ![b](https://evil.example/t.png)",
    '<a hx-get="/x" hx-on:click="x" data-hx-post="/x">',
    "url(https://evil.example/x) style=width:expression(1)",
    "=1+1 @SUM(A1) +1 -1",
    "' OR 1=1-- ; DROP TABLE messaging_post",
    "undefined null None NaN true 0x0 1e400",
    "Ω≈ç√ ÅÍÎ 田中さん 표 السلام עברית ไทย ٣٤",
    "\U0001f468‍\U0001f469‍\U0001f467 \U0001f3f3️‍\U0001f308",
    "'t Hooft, Ĳsbrand, van der Meer-d'Ancona, Ö.",
    "x" * 3_000,
    "\\\\evil\\share ..\\..\\x ../../etc/passwd %2e%2e%2f",
    "Header: x\nBcc: y@z.nl",
]


@pytest.mark.parametrize("text", STORED)
def test_a_text_is_shown_as_it_was_typed(town, place, browser_of, text):
    response = browser_of("Karima").post(
        reverse("messaging:post", args=[Hat.FAMILY, place().uid]), {"text": text, "shown": "all"}, follow=True
    )
    assert response.status_code == 200
    assert Reply.objects.get().text == text
    [shown] = re.findall(
        r'<article class="msg mine".*?<div class="text"[^>]*>(.*?)</div>', response.content.decode(), re.S
    )
    assert set(re.findall(r"<(/?\w+)", shown)) <= {"p", "/p", "br", "a", "/a"}
    assert html.unescape(re.sub(r"<[^>]+>", "", shown.replace("<br>", "\n"))) == text


@pytest.mark.parametrize("text", STORED[:9])
def test_a_title_is_escaped_wherever_it_stands(town, browser_of, text):
    client = browser_of("Anna")
    fields = {
        "groep": str(town.group["g4"].uid),
        "topic": "update",
        "replies": "on",
        "text": "Dag.",
        "title": text[:150],
    }
    client.post(reverse("messaging:compose", args=[Hat.STAFF]), fields)
    post = Post.objects.get()
    for name, args in [("post", [post.uid]), ("edit", [post.uid]), ("retract", [post.uid]), ("feed", [])]:
        page = client.get(reverse(f"messaging:{name}", args=[Hat.STAFF, *args])).content.decode()
        assert html.escape(post.title) in page or html.escape(post.title).replace("&#x27;", "&#39;") in page
        if "<" in post.title:
            assert post.title not in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\x00b", "Hier staan tekens in die Kring niet kan bewaren."),
        ("\x1b[31mrood", "Hier staan tekens in die Kring niet kan bewaren."),
        ("\u200b\u200b", "Schrijf eerst een reactie."),
        ("", "Schrijf eerst een reactie."),
        ("y" * 30_000, "Dit heeft 30000 tekens. Er passen er 20000."),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(place, browser_of, text, sentence):
    response = browser_of("Karima").post(reverse("messaging:post", args=[Hat.FAMILY, place().uid]), {"text": text})
    assert response.status_code == 422
    assert sentence in re.sub(r"\s+", " ", response.content.decode())
    assert Reply.objects.count() == 0


def test_bytes_that_are_no_text(place, browser_of):
    """A lone surrogate or half a character arrives as a replacement sign, not as an error."""
    response = browser_of("Karima").post(
        reverse("messaging:post", args=[Hat.FAMILY, place().uid]),
        b"shown=all&text=%ED%A0%80+dag+%FF",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 302
    assert "dag" in Reply.objects.get().text


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_another_kind_of_body_is_an_empty_form(place, browser_of, content_type):
    response = browser_of("Karima").post(
        reverse("messaging:post", args=[Hat.FAMILY, place().uid]), '{"text": "dag"}', content_type=content_type
    )
    assert response.status_code == 422
    assert Reply.objects.count() == 0
