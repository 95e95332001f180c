"""What mails and phones say alike: who wrote, in one line; and the way to say that it was read."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from messaging.writings.services.read_links import read_token
from portal.core.models import User


def read_url(*, user: User, post: UUID) -> str:
    """Where this reader says, without signing in, that this one message was read."""
    return settings.KRING_BASE_URL + reverse("messaging:say_read", args=[read_token(user=user, post=post)])


def joined_names(names: Iterable[str]) -> str:
    """Each once. A name from the roster never starts a header of its own."""
    once = list(dict.fromkeys(names))
    if len(once) < 2:
        return _one_line("".join(once))
    return _one_line(_("%(some)s and %(last)s") % {"some": ", ".join(once[:-1]), "last": once[-1]})


def _one_line(words: str) -> str:
    return " ".join(words.split())
