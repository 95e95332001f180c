"""The Dutch catalogue: complete, B1, warm – and each English text has its Dutch one."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

CATALOGUE = Path(settings.BASE_DIR) / "locale/nl/LC_MESSAGES/django.po"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
BANNED = ["indien", "middels", "betreffende", "dient te", "teneinde", "derhalve", "conform", "succesvol", "ongeldig"]
LONGEST = 15


def texts() -> list[tuple[str, str]]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="nl")
    return [
        (str(message.id), text)
        for message in catalogue
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]


def sentences(text: str) -> list[str]:
    plain = re.sub(r"%\(\w+\)s|%s|\{\w+\}", "X", re.sub(r"<[^>]+>", " ", text))
    return [part for part in re.split(r"(?<=[.!?:;])\s+|\n", plain) if part.strip()]


def test_every_text_is_translated() -> None:
    assert [english for english, dutch in texts() if not dutch.strip()] == []


@pytest.mark.parametrize("word", BANNED)
def test_office_words_are_not_used(word: str) -> None:
    assert [dutch for _, dutch in texts() if re.search(rf"\b{word}\b", dutch, re.I)] == []


def test_sentences_are_short() -> None:
    long = [part for _, dutch in texts() for part in sentences(dutch) if len(part.split()) > LONGEST]
    assert long == []


def test_placeholders_are_kept() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s|\{(\w+)\}", text))

    assert [english for english, dutch in texts() if not names(dutch) <= names(english)] == []


@pytest.mark.parametrize("page", sorted(path.name for path in TEMPLATES.glob("[45]*.html")))
def test_an_error_page_speaks_to_parents_and_colleagues_alike(page: str) -> None:
    """It cannot know who reads it, so it says neither u nor je."""
    asked = set(re.findall(r'{% translate "([^"]+)" %}', (TEMPLATES / page).read_text()))
    said = [dutch for english, dutch in texts() if english in asked]
    assert said
    assert [words for words in said if re.search(r"\b(u|uw|je|jij|jouw)\b", words, re.IGNORECASE)] == []
