"""Somebody doubts something: one report a person, and one open case for everybody who doubts the same (POL-60)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from groups.models import Child, Group, GroupGrant, School, SchoolGrant
from groups.records.policies import concerns_directie
from groups.records.services.locks import hold_schools
from groups.roles import DIRECT, MODERATE, Hat
from messaging.models import Placement, Thread, Writing
from messaging.removing.services.removal import note_report
from messaging.talks.services.chairs import Participant, chairs_of
from moderation.access_requests.models import AccessRequestGrant
from moderation.access_requests.services.rights import requests_waiting_at
from moderation.cases.models.cases import Case, CaseGrant, Reason, Report, only
from moderation.cases.policies import can_report
from moderation.cases.services.news import tell_handlers
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.models import User

Content = Writing | Placement


class NowhereSeenError(Exception):
    """What was spread outside Kring was seen somewhere: that is what the school goes by (POL-32)."""


class OwnWordsError(PermissionDenied):
    """Nobody reports oneself: what one wrote one changes or takes away."""


@dataclass(frozen=True)
class Doubt:
    """Why somebody reports, in own words; for what was spread outside Kring where it was seen."""

    reason: str
    words: str = ""
    seen_where: str = ""


@dataclass(frozen=True)
class Subject:
    """What a case is about: one thing, or with nothing in `thing` the conduct of `about`; and where it stood."""

    school: School
    about: User
    side: str
    group: Group | None
    child: Child | None
    thing: dict[str, Content]

    @property
    def same(self) -> Q:
        """How the open case about the same is found."""
        if self.thing:
            return Q(**self.thing)
        return Q(only(""), school=self.school, about=self.about, side=self.side)


def subject_of(content: Content, *, person: bool = False) -> Subject:
    """What a report of this content is about; with `person` it is about who wrote it.

    What was said in a conversation has no group: it never comes to who moderates one.
    """
    written = written_in(content)
    above, thread = written.on_page_of, written.thread
    return Subject(
        school=written.school,
        about=written.author,
        side=written.hat,
        group=above.group if above and not person else None,
        child=thread.child if thread and not person else None,
        thing={} if person else {"photo" if isinstance(content, Placement) else "writing": content},
    )


def written_in(content: Content) -> Writing:
    """The text itself, or the one in which this photo stands."""
    return content.writing if isinstance(content, Placement) else content


def goes_to_teacher(subject: Subject, *, now: datetime) -> bool:
    """Whether a teacher can be told: about what a family wrote where one moderates, when no party is of the directie.

    What stands there for the whole school, and where school made no teacher administrator, the directie alone handles.
    """
    if subject.side != Hat.FAMILY or subject.group is None:
        return False
    moderating = GroupGrant.objects.in_force(MODERATE, now=now).filter(content_object=subject.group, hat=Hat.STAFF)
    directing = SchoolGrant.objects.in_force(DIRECT, now=now).filter(content_object=subject.school)
    teachers = moderating.exclude(user=subject.about).exclude(user__in=directing.values("user"))
    return teachers.exists() and not is_against_directie(subject, now=now)


def is_against_directie(subject: Subject, *, now: datetime) -> bool:
    """Whether somebody of the directie is a party, so that the foundation's case officer handles it."""
    return concerns_directie(subject.about, subject.school, child=subject.child, now=now)


def reported_before(subject: Subject, *, by: Actor) -> Report | None:
    """The own report of the same, as long as somebody looks into it: a second one would say nothing."""
    looked_into = Case.objects.open().filter(subject.same)
    return Report.objects.made_by(by.user).select_related("case").filter(case__in=looked_into).first()


def report_content(
    *,
    content: Content,
    reason: str,
    words: str = "",
    seen_where: str = "",
    to_teacher: bool = True,
    to_directie: bool = True,
    by: Actor,
) -> Report:
    """Report a post, reply, message or photo to the teacher concerned, the directie, or both (POL-60).

    Several reports of one thing are one open case, also when they come at the same moment; the same person's second
    is the first. Who handles it is told by mail. Nobody else learns who reported. Raises `PermissionDenied` for who
    cannot see it, `OwnWordsError`, `NowhereSeenError`.
    """
    subject = subject_of(content)
    with transaction.atomic():
        access.demand(can_report(by, content))
        recipients = (to_teacher, to_directie)
        doubt = Doubt(reason, words, seen_where)
        return _report(subject, written_in(content).version, doubt, recipients, by=by)


