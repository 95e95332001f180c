"""The agenda: what is coming, a month, and a sheet for the fridge."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agenda.planning.domain import (
    DAY,
    Dated,
    in_order,
    monday_of,
    month_after,
    month_before,
    month_of,
    weeks_of,
)
from agenda.planning.services.agenda import agenda_of
from groups.accounts.services.hats import Hats, Kin, Sign
from groups.doors.context import hats_here
from groups.records.querysets.schools import KIND_ORDER
from groups.roles import PUBLISH, Hat
from portal.core import access
from portal.core.domain.moments import school_day
from portal.core.request import SignedInRequest, as_uid

CHILD, SINCE, MONTH = "kind", "van", "maand"
AT_ONCE = timedelta(weeks=6)
FURTHEST = timedelta(days=730)
NEW = timedelta(days=7)
"""So long one reads beside something that it was changed."""


class AgendaLine(NamedTuple):
    """Something on a day as this reader meets it: with the own groups it is for, and the own children these are of."""

    entry: Dated
    groups: list[Sign]
    kids: list[Kin]
    is_changed: bool


class LinesOfDay(NamedTuple):
    day: date
    lines: list[AgendaLine]
    is_of_month: bool = True


class LinesOfWeek(NamedTuple):
    monday: date
    sunday: date
    number: int
    days: list[LinesOfDay]


class AgendaReading(NamedTuple):
    """Who reads, in which hat, and about which child."""

    request: SignedInRequest
    hat: Hat
    hats: Hats
    child: UUID | None

    @property
    def today(self) -> date:
        return school_day(self.request.now)

    @property
    def signs(self) -> dict[int, Sign]:
        return self.hats.signs[self.hat]

    @property
    def kin(self) -> tuple[Kin, ...]:
        return self.hats.kin if self.hat == Hat.FAMILY else ()

    def asked(self, **more: str) -> str:
        """What an address of this agenda says behind its question mark."""
        known = {CHILD: str(self.child)} if self.child else {}
        return f"?{urlencode(known | more)}" if known | more else ""

    def entries(self, first: date, last: date) -> list[Dated]:
        actor = self.request.actor.wearing(self.hat)
        if self.child is None:
            return agenda_of(actor, first=first, last=last)
        groups = {one.group.pk: one.group for one in self.kin if one.uid == self.child}
        schools = {sign.school for sign in groups.values()}
        return agenda_of(actor, first=first, last=last, groups=groups.keys(), schools=schools)

    def line(self, entry: Dated) -> AgendaLine:
        groups = sorted(
            (self.signs[pk] for pk in entry.groups if pk in self.signs),
            key=lambda one: (KIND_ORDER.index(one.kind), one.year_level, one.name, one.pk),
        )
        kids = [one for one in self.kin if one.group.pk in entry.groups and one.group.kind != "school"]
        once = {one.pk: one for one in kids if self.child in (None, one.uid)}
        is_changed = bool(entry.changed_at and entry.changed_at > self.request.now - NEW and not entry.is_cancelled)
        return AgendaLine(entry, groups, [*once.values()], is_changed)

    def lines(self, entries: Collection[Dated]) -> list[AgendaLine]:
        return [self.line(one) for one in entries]


def _reading(request: SignedInRequest, hat: Hat) -> AgendaReading:
    """Without a group in this hat there is no agenda; a child that is not the reader's own is nobody."""
    hats = hats_here(request)
    if not hats.signs.get(hat):
        raise Http404
    asked = as_uid(request.GET.get(CHILD, ""))
    if asked and not (hat == Hat.FAMILY and any(one.uid == asked for one in hats.kin)):
        raise Http404
    return AgendaReading(request, hat, hats, asked)


