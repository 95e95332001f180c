"""Safety notices: whoever owns an account hears by mail that its keys changed, at the address of until then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core import outbox
from portal.core.models import User

KIND = "account_notice"
TRIED_FOR = timedelta(days=3)
"""So long a safety notice of any kind is tried."""


@dataclass(frozen=True)
class Notice:
    subject: str | Promise
    heading: str | Promise
    sentence: str | Promise


NOTICES = {
    "password_changed": Notice(
        _("Your password for Kring is changed"), _("Your password is changed"), _("You are signed out on every device.")
    ),
    "password_set": Notice(
        _("You chose a password for Kring"),
        _("You have a password now"),
        _("You can still sign in with a code by mail."),
    ),
    "email_changed": Notice(
        _("Your address for Kring is changed"),
        _("Your address is changed"),
        _("From now on your mail from Kring goes to another address. You sign in with that address too."),
    ),
    "totp_activated": Notice(
        _("The second step is on"), _("The second step is on"), _("From now on you also type a code of your app.")
    ),
    "totp_deactivated": Notice(
        _("The second step is off"), _("The second step is off"), _("A code by mail or your password is enough now.")
    ),
    "second_step_taken_off": Notice(
        _("The second step is off"),
        _("The second step is off"),
        _("The phone was lost, so whoever looks after Kring took it off. Spare codes and passkeys are gone too."),
    ),
    "recovery_codes_generated": Notice(
        _("New spare codes for Kring"), _("You have new spare codes"), _("Your old codes stop working.")
    ),
    "webauthn_added": Notice(
        _("A passkey was added"),
        _("A passkey was added"),
        _("From now on somebody with that phone or computer comes in with your account."),
    ),
    "webauthn_removed": Notice(
        _("A passkey was removed"), _("A passkey was removed"), _("Nobody comes in with it any more.")
    ),
}
NOTICES["password_reset"] = NOTICES["password_changed"]


def send_notice(*, name: str, user: User, address: str, now: datetime) -> None:
    """Tell `user` at `address` what happened (one of `NOTICES`); tried for three days, then it shows as failed."""
    outbox.enqueue(
        KIND,
        recipient=user,
        address=address,
        subject_kind=name,
        subject_uid=user.uid,
        dedupe_key=f"{KIND}:{name}:{user.uid}:{now.isoformat()}",
        expires_at=now + TRIED_FOR,
        now=now,
    )
