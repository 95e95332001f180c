"""What is typed becomes one spelling; what cannot be stored is refused with a reason."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.writings.domain.text import (
    RAW_LIMIT,
    EmptyTextError,
    TextRefusedError,
    TextTooLongError,
    UnreadableTextError,
    tidy_text,
    tidy_title,
)

FAMILY = "\U0001f468‍\U0001f469‍\U0001f467"


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("  Dag.  ", "Dag."),
        ("een\r\ntwee\rdrie", "een\ntwee\ndrie"),
        ("een\u2028twee", "een\ntwee"),
        ("een\n\n\n\n\n\n\ntwee", "een\n\n\n\ntwee"),
        ("een  \t \n twee", "een\n twee"),
        ("e\u0301\u00e9n", "\u00e9\u00e9n"),
        ("gpj\u202eexe.foto", "gpjexe.foto"),
        ("nul\u200bbreed", "nulbreed"),
        (FAMILY, FAMILY),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("'t Hooft, Ĳsbrand, Ö.", "'t Hooft, Ĳsbrand, Ö."),
        ("Z" + "\u0310" * 40, "Z" + "\u0310" * 4),
        ("{{7*7}} %s {0.__class__}", "{{7*7}} %s {0.__class__}"),
    ],
)
def test_tidy_text_keeps_what_can_be_seen(raw, tidied):
    assert tidy_text(raw) == tidied


@pytest.mark.parametrize("raw", ["", " \n\t", "\u200b", "\u200d\ufeff", "\u202e", "\u0310\u0311", "\n" * 100_000])
def test_nothing_to_see_is_empty(raw):
    with pytest.raises(EmptyTextError):
        tidy_text(raw)


@pytest.mark.parametrize("raw", ["a\x00b", "a\x1bb", "\ud800", "a\udfff", "\x7f", "\x9f", "\uffff", "\ufdd0"])
def test_control_characters_are_refused(raw):
    with pytest.raises(UnreadableTextError):
        tidy_text(raw)


def test_limits_count_what_is_kept():
    assert len(tidy_text("x" * 20_000 + " " * 500)) == 20_000
    with pytest.raises(TextTooLongError) as refused:
        tidy_text("x" * 20_001)
    assert refused.value.limit == 20_000
    with pytest.raises(TextTooLongError):
        tidy_text("x" * (RAW_LIMIT + 1))
    assert len(tidy_title("x" * 150)) == 150
    with pytest.raises(TextTooLongError):
        tidy_title("x" * 151)


def test_a_title_is_one_line():
    assert tidy_title(" Herfst\r\n op\ttafel ") == "Herfst op tafel"


@given(st.text(max_size=300))
def test_tidying_twice_changes_nothing_more(raw):
    try:
        once = tidy_text(raw)
    except TextRefusedError:
        return
    assert tidy_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    once.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=1, max_size=100))
def test_letters_digits_and_signs_all_stay(raw):
    assert tidy_title(raw) == unicodedata.normalize("NFC", raw)
