"""What somebody who handles a case gets to see of it: the one thing as it stands, and as it was reported."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from groups.models import Child, Group
from groups.people.services.true_names import At, TrueName, true_names
from groups.roles import Hat
from messaging.models import Placement, Writing, WritingState
from messaging.photos.querysets.images import PlacementQuerySet
from messaging.writings.domain.text import words_with
from moderation.cases.models.cases import BREAKING_THROUGH, Case, Reason, Report, Side
from moderation.cases.models.measures import KindNote, Letter, Measure
from moderation.cases.policies import can_handle
from moderation.cases.querysets import CaseQuerySet, MeasureQuerySet, OfCaseQuerySet, ReportQuerySet
from moderation.cases.services.cases import note
from moderation.cases.services.contents import shorts_of, with_contents
from moderation.dossier.models import DossierPiece
from portal.core import access
from portal.core.actor import Actor
from portal.core.compiled import compiled, in_pages
from portal.core.models import AuditEvent, User
from portal.core.submissions import is_claimed


@dataclass(frozen=True)
class Shot:
    """A photo of a case. After somebody reported it `is_left_out`: its writer took it out of the text; `is_blurred`: it
    was made unrecognisable.
    """

    number: int
    alt: str
    is_left_out: bool
    is_blurred: bool


@dataclass(frozen=True)
class Shown:
    """`written`: the text as it stands; None when the case is about a person. `title`: the message it stood under.

    `reported`: the text as it was when its reader was first told of it, where it changed or was taken back since.
    `opens`: whether the reader may open the page it stands on. `numbers`: its photos, by their number in the case.
    `piece`: its hard copy, once it was removed and if the reader may open that. `child`: the name of the child whose
    conversation it is from, for who knows that child; the case officer of the foundation reads no name of a child.
    """

    written: Writing | None
    title: str
    reported: str
    is_gone: bool
    is_removed: bool
    opens: bool
    numbers: list["Shot"]
    piece: DossierPiece | None = None
    child: str = ""


def find_case(uid: UUID, *, actor: Actor) -> Case | None:
    """A case that `actor` handles, with what it is about; None for any other.

    With `may_lead` and `directs`, and what is there (`has_photos` and the like).
    """
    return next(iter(with_contents(_case(uid=uid, actor=actor))), None)


@compiled
def _case(uid: UUID, actor: Actor) -> CaseQuerySet[Case]:
    actor = actor.wearing(Hat.ANY)
    rows = Case.objects.with_leading_for(actor).with_told(actor).with_what_is_there().visible_to(actor).filter(uid=uid)
    return rows.select_related("school", "about", "group", "child")


def shown_in(case: Case, *, actor: Actor) -> Shown:
    """The content of one case, and nothing around it: of a conversation that one message only.

    What was removed is read in the dossier alone, with a reason.
    """
    written = case.written
    if written is None:
        return Shown(None, "", "", False, False, False, [])
    above = above_of(case)
    opens = above is not None and bool(opened([above], actor=actor))
    sealed = _sealed_in(case)
    is_removed, is_gone = sealed is not None, is_gone_in(case)
    return Shown(
        written=written,
        title=above.title if above and above != written else "",
        reported="" if is_removed else _as_reported(case, written, is_gone),
        is_gone=is_gone,
        is_removed=is_removed,
        opens=opens,
        numbers=_shots(case, actor) if not is_gone and (case.photo or case.has_photos) else [],
        child=children_told([case], actor=actor).get(case.pk, ""),
        piece=DossierPiece.objects.visible_to(actor.wearing(Hat.ANY)).filter(pk=sealed).first() if sealed else None,
    )


def opened(texts: Iterable[Writing], *, actor: Actor) -> set[int]:
    """Those of these texts whose page `actor` opens at school, by key; each kind by its own rule."""
    asked: dict[type[Writing], set[int]] = defaultdict(set)
    for one in texts:
        asked[type(one)].add(one.pk)
    return {pk for kind, keys in asked.items() for pk in _opened(kind=kind, keys=sorted(keys), actor=actor)}


@compiled
def _opened(kind: type[Writing], keys: list[int], actor: Actor) -> QuerySet[Writing, int]:
    readable: QuerySet[Writing] = kind.rows().visible_to(actor.wearing(Hat.STAFF)).filter(pk__in=keys)
    return readable.values_list("pk", flat=True)


def children_told(cases: Iterable[Case], *, actor: Actor) -> dict[int, str]:
    """By case the first name of the child it is about, as far as `actor` knows that child."""
    asked = [case for case in cases if case.child_id]
    names = dict(_known(cases=[case.pk for case in asked], actor=actor)) if asked else {}
    return {case.pk: names[case.child_id] for case in asked if case.child_id in names}


@compiled
def _known(cases: list[int], actor: Actor) -> QuerySet[Child, tuple[int, str]]:
    known = Child.objects.known_to(actor.wearing(Hat.ANY)).filter(cases__in=cases)
    return known.values_list("pk", "first_name")


def above_of(case: Case) -> Writing | None:
    """The text on whose page stands what the case is about; None for a conversation or a person."""
    return case.written.on_page_of if case.written else None


def is_gone_in(case: Case) -> bool:
    """Whether what the case is about was removed, or taken back by its writer."""
    written = case.written
    return written is not None and (_sealed_in(case) is not None or written.state == WritingState.RETRACTED)


def _sealed_in(case: Case) -> int | None:
    """The number of the hard copy with which this went away; None when it was not removed, or is about a person."""
    removed = case.photo or case.written
    return removed.dossier_entry_id if removed else None


def words_in(case: Case) -> str:
    """The words of a case as its reader was first told of them; none of what was removed, or about a person."""
    written = case.written
    if written is None or _sealed_in(case) is not None:
        return ""
    return _as_reported(case, written, is_gone_in(case)) or words_with(written.title, written.text)


def _as_reported(case: Case, written: Writing, is_gone: bool) -> str:
    if written.version == 1 and not is_gone:
        return ""
    first = case.told_version
    if first is None or (first == written.version and not is_gone):
        return ""
    return next((words_with(one.title, one.text) for one in written.versions.all() if one.number == first), "")


def _shots(case: Case, actor: Actor) -> list[Shot]:
    photos = photos_in(case, actor=actor)
    return [Shot(n, one.alt, one.removed_at is not None, bool(one.reported_key)) for n, one in enumerate(photos, 1)]


def photos_in(case: Case, *, actor: Actor) -> list[Placement]:
    """The photos a case is about, in the order that numbers them; see `photos_told`."""
    return photos_told([case], actor=actor)[case.pk]


def photos_told(cases: Iterable[Case], *, actor: Actor) -> dict[int, list[Placement]]:
    """By case the photos it is about: the one, or those of its message as they stood when `actor` was first told of it.

    What its writer left out since is among them: that hides nothing. What was removed, by itself or with
    its message, is in the dossier only. A photo of a shielded child only for who knows the child.
    """
    wanted = list(cases)
    kinds = {
        "photos": [case.photo_id for case in wanted if case.photo_id],
        "writings": [case.writing.pk for case in wanted if case.writing and case.writing.holds_photos],
    }
    about = {kind: keys for kind, keys in kinds.items() if keys}
    placements = _placements(**about, actor=actor) if about else []
    return {case.pk: [row for row in placements if _belongs(row, case)] for case in wanted}


@compiled
def _placements(
    actor: Actor, photos: list[int] | None = None, writings: list[int] | None = None
) -> PlacementQuerySet[Placement]:
    about = Q(pk__in=photos or []) | Q(writing__in=writings or [])
    rows = Placement.objects.filter(about, dossier_entry=None, writing__dossier_entry=None).clear_of_shielded(
        actor.wearing(Hat.ANY)
    )
    return rows.select_related("image").order_by("position", "pk")


def _belongs(row: Placement, case: Case) -> bool:
    if row.removed_at and row.removed_at < case.told_at:
        return False
    if case.photo_id:
        return row.pk == case.photo_id
    return row.writing_id == case.writing_id


@dataclass(frozen=True)
class SignedReport:
    """One report, with who made it: for who handles the case only."""

    report: Report
    by: TrueName


def reports_told(cases: Iterable[Case], *, actor: Actor) -> dict[int, list[Report]]:
    """By case who doubted it and why, the first report first; to a teacher only what was told to the teacher."""
    reports_of: dict[int, list[Report]] = defaultdict(list)
    asked = [case.pk for case in cases]
    for report in _reports(cases=asked, actor=actor) if asked else []:
        reports_of[report.case_id].append(report)
    return reports_of


def reasons_told(cases: Iterable[Case], *, actor: Actor) -> dict[int, list[str]]:
    """By case the reasons of these reports alone, a report each, the first one first."""
    reasons_of: dict[int, list[str]] = defaultdict(list)
    asked = [case.pk for case in cases]
    for case, reason in _reasons(cases=asked, actor=actor) if asked else []:
        reasons_of[case].append(reason)
    return reasons_of


@compiled
def _reasons(cases: list[int], actor: Actor) -> QuerySet[Report, tuple[int, str]]:
    rows = Report.objects.visible_to(actor.wearing(Hat.ANY)).filter(case__in=cases)
    return rows.order_by("reported_at", "pk").values_list("case", "reason")


@compiled
def _reports(cases: list[int], actor: Actor) -> ReportQuerySet[Report]:
    rows = Report.objects.visible_to(actor.wearing(Hat.ANY)).filter(case__in=cases)
    return rows.order_by("reported_at", "pk")


class CaseTurn(NamedTuple):
    """The case was closed, or opened again, by whom."""

    at: datetime
    is_closing: bool
    by: str


@dataclass(frozen=True)
class Involved:
    """Whom a case is about, who reads it, who closed it or opened it again, who reported it, and what was decided; each
    measure with its `signed_decided_by`."""

    about: TrueName
    reader: TrueName
    turns: list[CaseTurn]
    reports: list[SignedReport]
    measures: list[Measure]


def involved_in(case: Case, *, actor: Actor) -> Involved:
    """The people of one case, all names asked at once: as many statements for one report as for a hundred."""
    about, reader = At(case.about_id, case.school_id, case.side), At(actor.user.pk, case.school_id, Hat.STAFF)
    involved = {row: At(row.reporter_id, case.school_id, row.hat) for row in reports_in(case, actor=actor)}
    measures = measures_in(case, actor=actor)
    decided = {row: At(row.decided_by_id, case.school_id, Hat.STAFF) for row in measures}
    turned = [(at, closing, At(by, case.school_id, Hat.STAFF)) for at, closing, by in _turns_of(case)]
    turners = [by for _at, _closing, by in turned]
    names = true_names([about, reader, *turners, *involved.values(), *decided.values()], now=actor.now)
    for measure, by in decided.items():
        measure.signed_decided_by = str(names[by])
    reports = [SignedReport(row, names[by]) for row, by in involved.items()]
    turns = [CaseTurn(at, is_closing, str(names[by])) for at, is_closing, by in turned]
    return Involved(names[about], names[reader], turns, reports, list(decided))


NEVER_OPENED_AGAIN = 2
"""The version of a case that was closed, and no more."""


def _turns_of(case: Case) -> list[tuple[datetime, bool, int]]:
    """When, whether it was closed, and by which account: the last closing is the case's own, the trail has the rest.

    Since the reader was told: what was done before, when the directie alone was, is not the teacher's to read.
    """
    before = _trail(uid=case.uid) if case.version > NEVER_OPENED_AGAIN else []
    turns = [(at, verb == "case.closed", by) for at, verb, by in before if case.told_at <= at != case.closed_at]
    return [*turns, (case.closed_at, True, case.closed_by_id)] if case.closed_at and case.closed_by_id else turns


@compiled
def _trail(uid: UUID) -> QuerySet[AuditEvent, tuple[datetime, str, int]]:
    turned = AuditEvent.objects.filter(subject_kind="case", subject_uid=uid, verb__in=["case.closed", "case.reopened"])
    by = User.objects.filter(uid=OuterRef("actor_uid")).values("pk")
    turned = turned.annotate(by=Subquery(by)).filter(by__isnull=False)
    return turned.order_by("at", "pk").values_list("at", "verb", "by")


def measures_in(case: Case, *, actor: Actor) -> list[Measure]:
    """What was decided in this case, as far as `actor` reads it, the first thing first."""
    return _measures(case=case, actor=actor) if case.has_measures else []


def letters_in(case: Case, *, actor: Actor) -> list[Letter]:
    """What was written to people in this case, as far as `actor` reads it, the first letter first."""
    return _letters(case=case, actor=actor) if case.has_letters else []


def notes_in(case: Case, *, actor: Actor) -> list[KindNote]:
    """The kind words of school about it, as far as `actor` reads them, the first ones first."""
    return _notes(case=case, actor=actor) if case.has_notes else []


class DoneMeanwhileError(Exception):
    """Something was done or written down in the case since the form was opened."""


def written_down(case: Case, *, actor: Actor) -> str:
    """What was written down so far, as far as `actor` reads it: a measure takes the place of another, and a letter goes
    twice.
    """
    return ".".join(map(str, _numbers(case, Measure, Letter, actor=actor)))


def _numbers(case: Case, *kinds: type[Measure | Letter | KindNote], actor: Actor) -> list[int]:
    return [kind.objects.visible_to(actor.wearing(Hat.ANY)).filter(case=case).count() for kind in kinds]


def standing_in(case: Case, *, measures: int, notes: int) -> str:
    """What was done so far, as far as another decision could look at it: its text, and how much stands beside it."""
    state = case.written.state if case.written else ""
    return f"{state}.{_sealed_in(case) is not None}.{measures}.{notes}"


def demand_as_read(case: Case, stood: str, *, key: UUID | None, by: Actor) -> None:
    """Raise `DoneMeanwhileError` where this case, which is locked with its text, stands otherwise than `stood` says.

    Not for the same form a second time, as `demand_nothing_since`.
    """
    measures, notes = _numbers(case, Measure, KindNote, actor=by)
    _demand_same(standing_in(case, measures=measures, notes=notes), stood, key=key, by=by)


def demand_nothing_since(case: Case, stood: str, *, key: UUID | None, by: Actor) -> None:
    """Raise `DoneMeanwhileError` where more was written down in this case, which is locked, than `stood` says.

    Not for the same form a second time: that says itself that it came in before.
    """
    _demand_same(written_down(case, actor=by), stood, key=key, by=by)


def _demand_same(stands: str, stood: str, *, key: UUID | None, by: Actor) -> None:
    if stood not in ("", stands) and not (key and is_claimed(user=by.user, key=str(key))):
        raise DoneMeanwhileError


@compiled
def _measures(case: Case, actor: Actor) -> MeasureQuerySet[Measure]:
    rows = Measure.objects.visible_to(actor.wearing(Hat.ANY)).filter(case=case)
    return rows.with_replaced().order_by("decided_at", "pk")


@compiled
def _letters(case: Case, actor: Actor) -> OfCaseQuerySet[Letter]:
    return Letter.objects.visible_to(actor.wearing(Hat.ANY)).filter(case=case).order_by("written_at", "pk")


@compiled
def _notes(case: Case, actor: Actor) -> OfCaseQuerySet[KindNote]:
    return KindNote.objects.visible_to(actor.wearing(Hat.ANY)).filter(case=case).order_by("written_at", "pk")


def reports_in(case: Case, *, actor: Actor) -> list[Report]:
    """The reports of one case that `actor` reads."""
    return reports_told([case], actor=actor)[case.pk]


@dataclass(frozen=True)
class CaseRow:
    """One row of the queue, of nothing but facts. `what` it is about, in words, and `sign`: of the group where that is.

    `school`: its name, for who handles cases of several. `reasons`: of the `told` reports, each once. `is_danger`: one
    of them cannot wait.
    """

    uid: UUID
    what: str
    sign: "GroupSign | None"
    about: TrueName
    school: str
    reasons: tuple[str, ...]
    told: int
    told_at: datetime
    is_hidden: bool
    is_of_staff: bool
    is_danger: bool


class GroupSign(NamedTuple):
    """What a group shows of itself."""

    kind: str
    name: str
    label: str
    colour: str
    shape: str


@in_pages
def queue_of(actor: Actor, state: str) -> CaseQuerySet[Case]:
    """The cases `actor` handles, oldest first when open, newest first when handled."""
    rows = Case.objects.visible_to(actor.wearing(Hat.ANY)).with_told(actor).filter(state=state)
    rows = rows.select_related("group", "school")
    return rows.oldest_first() if state == "open" else rows.order_by("-closed_at", "-pk")


def lines_of(cases: Sequence[Case], *, tells_school: bool, actor: Actor) -> list[CaseRow]:
    """The rows of a page of the queue."""
    reasons, shorts = reasons_told(cases, actor=actor), shorts_of(cases)
    about = {case.pk: At(case.about_id, case.school_id, case.side) for case in cases}
    names = true_names(about.values(), now=actor.now)
    return [
        CaseRow(
            uid=case.uid,
            what=shorts[case.pk].what,
            sign=_sign_of(case.group),
            about=names[about[case.pk]],
            school=case.school.name if tells_school else "",
            reasons=tuple(dict.fromkeys(str(Reason(reason).label) for reason in reasons[case.pk])),
            told=len(reasons[case.pk]),
            told_at=case.told_at,
            is_hidden=shorts[case.pk].is_hidden,
            is_of_staff=case.side == Side.STAFF,
            is_danger=case.is_open and not set(BREAKING_THROUGH).isdisjoint(reasons[case.pk]),
        )
        for case in cases
    ]


def _sign_of(group: Group | None) -> GroupSign | None:
    return GroupSign(*(getattr(group, name) for name in GroupSign._fields)) if group else None


def open_file(*, case: Case, by: Actor) -> list[Case]:
    """Everything about the person of this case that `by` handles, to print: written down first, who took it along.

    At the school of this case and on its side: the file of staff and that of a parent are two (POL-15, 65). For
    who handles the case. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_handle(by, case))
        file = file_of(case, actor=by)
        note("file_opened", case, by=by, cases=len(file))
    return file


def file_of(case: Case, *, actor: Actor) -> list[Case]:
    """Everything `actor` handles about the same person there, and reads of it, oldest first: for the file page."""
    same = {"about": case.about_id, "school": case.school_id, "side": case.side}
    actor = actor.wearing(Hat.ANY)
    rows = Case.objects.visible_to(actor).with_told(actor).filter(**same)
    texts = ("writing", "photo__writing")
    done = (
        Prefetch("measures", Measure.objects.visible_to(actor).with_replaced().select_related("decided_by")),
        Prefetch("letters", Letter.objects.visible_to(actor)),
        Prefetch("notes", KindNote.objects.visible_to(actor)),
    )
    versions = (f"{text}__versions" for text in texts)
    return list(rows.select_related("school", "group", *texts).prefetch_related(*done, *versions).oldest_first())