def report_person(*, seen_in: Writing, reason: str, words: str = "", seen_where: str = "", by: Actor) -> Report:
    """Report somebody whose name stands with this text: how the person behaves, not this one thing (POL-60).

    For the directie; about the directie for the case officer. Raises `PermissionDenied`, `OwnWordsError`,
    `NowhereSeenError`.
    """
    subject = subject_of(seen_in, person=True)
    with transaction.atomic():
        access.demand(can_report(by, seen_in))
        return _report(subject, None, Doubt(reason, words, seen_where), (False, True), by=by)


def others_in(thread: Thread, *, actor: Actor) -> list[Participant]:
    """Who is in a conversation beside `actor`, and came in already."""
    return [one for one in chairs_of([thread], now=actor.now)[thread.pk] if one.user_id not in (None, actor.user.pk)]


def report_participant(
    *, thread: Thread, chair: UUID, reason: str, words: str = "", seen_where: str = "", by: Actor
) -> Report:
    """Report somebody who is in a conversation with oneself, also who wrote nothing in it (POL-60).

    About how the person behaves; nothing of the conversation comes with it. For the directie; about the directie for
    the case officer. Raises `PermissionDenied`, `NowhereSeenError`.
    """
    with transaction.atomic():
        access.demand(Thread.objects.visible_to(by).filter(pk=thread.pk).exists())
        participant = next((one for one in others_in(thread, actor=by) if one.uid == chair), None)
        if participant is None or participant.user_id is None:
            raise PermissionDenied
        about = User.objects.get(pk=participant.user_id)
        subject = Subject(school=thread.school, about=about, side=participant.hat, group=None, child=None, thing={})
        return _report(subject, None, Doubt(reason, words, seen_where), (False, True), by=by)


def _report(subject: Subject, version: int | None, doubt: Doubt, recipients: tuple[bool, bool], *, by: Actor) -> Report:
    if subject.about.pk == by.user.pk:
        raise OwnWordsError
    reason = Reason(doubt.reason)
    if reason == Reason.SPREAD and not doubt.seen_where:
        raise NowhereSeenError
    hold_schools(subject.school.pk)
    to_teacher = recipients[0] and goes_to_teacher(subject, now=by.now)
    case = _open_case(subject, by)
    report, made = Report.objects.get_or_create(
        case=case,
        reporter=by.user,
        defaults={
            "hat": Hat(by.hat).value,
            "reason": reason.value,
            "words": doubt.words,
            "seen_where": doubt.seen_where if reason == Reason.SPREAD else "",
            "version": version,
            "to_teacher": to_teacher,
            "to_directie": recipients[1] or not to_teacher,
            "reported_at": by.now,
        },
    )
    if made:
        access.reproject(containers=[case.pk], only=CaseGrant)
        # The trail says that, not by whom: a party may read the trail one day.
        facts = {"kind": case.kind, "reason": report.reason}
        audit.note("case.reported", case, by=clock(by.now), **facts)
        tell_handlers(case, besides=by.user, now=by.now)
    return report


def _open_case(subject: Subject, by: Actor) -> Case:
    """The open case about this, held until the end of the transaction; who comes second finds the first."""
    case = Case.objects.open().filter(subject.same).select_for_update(of=("self",)).first()
    if case:
        return case
    made = _begin(subject, by)
    if made.written:
        note_report(written=made.written, now=by.now)
    return made


def _begin(subject: Subject, by: Actor) -> Case:
    made = Case.objects.create(
        school=subject.school,
        about=subject.about,
        side=subject.side,
        against_directie=is_against_directie(subject, now=by.now),
        group=subject.group,
        child=subject.child,
        opened_at=by.now,
        opened_by=by.user,
        **subject.thing,
    )
    access.reproject(containers=requests_waiting_at(made.school), only=AccessRequestGrant)
    return made