def _frame(reading: AgendaReading, here: str, **more: str) -> dict[str, object]:
    """What each of these pages shows around its days."""
    hat, children = reading.hat, {one.uid: one for one in reading.kin}
    url = reverse(f"agenda:{here}", args=[hat])
    everybody = reading._replace(child=None)
    child = children.get(reading.child) if reading.child else None
    schools = {child.group.school} if child else {sign.school for sign in reading.signs.values()}
    kids = [{"label": _("Everything"), "url": url + everybody.asked(**more), "current": reading.child is None}] + [
        {"kid": one, "url": url + reading._replace(child=one.uid).asked(**more), "current": reading.child == one.uid}
        for one in children.values()
    ]
    return {
        "hat": hat,
        "kids": kids if len(children) > 1 else [],
        "child": child,
        "shows_kids": len(children) > 1 and reading.child is None,
        "has_schools": len(schools) > 1,
        "may_make": hat == Hat.STAFF and reading.hats.may(hat, PUBLISH),
        "today": reading.today,
        "asked": reading.asked(),
        "school": " · ".join(sorted(schools)) or reading.hats.school_name,
    }


@access.declares("Who has a group in this hat: what its reader may read of the coming weeks.")
@require_safe
def coming(request: SignedInRequest, hat: Hat) -> HttpResponse:
    reading = _reading(request, hat)
    today = reading.today
    since = _day_in(request.GET.get(SINCE, ""), today) or today
    first = since if since == today else monday_of(since)
    last = monday_of(since) + AT_ONCE - DAY
    weeks = weeks_of(reading.entries(first, last), first=first, last=last)
    context = {
        **_frame(reading, "coming"),
        "weeks": [
            LinesOfWeek(
                week.monday,
                week.sunday,
                week.number,
                [LinesOfDay(day.day, reading.lines(day.entries)) for day in week.days],
            )
            for week in weeks
        ],
        "this_monday": monday_of(today),
        "next_monday": monday_of(today) + 7 * DAY,
        "since": since,
        "is_now": since == today,
        "last": last,
        "earlier": reading.asked(**{SINCE: (monday_of(since) - AT_ONCE).isoformat()}),
        "later": reading.asked(**{SINCE: (last + DAY).isoformat()}),
    }
    return render(request, "agenda/coming.html", context)


@access.declares("Who has a group in this hat: what its reader may read of one month.")
@require_safe
def month(request: SignedInRequest, hat: Hat) -> HttpResponse:
    reading = _reading(request, hat)
    shown = (_day_in(f"{request.GET.get(MONTH, '')}-01", reading.today) or reading.today).replace(day=1)
    entries = reading.entries(monday_of(shown), month_after(shown) + 6 * DAY)
    weeks = month_of(entries, month=shown)
    context = {
        **_frame(reading, "month", **{MONTH: f"{shown:%Y-%m}"}),
        "month": shown,
        "weeks": [
            LinesOfWeek(
                week.monday,
                week.sunday,
                week.number,
                [LinesOfDay(day.day, reading.lines(day.entries), day.is_of_month) for day in week.days],
            )
            for week in weeks
        ],
        "is_empty": not any(day.entries for week in weeks for day in week.days if day.is_of_month),
        "before": month_before(shown),
        "after": month_after(shown),
        "earlier": reading.asked(**{MONTH: f"{month_before(shown):%Y-%m}"}),
        "later": reading.asked(**{MONTH: f"{month_after(shown):%Y-%m}"}),
    }
    return render(request, "agenda/month.html", context)


@access.declares("Who has a group in this hat: what its reader may read until the summer, to print.")
@require_safe
def sheet(request: SignedInRequest, hat: Hat) -> HttpResponse:
    reading = _reading(request, hat)
    today = reading.today
    last = date(today.year + (today.month >= 8), 7, 31)
    entries = in_order(reading.entries(today, last))
    context = {**_frame(reading, "sheet"), "lines": reading.lines(entries), "last": last}
    return render(request, "agenda/sheet.html", context)


def _day_in(written: str, today: date) -> date | None:
    """The day that an address names, within two years; none where it names no day."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if abs(day - today) <= FURTHEST else None
