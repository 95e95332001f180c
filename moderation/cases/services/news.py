"""Who is told about a case by mail: who handles it that it is open, and who reported that it was handled."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from groups.records.services.working import due_at_work
from groups.roles import Hat
from moderation.cases.models.cases import BREAKING_THROUGH, Case, CaseGrant
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import User

CASE_OPENED = "case_opened"
REPORT_HANDLED = "report_handled"


def tell_handlers(case: Case, *, besides: User | None = None, now: datetime) -> None:
    """A mail with only a link to everybody who handles this case; who reported needs none.

    In the own working hours (POL-27), but for danger, threats and what is sexual, to who reads that: it comes at once,
    also when a mail about something milder waits already. Once for each time the case is open.
    """
    again = f":{case.version}" if case.version > 1 else ""
    cannot_wait = case.reports.filter(reason__in=BREAKING_THROUGH)
    for user in handlers_of(case, now=now):
        if user != besides:
            breaks_through = cannot_wait.told_to(Actor(user, Hat.ANY, now)).exists()
            key = f"{CASE_OPENED}:{case.uid}:{user.pk}{again}{':now' if breaks_through else ''}"
            due = now if breaks_through else due_at_work(user, case.school, now)
            _tell(CASE_OPENED, user, "case", case.uid, key, case, now, due)


def handlers_of(case: Case, *, now: datetime) -> list[User]:
    """Everybody who handles this case at `now`: `visible_to` read from the other end."""
    rights = CaseGrant.objects.filter(content_object=case)
    handling = rights.in_force("moderation.view_case", now=now)
    if Case.objects.left_behind(now=now).filter(pk=case.pk).exists():
        handling |= rights.in_force("moderation.stand_in_case", now=now)
    return list(User.objects.filter(pk__in=handling.values("user")).order_by("pk"))


def nobodys(cases: Iterable[Case], *, now: datetime) -> set[int]:
    """Those of these open cases, by key, that are the board's and for which it appointed nobody at `now`."""
    of_board = {case.pk for case in cases if case.is_open and case.against_directie}
    handled = CaseGrant.objects.in_force("moderation.view_case", now=now).filter(content_object__in=of_board)
    return of_board - set(handled.values_list("content_object", flat=True)) if of_board else set()


def tell_of_left_cases(*, now: datetime) -> int:
    """Tell who takes over the open cases that the directie left behind; who was told before gets no second mail.

    Returns how many such cases there are.
    """
    left = list(Case.objects.open().left_behind(now=now).select_related("school"))
    for case in left:
        tell_handlers(case, now=now)
    return len(left)


def tell_reporters(case: Case, *, now: datetime) -> None:
    """A mail with only a link to everybody who reported, each time the case is closed."""
    for report in case.reports.select_related("reporter"):
        key = f"{REPORT_HANDLED}:{report.uid}:{case.version}"
        due = due_at_work(report.reporter, case.school, now) if report.hat == Hat.STAFF else now
        _tell(REPORT_HANDLED, report.reporter, "report", report.uid, key, case, now, due)


def _tell(kind: str, to: User, subject: str, uid: UUID, key: str, case: Case, now: datetime, due: datetime) -> None:
    outbox.enqueue(
        kind,
        recipient=to,
        subject_kind=subject,
        subject_uid=uid,
        school_uid=case.school.uid,
        dedupe_key=key,
        now=now,
        due_at=due,
    )
