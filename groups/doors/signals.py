"""What allauth tells about accounts, for the trail. Signing in and address changes are told to `doors.adapters`."""

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.dispatch import receiver
from django.http import HttpRequest

from groups.accounts.services.account_trail import note_account, note_refusal
from groups.accounts.services.sessions import close_sessions_of
from groups.roles import Hat
from portal.core import unattended
from portal.core.actor import Actor
from portal.core.models import User

KEYS = {
    Authenticator.Type.TOTP: "second_step",
    Authenticator.Type.RECOVERY_CODES: "spare_codes",
    Authenticator.Type.WEBAUTHN: "passkey",
}


@receiver(mfa.authentication_failed)
def second_step_refused(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    note_refusal(how=authenticator.type, user=user, now=request.now)


@receiver(account.password_set)
@receiver(account.password_changed)
@receiver(account.password_reset)
def password_changed(request: HttpRequest, user: User, **_: object) -> None:
    note_account(happened="password_changed", user=user, by=Actor(user, Hat.ANY, request.now))


@receiver(account.password_set)
@receiver(account.password_changed)
@receiver(account.password_reset)
def sessions_ended(user: User, **_: object) -> None:
    close_sessions_of(user=user)


@receiver(account.password_changed)
@receiver(account.password_reset)
def signed_out_by_it(request: HttpRequest, user: User, **_: object) -> None:
    """With another password every session ends by itself; what reads without one has none."""
    unattended.end_all(users=[user.pk], by=Actor(user, Hat.ANY, request.now))


@receiver(mfa.authenticator_added)
@receiver(mfa.authenticator_reset)
def key_made(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    note_account(happened=f"{KEYS[authenticator.type]}_made", user=user, by=Actor(user, Hat.ANY, request.now))


@receiver(mfa.authenticator_removed)
def key_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    note_account(happened=f"{KEYS[authenticator.type]}_removed", user=user, by=Actor(user, Hat.ANY, request.now))
