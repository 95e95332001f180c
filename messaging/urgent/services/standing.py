"""What is urgent and not read yet: it stands above everything else at home."""

from django.db.models import QuerySet

from messaging.urgent.models import UrgentMessage
from messaging.urgent.querysets import alarmed_by
from portal.core.actor import Actor
from portal.core.compiled import compiled

MOST = 5


@compiled
def schools_to_alarm(actor: Actor) -> QuerySet:
    """By key the schools at which `actor` sends what cannot wait: who finds the way there where one writes."""
    return alarmed_by(actor).values_list("pk")[:1]


@compiled
def standing_for(actor: Actor) -> QuerySet:
    """(uid, title, group, moment) of each, the newest first."""
    rows = UrgentMessage.objects.standing_for(actor).order_by("-post__published_at", "-pk")
    return rows.values_list("post__uid", "post__title", "post__group__name", "post__published_at")[:MOST]
