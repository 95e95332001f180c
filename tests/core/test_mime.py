"""A mail as bytes: standard, the same in meaning as the one Django writes, and no text becomes a header (E1–E7)."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.mime import mail_bytes
from portal.core.mail import OutgoingMail

HEADERS = {
    "Message-ID": "<ad5f0f0e-6d61-4f0e-9b3e-1d2f3a4b5c6d@school.example>",
    "Auto-Submitted": "auto-generated",
    "List-Unsubscribe": f"<https://kring.example/weeknieuws/stop/{'x' * 160}/>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
TEXTS = {
    "plain": "Beste ouders,\n\nMorgen is er gym.\n",
    "accents": "Één kop thee, façade, 🎂, Ĳsbrand\n",
    "no line end": "Tot morgen",
    "dots": ".\n..\n.verborgen\ntekst.\n.\n",
    "line ends of others": "een\r\ntwee\rdrie\n",
    "spaces at the end": "een  \ntwee\t\n \n",
    "from the start": "From hier\nFrom daar\n",
    "looks encoded": "=C3=A9 =?utf-8?q?a?=\n",
    "a line of 998": "a" * 998 + "\n",
    "a line of 999": "a" * 999 + " \n.\n",
    "a long line of accents": "é" * 500 + "\nkort\n",
    "other separators": "een\u2028twee\u2029drie\x0bvier\x0cvijf\x85zes\n",
}
SUBJECTS = {
    "plain": "Weeknieuws van De Linde, vrijdag 20 november",
    "accents": "Weeknieuws van Ĳsbrand é, vrijdag",
    "long": "woord " * 60 + "slot",
    "long and without spaces": "w" * 500,
    "very long": "wóórd " * 900 + "slot",
    "empty": "",
}
ADDRESSES = ["ouder@school.example", "o'hara+kring@school.example", "ouder@bücher.example"]


def parsed(content: bytes) -> Any:
    return message_from_bytes(content, policy=policy.default)


def told(message: EmailMessage) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The headers by their meaning, and each part's kind and text."""
    headers = {name: str(value).strip() for name, value in message.items() if name not in {"Date", "Content-Type"}}
    return headers, [(part.get_content_type(), part.get_content()) for part in message.iter_parts()]


def both(subject: str, text: str, html: str, to: str) -> tuple[Any, Any]:
    ours = OutgoingMail(subject, text, html, to=to, headers=HEADERS)
    theirs = EmailMultiAlternatives(subject, text, to=[to], headers=HEADERS, alternatives=[(html, "text/html")])
    return parsed(ours.wire), parsed(theirs.message().as_bytes(linesep="\r\n"))


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("to", ADDRESSES)
def test_it_means_what_djangos_mail_means(text: str, to: str) -> None:
    ours, theirs = both(SUBJECTS["accents"], text, f"<p>{text}</p>", to)
    assert told(ours) == told(theirs)
    assert ours.get_content_type() == theirs.get_content_type() == "multipart/alternative"
    assert ours.defects == []


def test_what_a_template_leaves_out_leaves_no_gap() -> None:
    text = "Mee naar het bos?\n\n\nJa of nee.\n  \n\t\n\nTot dan.\n\nJoost\n"
    assert OutgoingMail("Onderwerp", text, "", to=ADDRESSES[0], headers={}).body == (
        "Mee naar het bos?\n\nJa of nee.\n\nTot dan.\n\nJoost\n"
    )


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=list(SUBJECTS))
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    assert parsed(mail_bytes({"Subject": subject}, "t", "<p>t</p>"))["Subject"] == subject


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=list(SUBJECTS))
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_lines_are_of_lawful_length_and_end_lawfully(subject: str, text: str) -> None:
    content = OutgoingMail(subject, text, f"<p>{text}</p>", to=ADDRESSES[0], headers=HEADERS).wire
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.partition(b"\r\n\r\n")[0].isascii()


@pytest.mark.parametrize("name", ["Subject", "List-Unsubscribe", "Message-ID", "To"])
@pytest.mark.parametrize(
    "between", ["\n", "\r", "\r\n", "\r\n ", "\n\n", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
)
@pytest.mark.parametrize("rest", ["Bcc: iemand@post.example", "zomaar"])
def test_no_text_becomes_a_header_of_its_own(name: str, between: str, rest: str) -> None:
    with pytest.raises(ValueError, match=name):
        mail_bytes({"Subject": "s", name: f"Groep 4{between}{rest}"}, "t", "<p>t</p>")


def test_what_looks_encoded_is_text() -> None:
    smuggled = "Groep =?utf-8?q?4=0ABcc=3A_iemand?="
    message = parsed(mail_bytes({"Subject": smuggled}, "t", "<p>t</p>"))
    assert message["Subject"] == smuggled
    assert message.keys() == ["Subject", "MIME-Version", "Content-Type"]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.text(st.characters(exclude_categories=["Cs"]))
)
def test_any_subject_is_refused_or_one_header(subject: str, text: str) -> None:
    try:
        content = mail_bytes({"Subject": subject}, text, text)
    except ValueError:
        return
    message = parsed(content)
    assert message.keys() == ["Subject", "MIME-Version", "Content-Type"]
    assert len(list(message.iter_parts())) == 2
