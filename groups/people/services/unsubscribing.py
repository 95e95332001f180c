"""The way out of a mail without signing in (RFC 8058): a signed link that says whose mail from which school."""

from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import ValidationError

from groups.records.models.schools import School
from portal.core.models import User

_PURPOSE = "groups.unsubscribe"


@dataclass(frozen=True)
class Subscription:
    user: User
    school: School


def unsubscribe_token(*, user: User, school: School) -> str:
    """Good for this purpose only and for as long as the secret lives: old mails must keep a way out."""
    return signing.dumps([user.uid.hex, school.uid.hex], salt=_PURPOSE)


def subscription_of(token: str) -> Subscription | None:
    """Whose mail the link is about; None when the token is not one of ours for this purpose."""
    try:
        user_uid, school_uid = signing.loads(token, salt=_PURPOSE)
        user, school = User.objects.get(uid=user_uid), School.objects.get(uid=school_uid)
    except (signing.BadSignature, ValidationError, ValueError, TypeError, User.DoesNotExist, School.DoesNotExist):
        return None
    return Subscription(user, school)
