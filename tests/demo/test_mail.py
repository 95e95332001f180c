import re
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import reverse

from portal.core.mail import ManyRecipientsError
from portal.demo.mail import mails
from tests.cast import SIGN_IN, Cast

BACKEND = "portal.demo.mail.MailboxBackend"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path: Path) -> None:
    settings.KRING_DATA_DIR = tmp_path


def send(subject: str = "Uw code", **fields: list[str]) -> None:
    mail = EmailMultiAlternatives(subject, "Uw code is 123-456 \u2013 tot zo", to=["karima@post.example"])
    mail.attach_alternative("<p>Uw code is <b>123-456</b></p><script>alert(1)</script>", "text/html")
    for name, value in fields.items():
        setattr(mail, name, value)
    get_connection(BACKEND).send_messages([mail])


def test_a_mail_becomes_a_file_that_reads_back() -> None:
    send("Ömer Öztürk schreef iets")
    (mail,) = mails(limit=5)
    assert (mail.to, mail.subject) == ("karima@post.example", "Ömer Öztürk schreef iets")
    assert mail.text.strip() == "Uw code is 123-456 \u2013 tot zo"


@pytest.mark.parametrize("extra", [{"cc": ["a@b.example"]}, {"bcc": ["a@b.example"]}, {"to": ["a@b.c", "d@e.f"]}])
def test_a_mail_to_two_people_is_refused(extra: dict[str, list[str]]) -> None:
    with pytest.raises(ManyRecipientsError):
        send(**extra)
    assert mails(limit=5) == []


def test_newest_first_and_older_behind_a_link(client: Client) -> None:
    for number in range(43):
        send(f"Mail {number}")
    first = client.get(reverse("demo:mailbox"))
    assert [mail.subject for mail in first.context["mails"]] == [f"Mail {n}" for n in range(42, 2, -1)]
    second = client.get(reverse("demo:mailbox"), {"voor": str(first.context["older"].uid)})
    assert [mail.subject for mail in second.context["mails"]] == ["Mail 2", "Mail 1", "Mail 0"]


def test_who_is_signed_in_finds_the_own_mails(client: Client, cast: Cast) -> None:
    for number, name in enumerate(["mother", "father"] * 41):
        send(f"Mail {number}", to=[cast.user(name).email])
    assert client.get(reverse("demo:mailbox")).context["options"] == []
    client.force_login(cast.mother, backend=SIGN_IN)
    options = client.get(reverse("demo:mailbox")).context["options"]
    assert [option["current"] for option in options] == [True, False]
    first = client.get(options[1]["url"])
    assert [mail.subject for mail in first.context["mails"]] == [f"Mail {n}" for n in range(80, 0, -2)]
    link = re.search(r'class="btn older" href="([^"]*)"', first.content.decode())
    assert link
    older = client.get(reverse("demo:mailbox") + link[1].replace("&amp;", "&"))
    assert [mail.subject for mail in older.context["mails"]] == ["Mail 0"]


@pytest.mark.parametrize("before", ["abc", "00000000-0000-0000-0000-000000000000"])
def test_a_strange_place_to_read_on_from_is_no_error(client: Client, before: str) -> None:
    assert client.get(reverse("demo:mailbox"), {"voor": before}).status_code == 200


def test_a_mail_shows_its_text_and_never_its_markup(client: Client) -> None:
    send()
    (mail,) = mails(limit=1)
    page = client.get(reverse("demo:mail", args=[mail.uid]))
    assert b"123-456" in page.content
    assert b"alert(1)" not in page.content


def test_the_layout_of_a_mail_is_locked_up(client: Client) -> None:
    send()
    (mail,) = mails(limit=1)
    page = client.get(reverse("demo:mail_layout", args=[mail.uid]))
    policy = {part.strip() for part in page["Content-Security-Policy"].split(";")}
    assert policy == {"default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'none'", "sandbox"}
    assert b"<b>123-456</b>" in page.content


@pytest.mark.parametrize("name", ["demo:mail", "demo:mail_layout"])
def test_an_unknown_mail_is_not_found(client: Client, name: str) -> None:
    assert client.get(reverse(name, args=["00000000-0000-0000-0000-000000000000"])).status_code == 404
