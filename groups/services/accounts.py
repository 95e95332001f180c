"""What somebody changes about the own account; address, password and second factor are allauth's."""

from datetime import datetime

from portal.core import audit
from portal.core.models import User


def change_settings(*, user: User, name: str, language: str, now: datetime) -> None:
    """Set how `user` is called and in which language Kring speaks with them."""
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])
    audit.record("account.changed", by=user, subject_kind="user", subject_uid=user.uid, now=now)
