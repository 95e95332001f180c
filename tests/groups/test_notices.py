"""Safety notices: rows of the fast lane, at the address the account had, three days long; no page waits for them."""

from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core import mail
from django.test import RequestFactory
from django.utils import timezone, translation

from groups.accounts.services.notices import KIND, NOTICES, send_notice
from portal.core import outbox
from portal.core.models import OutboxItem, OutboxState, User
from tests.groups.small_school import account
from tests.mail.delivering import deliver_fast

pytestmark = pytest.mark.django_db
ADDRESS = "karima@thuis.example"


@pytest.fixture
def mother() -> User:
    return account(ADDRESS)


@pytest.mark.parametrize("name", NOTICES)
def test_each_says_what_and_when_in_the_readers_language(mother: User, name: str) -> None:
    User.objects.filter(pk=mother.pk).update(language="en")
    at = timezone.now()
    send_notice(name=name, user=mother, address=ADDRESS, now=at)
    assert mail.outbox == []
    deliver_fast()
    (message,) = mail.outbox
    with translation.override("en"):
        subject, heading = str(NOTICES[name].subject), str(NOTICES[name].heading)
    assert (message.to, message.subject) == ([ADDRESS], subject)
    moment = f"at {timezone.localtime(at):%-H:%M}"
    for body in (message.body, message.alternatives[0].content):
        assert heading in body
        assert moment in body
        assert "Was this not you? Call the school at once." in body


def test_a_notice_follows_no_address_that_was_changed_after_it(mother: User) -> None:
    """Who took an account over and changed its address keeps no notice from its owner."""
    send_notice(name="password_changed", user=mother, address=ADDRESS, now=timezone.now())
    User.objects.filter(pk=mother.pk).update(email="dief@elders.example")
    deliver_fast()
    assert [message.to for message in mail.outbox] == [[ADDRESS]]


def test_it_is_tried_for_three_days_and_then_the_office_sees_it(mother: User) -> None:
    now = timezone.now()
    send_notice(name="password_changed", user=mother, address=ADDRESS, now=now)
    outbox.sweep(lane=outbox.Lane.FAST, now=now + timedelta(days=3))
    row = OutboxItem.objects.get(kind=KIND)
    assert (row.state, row.last_error, mail.outbox) == (OutboxState.FAILED, "too late to be of use", [])


def test_every_notice_that_allauth_sends_has_our_words(mother: User) -> None:
    """Read from its sources: a new release that tells of something else turns this red."""
    request = RequestFactory().get("/")
    request.now = timezone.now()
    sources = Path(allauth.__file__).parent
    prefixes = {
        word
        for folder in ("account", "mfa")
        for file in (sources / folder).rglob("*.py")
        for word in file.read_text().split('"')
        if word.startswith(("account/email/", "mfa/email/"))
    }
    not_ours = {
        "account/email/login_code",
        "account/email/password_reset_code",
        "account/email/email_confirmation",
        "account/email/email_confirmation_signup",
        "account/email/password_reset_key",  # codes, not links
        "account/email/account_already_exists",  # nobody signs up
        "account/email/unknown_account",
        "account/email/email_deleted",  # only an address that was never proved can be taken back
    }
    with context.request_context(request):
        for prefix in prefixes - not_ours:
            get_adapter().send_notification_mail(prefix, mother)
    told = set(OutboxItem.objects.filter(kind=KIND).values_list("subject_kind", flat=True))
    of_a_command = {"second_step_taken_off"}
    assert told == {prefix.rpartition("/")[2] for prefix in prefixes - not_ours} == set(NOTICES) - of_a_command
