"""The agenda of a school for many families at once, for what is mailed to them. Writes nothing."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from agenda.events.models import Event
from agenda.events.services.words import words_lost
from agenda.planning.domain import Dated
from agenda.planning.services.agenda import off_of, stretches_of, times_of
from groups.models import School
from groups.roles import Hat


def agenda_of_families(
    users: Collection[int], *, school: School, first: date, last: date, now: datetime, hat: Hat = Hat.FAMILY
) -> dict[int, list[Dated]]:
    """What each of these reads in this hat of this school's events between two days, with its days off.

    The same as `agenda_of` asked for each, but for what the apps above have; six statements however
    many they are. Of who reads nothing at this school there is nothing; of what names a child who may not be named any
    more, that it is there (POL-40).
    """
    events = Event.objects.filter(school=school).between(first, last).in_order()
    found = {event.pk: event for event in events.prefetch_related("placings", "skipped")}
    off = list(off_of(school, first, last))
    stretches = stretches_of(school.pk, off)
    times = {pk: list(times_of(event, first, last, stretches, now=now)) for pk, event in found.items()}
    lost = words_lost((event.said for event in found.values()), now=now)
    for pk, event in found.items():
        if event.said in lost:
            times[pk] = [replace(one, title=event.instead, place="") for one in times[pk]]
    agenda: dict[int, list[Dated]] = {}
    for user, pk in Event.objects.filter(pk__in=found).visible_pairs(users, now=now, hat=hat):
        agenda.setdefault(user, list(off)).extend(times[pk])
    return agenda
