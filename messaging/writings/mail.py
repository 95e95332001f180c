"""What mails and phones say alike: who wrote, in one line; and the way to say that it was read."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from messaging.writings.services.read_links import read_token
from portal.core.models import User
from portal.core.words import listed


def read_url(*, user: User, post: UUID) -> str:
    """Where this reader says, without signing in, that this one message was read."""
    return settings.KRING_BASE_URL + reverse("messaging:say_read", args=[read_token(user=user, post=post)])


def joined_names(names: Iterable[str]) -> str:
    """Each once."""
    return listed(list(dict.fromkeys(names)))
