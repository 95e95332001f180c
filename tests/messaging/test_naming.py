"""Names of children in a text: found however they are written, never inside another word."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.writings.domain.naming import Mention, Names, TextPart, fold, pieces_of

CHILDREN = ["Noor", "Anne-Fleur", "Zoë", "Max", "Jan Willem", "Łukasz", "Roos", "Bo", "İlayda", "Noor van den Berg"]
CHILDREN += ["D'Angelo", "Sa’ad"]

FOUND = [
    ("Noor hielp in de tuin.", ["noor"]),
    ("NOOR en noor", ["noor", "noor"]),
    ("Noors tas, Noor's jas en Noor’s pet", ["noor"] * 3),
    ("Max' fiets en Maxs bal", ["max"] * 2),
    ("Zoe, Zoë en ZOE\u0308", ["zoe"] * 3),
    ("Anne Fleur, Anne-Fleur en anne\u2011fleur", ["anne fleur"] * 3),
    ("Jan-Willem en Jan\nWillem", ["jan willem"] * 2),
    ("Lukasz", ["lukasz"]),
    ("Ilayda en İlayda en ılayda", ["ilayda"] * 3),
    ("(Roos) *Roos* _Roos_ “Roos” roos.", ["roos"] * 5),
    ("No\u00ador en No\u200bor", ["noor"] * 2),
    ("Noor van den Berg en Noor", ["noor van den berg", "noor"]),
    ("Ｎｏｏｒ", ["noor"]),
    ("noor@school.nl", ["noor"]),
    *((f"D{mark}Angelo hielp Sa{mark}ad", ["d'angelo", "sa'ad"]) for mark in "'’‘ʼ`´′"),
    ("D’Angelo’s jas", ["d'angelo"]),
]
NOT_FOUND = [
    "Noorwegen, noordenwind en Eleonoor",
    "rozen, Roosje en roosteren",
    "boek, Bob en Boris",
    "maximum",
    "Anne en Fleur",
    "Noor1 en 2Noor",
    "",
    "🌹",
]


def names_in(text: str, names: list[str]) -> list[Mention]:
    return Names(tuple(names)).mentioned_in(text)


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_found_however_it_is_written(text, names):
    assert [mention.name for mention in names_in(text, CHILDREN)] == names


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found_inside_another_word(text):
    assert names_in(text, CHILDREN) == []


def test_nobody_to_look_for():
    assert names_in("Noor", []) == names_in("Noor", ["", " ", "\u200b"]) == []


def test_pieces_mark_the_names():
    text = "Kijk, Zoë’s toren!"
    assert pieces_of(text, names_in(text, CHILDREN)) == [
        TextPart("Kijk, ", is_name=False),
        TextPart("Zoë", is_name=True),
        TextPart("’s toren!", is_name=False),
    ]


words = st.text(max_size=60)
names = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12)


@given(words, st.lists(names, max_size=4))
def test_put_together_again_it_is_the_same_text(text, children):
    found = names_in(text, children)
    assert "".join(piece.text for piece in pieces_of(text, found)) == text
    assert {mention.name for mention in found} <= {fold(name) for name in children}
    assert all(fold(text[one.start : one.end]) == one.name for one in found)


@given(
    st.sampled_from(CHILDREN), st.sampled_from(["", "s", "'s", "’s"]), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
)
def test_a_name_between_other_words_is_always_found(name, possessive, form):
    for written in (name, name.upper(), name.lower(), name.title()):
        text = unicodedata.normalize(form, f"Vandaag was {written}{possessive} beurt; ook morgen.")
        assert fold(name) in {mention.name for mention in names_in(text, CHILDREN)}


@given(names, words, words)
def test_one_name_among_many_is_found_as_alone(name, before, after):
    text = f"{before} {name} {after}"
    alone = [one for one in Names((name,)).mentioned_in(text)]
    if fold(name):
        assert any(fold(text[one.start : one.end]) == fold(name) for one in alone)


@given(st.text(max_size=2000))
def test_any_text_is_read_to_its_end(text):
    assert all(one.start < one.end <= len(text) for one in names_in(text, CHILDREN))
