"""How often groups place something (POL-26), side by side: parallel classes together, some weeks in a row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from groups.models import Group, School
from groups.people.services.families import CLASSES
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.domain.frequency import SLOTS, Chart, WeekVerdict, chart_of
from moderation.frequency.models import FrequencyNorms, FrequencyWeek
from moderation.frequency.services.frequency import norms_of, silent_groups

SHOWN = SLOTS
"""Weeks that stand beside each other on a page."""


@dataclass(frozen=True)
class GroupWeeks:
    """One group and its weeks, in the order of the columns; None where nothing is recorded."""

    group: Group
    weeks: list[FrequencyWeek | None]
    chart: Chart

    @property
    def asked(self) -> int:
        return sum(row is not None and row.verdict != WeekVerdict.NOT_ASKED for row in self.weeks)

    @property
    def within(self) -> int:
        return sum(row is not None and row.verdict == WeekVerdict.WITHIN for row in self.weeks)


@dataclass(frozen=True)
class WeeksOverview:
    """Some weeks of a school. `levels`: the classes, those of one year level together; `others`: its other groups.

    `silent`: groups that have placed nothing yet in the week that runs; only beside the newest weeks.
    """

    weeks: list[IsoWeek]
    levels: list[list[GroupWeeks]]
    others: list[GroupWeeks]
    silent: list[Group]
    earlier: IsoWeek | None
    later: IsoWeek | None

    @property
    def lines(self) -> list[GroupWeeks]:
        return [*(line for level in self.levels for line in level), *self.others]


def overview_of(school: School, *, until: IsoWeek | None = None, now: datetime) -> WeeksOverview:
    """The recorded weeks up to and with `until`, by default the last one that ended; eight at most."""
    newest = IsoWeek.at(now).preceding
    last = min(until or newest, newest)
    weeks = last.weeks_until(SHOWN)
    rows = list(FrequencyWeek.objects.filter(school=school).of_weeks(weeks))
    recorded = {row.iso_week for row in rows}
    shown = [week for week in weeks if recorded and week >= min(recorded)]
    lines = lines_of(rows, shown, norms_of(school))
    return WeeksOverview(
        weeks=shown,
        levels=_levels(line for line in lines if line.group.kind in CLASSES),
        others=[line for line in lines if line.group.kind not in CLASSES],
        silent=silent_groups(school, IsoWeek.at(now)) if last == newest else [],
        earlier=_earlier(school, weeks[0]),
        later=min(last.weeks_after(SHOWN)[-1], newest) if last < newest else None,
    )


def _earlier(school: School, first: IsoWeek) -> IsoWeek | None:
    """The week before `first` when something of before it is recorded."""
    recorded = FrequencyWeek.objects.filter(school=school).before(first)
    return first.preceding if recorded.exists() else None


def lines_of(rows: Iterable[FrequencyWeek], weeks: Sequence[IsoWeek], norms: FrequencyNorms) -> list[GroupWeeks]:
    """The groups of these rows in reading order, each with its weeks; the chart shows the norm of today."""
    weeks_of: dict[int, dict[IsoWeek, FrequencyWeek]] = defaultdict(dict)
    for row in rows:
        weeks_of[row.group_id][row.iso_week] = row
    groups = Group.objects.filter(pk__in=weeks_of).in_reading_order()
    return [_line(group, [weeks_of[group.pk].get(week) for week in weeks], norms) for group in groups]


def _line(group: Group, weeks: list[FrequencyWeek | None], norms: FrequencyNorms) -> GroupWeeks:
    drawn = [(row.posts, WeekVerdict(row.verdict)) if row else (0, WeekVerdict.NOT_ASKED) for row in weeks]
    return GroupWeeks(group, weeks, chart_of(drawn, norms.norm_for(group.kind)))


def _levels(lines: Iterable[GroupWeeks]) -> list[list[GroupWeeks]]:
    """Parallel classes together; a class without a year level stands alone."""
    levels: dict[tuple[str, str], list[GroupWeeks]] = defaultdict(list)
    for line in lines:
        levels[line.group.kind, line.group.year_level or str(line.group.pk)].append(line)
    return list(levels.values())
