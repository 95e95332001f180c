"""What every mail with news carries: the way to stop it without signing in (RFC 8058)."""

from django.conf import settings
from django.urls import reverse

from groups.people.services.unsubscribing import unsubscribe_token
from groups.records.models.schools import School
from portal.core.models import User

CHOSE_OTHERWISE = "the reader chose otherwise"
"""Why a mail is withheld that somebody wanted when it was written, and does not want when it leaves."""


def stop_url(*, user: User, school: School) -> str:
    """Where `user` stops the news of this school."""
    token = unsubscribe_token(user=user, school=school)
    return settings.KRING_BASE_URL + reverse("groups:unsubscribe", args=[token])


def one_click(stop: str) -> dict[str, str]:
    """The headers with which a mail program shows a button of its own for that address."""
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
