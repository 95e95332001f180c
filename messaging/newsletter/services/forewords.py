"""The directie's word above a weekly mail, and weeks without one (POL-51)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from groups.models import Group, GroupKind, School
from groups.records.policies import can_direct
from groups.records.services.bylines import byline_at
from groups.records.services.locks import hold_schools
from messaging.newsletter.domain import IsoWeek, Moment
from messaging.newsletter.models import DigestEdition, EditionKind, Foreword
from messaging.writings.domain.mailing import GRACE
from messaging.writings.domain.text import tidy_word_if_any
from messaging.writings.services.names import check_names, word_names_lost
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.versions import set_changed


class WeekIsOverError(Exception):
    """The mail of that week is closed."""


def moment_of(school: School) -> Moment:
    """When the weekly mail of this school closes."""
    return Moment(school.digest_weekday, school.digest_hour)


def foreword_of(school: School, week: str) -> Foreword | None:
    """What stands above the mail of this week, where somebody wrote something or keeps it quiet."""
    return Foreword.objects.of_week(school, week).first()


def foreword_to_send(school: School, week: str, *, now: datetime) -> Foreword | None:
    """The same as it may be read: not where a child in it may not be named any more (POL-40)."""
    word = foreword_of(school, week)
    if word and word.text and word_names_lost(word.text, school=school, written_at=word.written_at, now=now):
        return None
    return word


def is_quiet_week(school: School, week: IsoWeek) -> bool:
    """Whether the directie wants no mail in this week."""
    return Foreword.objects.of_week(school, str(week)).filter(is_quiet=True).exists()


def had_newsletter(school: School, week: IsoWeek) -> bool:
    """Whether the mail of this week went, or goes: also where its day is a later one since."""
    return DigestEdition.objects.of(school, EditionKind.WEEKLY).filter(name=str(week)).exists()


def write_foreword(
    *,
    school: School,
    week: IsoWeek,
    version: int = 0,
    text: str,
    is_quiet: bool,
    not_children: Collection[str] = (),
    by: Actor,
) -> Foreword:
    """Keep what stands above the mail of this week, in place of what stood there; without words nothing does.

    `version` is the one that was on the screen, 0 where nothing stood. The same words change nothing. Every family
    reads it, so names of children pass the rule of messages. Raises `PermissionDenied`, `WeekIsOverError`,
    `EditedMeanwhileError`, a `TextRefusedError`, `NamesRefusedError`.
    """
    access.demand(can_direct(by, school))
    if moment_of(school).cut_in(week) + GRACE <= by.now or had_newsletter(school, week):
        raise WeekIsOverError
    words = tidy_word_if_any(text)
    groups = Group.objects.filter(school=school, kind=GroupKind.SCHOOL, school_year__ends_at__gt=by.now)
    check_names([words], groups=list(groups), not_children=not_children, now=by.now)
    with transaction.atomic():
        hold_schools(school.pk)
        row = foreword_of(school, str(week)) or Foreword(school=school, week=str(week))
        author = byline_at(user=by.user, school=school.pk)
        signed: dict[str, object] = {"written_by": by.user, "written_at": by.now}
        signed |= {"author_name": author.name, "author_function": author.function}
        if set_changed(row, {"text": words, "is_quiet": is_quiet}, version, also=signed):
            audit.note("digest.foreword", school, subject_kind="school", by=by, week=str(week), quiet=is_quiet)
    return row
