"""Looking every night whether the running school is as the policy page says (POL-70): counts, nobody's name."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from consent.asking.domain.purposes import IMAGES, Basis
from consent.models import Clearance, Purpose, RoundPurpose
from groups.models import GroupKind, Membership, School
from groups.roles import Hat
from messaging.models import Depiction, Handin, HandinState, Message, Placement, Post, Reply
from moderation.cases.models.cases import BREAKING_THROUGH, Report
from moderation.cases.models.measures import EXTERNAL, INTERNAL, Measure
from moderation.promises.domain import COUNTED
from moderation.promises.models import PromiseCheck
from portal.core import access, dossier
from portal.core.models import DossierEntry, OutboxItem

log = logging.getLogger("kring.promises")
ROUND_AT_LEAST = timedelta(days=400)
"""Once a school year, with some weeks to spare."""


class Looked(NamedTuple):
    """Of `rows` rows `broken` are not as promised."""

    rows: int
    broken: int


def check_promises(*, now: datetime) -> dict[str, int]:
    """Look at every promise of every school and keep the outcome; returns per promise how much is not as promised."""
    counts = dict.fromkeys(COUNTED, 0)
    mails = _mails()
    for school in School.objects.order_by("pk"):
        found = {key: look(school, now) for key, look in CHECKS.items()}
        found[ONE_RECIPIENT] = mails.get(school.uid, Looked(0, 0))
        for key, looked in found.items():
            outcome = {"checked_at": now, "looked_at": max(looked.rows, looked.broken), "broken": looked.broken}
            PromiseCheck.objects.update_or_create(school=school, key=key, defaults=outcome)
            counts[key] += looked.broken
    if broken := {key: count for key, count in counts.items() if count}:
        log.error("not as the policy page says: %s", broken)
    return counts


def outcomes_of(school: School) -> dict[str, PromiseCheck]:
    """The last look at each promise at this school."""
    return {row.key: row for row in PromiseCheck.objects.filter(school=school)}


def _rights(school: School, now: datetime) -> Looked:
    """Every right follows from authority, enrolment, task or seat."""
    drift = access.drift(school=school).values()
    count = Membership.objects.filter(group__school=school).count()
    return Looked(count, sum(one.missing + one.extra for one in drift))


def _authors(school: School, now: datetime) -> Looked:
    """In a group of children only staff place messages, and what a council handed in."""
    posts = Post.objects.filter(school=school, state="published").exclude(group__kind=GroupKind.COUNCIL)
    handed_in = Handin.objects.filter(post=OuterRef("pk"), state=HandinState.PLACED)
    return _looked(posts, Q(hat=Hat.FAMILY) & ~Exists(handed_in))


def _handed_in(school: School, now: datetime) -> Looked:
    """What a council handed in stands there only after the directie placed it."""
    drafts = Handin.objects.filter(school=school, kind="council")
    return _looked(drafts, Q(post__published_at__isnull=False) & ~Q(state=HandinState.PLACED))


def _bylines(school: School, now: datetime) -> Looked:
    """Every text of staff carries a name and a function."""
    counts = [
        _looked(rows.filter(hat=Hat.STAFF, state="published"), Q(author_name="") | Q(author_function=""))
        for rows in (
            Post.objects.filter(school=school),
            Reply.objects.filter(post__school=school),
            Message.objects.filter(school=school),
        )
    ]
    return Looked(sum(one.rows for one in counts), sum(one.broken for one in counts))


def _children_shown(school: School, now: datetime) -> Looked:
    """No photo that stands in a post shows a marked child without consent."""
    allowed = Clearance.objects.shows_child(IMAGES, child="child", now=now)
    return _photos(school, Q(child__isnull=False) & ~allowed, now)


def _adults_shown(school: School, now: datetime) -> Looked:
    """No photo that stands in a post shows a marked adult who did not say yes."""
    allowed = Clearance.objects.shows_adult(IMAGES, adult="adult", school="image__school", now=now)
    return _photos(school, Q(adult__isnull=False) & ~allowed, now)


def _photos(school: School, unallowed: Q, now: datetime) -> Looked:
    posted = Placement.objects.filter(writing__kind="post", writing__state="published")
    shown = posted.shown(schools=[school.pk], now=now)
    marked = Depiction.objects.filter(unallowed, image=OuterRef("image"), is_on=True)
    return Looked(shown.count(), shown.filter(Exists(marked)).count())


def _asked_this_year(school: School, now: datetime) -> Looked:
    """What needs consent was asked about in a round of the last year."""
    asked = Purpose.objects.asked().filter(school=school, basis=Basis.CONSENT)
    rounds = RoundPurpose.objects.filter(purpose=OuterRef("pk"), round__opens_at__gt=now - ROUND_AT_LEAST)
    return _looked(asked, ~Exists(rounds))


def _mails() -> dict[UUID, Looked]:
    """Each mail goes to one address; by school, as one reading of all mail does for all of them."""
    several = Q(address__contains=",") | Q(address__contains=";") | Q(recipient__isnull=False) & ~Q(address="")
    counted = (
        OutboxItem.objects.order_by()
        .values("school_uid")
        .annotate(rows=Count("pk"), broken=Count("pk", filter=several))
    )
    rows = counted.values_list("school_uid", "rows", "broken")
    return {school: Looked(*numbers) for school, *numbers in rows if school}


def _copies(school: School, now: datetime) -> Looked:
    """The chain of the dossier holds, with a copy of everything that was removed."""
    entries = DossierEntry.objects.filter(school_uid=school.uid).count()
    return Looked(entries, int(dossier.first_broken(school.uid) is not None))


def _inside_first(school: School, now: datetime) -> Looked:
    """What first went outside the school came after a measure of its own, or says why not; danger asks nothing."""
    outside = Measure.objects.filter(case__school=school, kind__in=EXTERNAL, had_to=False)
    earlier = Measure.objects.filter(case=OuterRef("case"), kind__in=(*INTERNAL, *EXTERNAL), pk__lt=OuterRef("pk"))
    danger = Report.objects.filter(case=OuterRef("case"), reason__in=BREAKING_THROUGH)
    return _looked(outside, Q(why_outside="") & ~Exists(earlier) & ~Exists(danger))


def _looked(rows: QuerySet, broken: object) -> Looked:
    rows = rows.order_by()
    return Looked(rows.count(), rows.filter(broken).count())


CHECKS: dict[str, Callable[[School, datetime], Looked]] = {
    "rights": _rights,
    "authors": _authors,
    "handed_in": _handed_in,
    "bylines": _bylines,
    "children_shown": _children_shown,
    "adults_shown": _adults_shown,
    "asked_this_year": _asked_this_year,
    "copies": _copies,
    "inside_first": _inside_first,
}
"""Each promise that a night can look for school by school, by its key in `moderation.promises.domain`."""
ONE_RECIPIENT = "one_recipient"
