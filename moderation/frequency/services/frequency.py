"""How often groups place something (POL-26): what the school asks, and the record of each week that ended.

A message counts in the group it stands in, from the moment it was placed; written for three groups it counts once in
each. Hidden or removed by the school it still was placed; taken back by its writer, or never placed, it counts nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext, ngettext

from groups.models import Group, GroupKind, School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.domain.frequency import Norm, WeekVerdict, school_days, verdict_of
from moderation.frequency.models import FrequencyNorms, FrequencyWeek
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.versions import set_changed

MOST_BEHIND = 10
"""So many missed weeks are made up for; what is older is not looked back on."""
WRITTEN = ("posts", "school_days", "norm_min", "norm_max", "verdict", "checked_at")
COUNTED = Q(state__in=("published", "hidden")) | Q(state="removed", retracted_at__isnull=True)
BY_STAFF = Q(hat=Hat.STAFF.value) | Q(group__kind=GroupKind.COUNCIL.value)
"""Staff place for a class; in a council's own group its members do, parents too."""


class NotOverError(Exception):
    """The week has not ended: it has no verdict yet."""


class UnknownNormError(TypeError):
    """A school has no such norm."""


@dataclass(frozen=True)
class CheckedWeek:
    """What a check found: how many groups got which verdict, and how many rows it had to write."""

    school: School
    week: IsoWeek
    verdicts: Counter[WeekVerdict]
    written: int


def norms_of(school: School) -> FrequencyNorms:
    """What the school asks of each kind of group; the defaults where it chose nothing."""
    return FrequencyNorms.objects.filter(school=school).first() or FrequencyNorms(school=school)


def norms_read_with(school: School) -> FrequencyNorms:
    """The same of a school that was read together with them (`select_related`): asks nothing."""
    return getattr(school, "frequency_norms", None) or FrequencyNorms(school=school)


def norm_in_words(norm: Norm) -> str:
    """ "1 to 2 messages a week", or "2 messages a week" where both are the same."""
    least, most = norm.least, norm.most
    if not norm.asks:
        return gettext("nothing is asked")
    if most is None:
        return ngettext("at least %(count)s message a week", "at least %(count)s messages a week", least) % {
            "count": least
        }
    if least == most:
        return ngettext("%(count)s message a week", "%(count)s messages a week", most) % {"count": most}
    if least:
        return gettext("%(least)s to %(most)s messages a week") % {"least": least, "most": most}
    return ngettext("at most %(count)s message a week", "at most %(count)s messages a week", most) % {"count": most}


def change_norms(*, school: School, version: int, by: Actor, **norms: int | None) -> FrequencyNorms:
    """Set how many messages a week `school` asks; for the weeks that are checked from now on. Idempotent.

    For the directie. Raises `PermissionDenied`, `UnknownNormError`, `EditedMeanwhileError`.
    """
    known = {field.name for field in FrequencyNorms._meta.fields if field.name.endswith(("_least", "_most"))}
    if unknown := norms.keys() - known:
        raise UnknownNormError(*sorted(unknown))
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        row = norms_of(school)
        if changed := set_changed(row, norms, version):
            audit.note("frequency.changed", school, subject_kind="school", by=by, fields=sorted(changed))
    return row


def check_due_weeks(*, now: datetime) -> list[CheckedWeek]:
    """Record for each school every week that ended and is not recorded, so that a missed tick is made up for.

    A school begins with the week after its first message: before that nobody knew of Kring.
    """
    done = []
    for school in School.objects.order_by("pk"):
        done += [check_week(school=school, week=week, now=now) for week in _due_weeks(school, now)]
    return done


def _due_weeks(school: School, now: datetime) -> list[IsoWeek]:
    last = IsoWeek.at(now).preceding
    newest = FrequencyWeek.objects.filter(school=school).order_by("-year", "-week").first()
    since = newest.iso_week.following if newest else _first_week(school)
    return [week for week in last.weeks_until(MOST_BEHIND) if since and since <= week]


def _first_week(school: School) -> IsoWeek | None:
    first = Post.objects.filter(COUNTED, school=school).order_by("published_at").values_list("published_at", flat=True)
    placed_at = first.first()
    return IsoWeek.at(placed_at).following if placed_at else None


def check_week(*, school: School, week: IsoWeek, now: datetime) -> CheckedWeek:
    """Record what each group of `school` placed in `week` against what is asked now; asked again it is the same rows.

    A row that would say the same is left alone; the trail tells when one was written. Raises `NotOverError`.
    """
    if week >= IsoWeek.at(now):
        raise NotOverError(str(week))
    groups = groups_in(school, week)
    if not groups:
        return CheckedWeek(school, week, Counter(), 0)
    posts, norms = placed_in(groups, week), norms_of(school)
    days = len(school_days(week, days_off_of(school)))
    rows = [_row(group, week, posts.get(group.pk, 0), norms, days, now) for group in groups]
    with transaction.atomic():
        written = _write(rows, week)
        if written:
            audit.note("frequency.checked", school, subject_kind="school", by=clock(now), week=str(week), rows=written)
    return CheckedWeek(school, week, Counter(WeekVerdict(row.verdict) for row in rows), written)


def _row(group: Group, week: IsoWeek, posts: int, norms: FrequencyNorms, days: int, now: datetime) -> FrequencyWeek:
    norm = norms.norm_for(group.kind)
    return FrequencyWeek(
        school_id=group.school_id,
        group=group,
        year=week.year,
        week=week.number,
        posts=posts,
        school_days=days,
        norm_min=norm.least,
        norm_max=norm.most,
        verdict=verdict_of(posts, norm, days).value,
        checked_at=now,
    )


def _write(rows: Sequence[FrequencyWeek], week: IsoWeek) -> int:
    """The rows that are new or otherwise than they stood, all in one statement."""
    groups = [row.group_id for row in rows]
    there = FrequencyWeek.objects.filter(group__in=groups, year=week.year, week=week.number)
    known = {row.group_id: _says(row) for row in there}
    fresh = [row for row in rows if known.get(row.group_id) != _says(row)]
    FrequencyWeek.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["group", "year", "week"], update_fields=WRITTEN
    )
    return len(fresh)


def _says(row: FrequencyWeek) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in WRITTEN if name != "checked_at")


def groups_in(school: School, week: IsoWeek) -> list[Group]:
    """The groups of the school year in which the week falls, in reading order: the one in which rows are written."""
    at = week.middle
    groups = Group.objects.filter(school=school, school_year__starts_at__lte=at, school_year__ends_at__gt=at)
    return list(groups.in_reading_order())


def placed_in(groups: Iterable[Group], week: IsoWeek) -> dict[int, int]:
    """How many messages that count each of these groups (primary key) got in `week`; nothing where there was none."""
    since, until = week.bounds
    rows = Post.objects.filter(
        COUNTED, BY_STAFF, group__in=list(groups), published_at__gte=since, published_at__lt=until
    )
    return dict(rows.order_by().values_list("group").annotate(count=Count("pk")))


def silent_groups(school: School, week: IsoWeek) -> list[Group]:
    """Groups of which a message a week is asked, and that placed none in `week` so far; none in a holiday."""
    norms = norms_of(school)
    asked = [group for group in groups_in(school, week) if norms.norm_for(group.kind).least]
    if not asked or not school_days(week, days_off_of(school)):
        return []
    posts = placed_in(asked, week)
    return [group for group in asked if not posts.get(group.pk)]
