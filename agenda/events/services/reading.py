"""One event as its reader finds it. Writes nothing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from agenda.events.models import Event
from agenda.events.querysets import EventQuerySet
from groups.models import Group
from portal.core.actor import Actor


def find_event(uid: UUID, *, actor: Actor) -> Event | None:
    """An event that `actor` may read, with `may_edit` and those of its groups that are the reader's; else None."""
    return with_own_groups(Event.objects.visible_to(actor).with_powers_for(actor).filter(uid=uid), actor=actor).first()


def with_own_groups(rows: EventQuerySet, *, actor: Actor) -> EventQuerySet:
    """With `own_groups`, those of its groups that `actor` reads, and the days that were skipped."""
    mine = Group.objects.visible_to(actor).in_reading_order()
    return rows.select_related("school").prefetch_related(Prefetch("groups", mine, to_attr="own_groups"), "skipped")


def read_by(asked: Iterable[tuple[int, UUID, str]], *, now: datetime) -> dict[tuple[int, UUID, str], Event]:
    """Of these (reader, event, hat) those in which the reader may read the event now, with it."""
    wanted = set(asked)
    rows = Event.objects.filter(uid__in={uid for _reader, uid, _hat in wanted}).select_related("school")
    events = {event.pk: event for event in rows}
    found = {}
    for hat in {hat for _reader, _uid, hat in wanted}:
        users = {reader for reader, _uid, worn in wanted if worn == hat}
        for reader, pk in Event.objects.filter(pk__in=events).visible_pairs(users, now=now, hat=hat):
            found[reader, events[pk].uid, hat] = events[pk]
    return {key: event for key, event in found.items() if key in wanted}
