"""The way out of a mail without signing in (RFC 8058): a signed link that says whose mail from which school."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError

from groups.records.models.schools import School
from portal.core.mailboxes import is_mailbox, mailbox_of
from portal.core.models import User

_PURPOSE = "groups.unsubscribe"
OLD_ONES_WORK_FOR = timedelta(days=60)
"""A link of before links said to which mailbox they went. Stopping mail from a mail is a right, and costs nothing that
the settings do not give back; each mail since brings a link of its own.
"""


@dataclass(frozen=True)
class Subscription:
    """Whose mail from which school, and whether the link went to the address that the account has now."""

    user: User
    school: School
    is_theirs: bool


def unsubscribe_token(*, user: User, school: School) -> str:
    """Good for this purpose only, while the account has this address and the secret lives: old mails must keep a way
    out.
    """
    return signing.dumps([user.uid.hex, school.uid.hex, mailbox_of(user.email)], salt=_PURPOSE)


def subscription_of(token: str) -> Subscription | None:
    """Whose mail the link is about; None when the token is not one of ours for this purpose."""
    try:
        user_uid, school_uid, *mailbox = signing.loads(token, salt=_PURPOSE)
        user, school = User.objects.get(uid=user_uid), School.objects.get(uid=school_uid)
    except (signing.BadSignature, ValidationError, ValueError, TypeError, User.DoesNotExist, School.DoesNotExist):
        return None
    return Subscription(user, school, is_mailbox("".join(mailbox), user.email) if mailbox else _is_recent(token))


def _is_recent(token: str) -> bool:
    try:
        signing.loads(token, salt=_PURPOSE, max_age=OLD_ONES_WORK_FOR)
    except signing.SignatureExpired:
        return False
    return True
