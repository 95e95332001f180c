"""Addresses of real people: what is accepted can be sent, to exactly that mailbox or visibly not at all."""

import socket
from collections.abc import Iterator
from contextlib import closing
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from hypothesis import example, given
from hypothesis import strategies as st

from portal.core.domain.addresses import is_address, wire_address
from portal.core.mail import OutgoingMail, SmtpBackend, as_written

KARIMA = "karima@thuis.example"
JORG = "jörg@thuis.example"
WAY_OUT = f"<https://kring.example/weeknieuws/stop/{'x' * 160}/>"
pieces = st.text(max_size=12) | st.sampled_from(["a", "jörg", "=?utf-8?q?a?=", "é" * 60, "⒈", "ß", "xn--", ".", "x\n"])


@pytest.mark.parametrize(
    "address", [KARIMA, JORG, "o'neill+kring@post.example", "a@straße.example", "用户@例子.example"]
)
def test_real_addresses_are_addresses(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "a@post\n.nl",
        "a@post.nl\n",
        "a@" + "é" * 60 + ".nl",
        "a\n@post.nl",
        "a@xn--.nl",
        "a@⒈.nl",
        "a@-b.nl",
        "a@",
        "@b.nl",
    ],
)
def test_what_no_server_takes_is_no_address(address: str) -> None:
    assert not is_address(address)


@given(local=pieces, domain=st.lists(pieces, min_size=1, max_size=3))
@example(local="a", domain=["post\n", "nl"])
@example(local="a", domain=["é" * 60, "nl"])
def test_what_is_accepted_reaches_the_same_mailbox(local: str, domain: list[str]) -> None:
    address = f"{local}@{'.'.join(domain)}"
    if not is_address(address):
        return
    EmailMessage("Onderwerp", "Tekst", "school@kring.example", [address]).message().as_bytes()
    assert wire_address(address).rpartition("@")[0] == local
    assert wire_address(address).rpartition("@")[2].isascii()
    if local.isascii():
        assert sanitize_address(address, "utf-8") == as_written(address) == wire_address(address)


class Mailbox:
    """Keeps what a server was handed: the envelope and the bytes."""

    def __init__(self) -> None:
        self.received: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.received.append(envelope)
        return "250 OK"


class Server(Controller):
    international = True

    def factory(self) -> SMTP:
        return SMTP(self.handler, enable_SMTPUTF8=self.international, hostname="mail.example")


class OldServer(Server):
    international = False


@pytest.fixture(params=[Server, OldServer])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    running = request.param(Mailbox(), hostname="127.0.0.1", port=port)
    running.start()
    yield running
    running.stop()


def a_code(address: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Onderwerp é", "Tekst é", "school@kring.example", [address])
    message.attach_alternative("<p>Tekst é</p>", "text/html")
    return message


def a_newsletter(address: str) -> EmailMultiAlternatives:
    return OutgoingMail("Nieuws é", "Tekst é", "<p>Tekst é</p>", to=address, headers={"List-Unsubscribe": WAY_OUT})


def send(server: Server, *messages: EmailMessage) -> None:
    SmtpBackend(host="127.0.0.1", port=server.port, timeout=5).send_messages(messages)


def test_an_ordinary_address_goes_to_every_server(server: Server) -> None:
    send(server, a_code(KARIMA), a_newsletter(KARIMA))
    assert [envelope.rcpt_tos for envelope in server.handler.received] == [[KARIMA]] * 2


def test_an_international_address_goes_where_it_can_and_is_refused_elsewhere(server: Server) -> None:
    if server.international:
        send(server, a_code(JORG), a_newsletter(JORG))
        assert [envelope.rcpt_tos for envelope in server.handler.received] == [[JORG]] * 2
        assert all(f"To: {JORG}".encode() in envelope.content for envelope in server.handler.received)
        assert WAY_OUT.encode() in server.handler.received[1].content
        return
    with pytest.raises(SMTPRecipientsRefused) as refused:
        send(server, a_code(JORG))
    assert list(refused.value.recipients) == [JORG]
    assert server.handler.received == []


def test_an_address_that_cannot_be_written_is_refused_like_any_other(server: Server) -> None:
    with pytest.raises(SMTPRecipientsRefused):
        send(server, a_code("a@" + "é" * 60 + ".nl"))
