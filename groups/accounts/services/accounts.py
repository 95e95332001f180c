"""What somebody changes about the own account; address, password and second factor are allauth's."""

from datetime import datetime, timedelta

from django.db import transaction

from groups.accounts.services.account_trail import note_account
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import User

FIRST_VISIT = timedelta(hours=12)


def change_settings(*, user: User, language: str, now: datetime) -> None:
    """Set in which language Kring speaks with `user`; the name is the roster's."""
    user.language = language
    with transaction.atomic():
        user.save(update_fields=["language"])
        note_account(happened="changed", user=user, by=Actor(user, Hat.ANY, now))


def offers_passkey(user: User, *, now: datetime) -> bool:
    """From the second visit on, until somebody makes a passkey or says no."""
    return bool(user.passkey_offered_at is None and now - user.created_at > FIRST_VISIT)


def settle_passkey_offer(*, user: User, now: datetime) -> None:
    """Do not offer `user` a passkey again."""
    user.passkey_offered_at = now
    user.save(update_fields=["passkey_offered_at"])


def note_passkey(*, user: User, now: datetime) -> None:
    """`user` made a passkey: write that down, and offer no other."""
    with transaction.atomic():
        settle_passkey_offer(user=user, now=now)
        note_account(happened="passkey_made", user=user, by=Actor(user, Hat.ANY, now))
