"""Answering an access request (AVG 12, 15): drawn up by one, read over by a second, given; noted at each step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from groups.models import Child, School
from groups.people.services.true_names import TrueName
from groups.records.domain.ages import decides_alone
from groups.records.policies import concerns_directie, has_case_officer
from groups.records.services.contacts import schools_of_person
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from messaging.writings.domain.naming import Names
from moderation.access_requests.domain import due_on, marks_of, named_in
from moderation.access_requests.models import (
    AccessCopy,
    AccessPassage,
    AccessRequest,
    AccessRequestGrant,
    Asker,
    Ground,
    Means,
    RequestState,
)
from moderation.access_requests.policies import can_answer, can_read_over
from moderation.access_requests.querysets import AccessRequestQuerySet
from moderation.access_requests.services.access_copies import make_copy
from moderation.access_requests.services.access_pieces import Piece, find_pieces, gather_pieces, names_of_others
from moderation.access_requests.services.news import (
    tell_preparer,
    tell_second_persons,
    tell_who_answers,
    tell_who_asked,
)
from moderation.cases.models.cases import Case
from moderation.cases.policies import can_lead
from moderation.cases.querysets import held
from moderation.cases.services.people import Known, names_of
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.domain import chain
from portal.core.domain.moments import SCHOOL_ZONE, at_school
from portal.core.transitions import move

LONGEST_AGO = timedelta(days=365)
"""A request that came in before is asked for again: what is that old is mostly a year that was typed wrong."""
SAID_FOR = timedelta(days=365)
"""So long who asked reads how the last request ended."""
DONE = (RequestState.ANSWERED, RequestState.CLOSED)


class OpenRequestError(Exception):
    """About this person, on this side, a request is open; carries that one."""

    def __init__(self, asked: AccessRequest) -> None:
        super().__init__(asked.pk)
        self.request = asked


class WentOnError(PermissionDenied):
    """The request went on since the page was opened: this step is not for now any more."""


class WrongDayError(Exception):
    """The day is still to come, comes before what it follows on, or lies longer ago than anybody waits."""


class NotForThemError(Exception):
    """Parents ask for a child under sixteen; this person asks alone."""


class MarkedMeanwhileError(Exception):
    """The lines were gathered or marked since the page was opened."""


class TooLateError(WentOnError):
    """Who needs longer says so before the first month is over, and once (AVG 12, 3)."""


class PiecesChangedError(Exception):
    """Something came, went or changed since the pieces were gathered: the copy has to be drawn up again."""


class OtherCopyError(Exception):
    """What was read is not what waits for approval now."""


def start_request(*, case: Case, asker: str, means: str, received_on: date, by: Actor) -> AccessRequest:
    """Write down that the person of this case asks what school keeps; due one month after it came in.

    By who leads the case. Where somebody of the directie is a party now, the case officer begins it. Raises
    `PermissionDenied`, `WrongDayError`, `NotForThemError`, `OpenRequestError`.
    """
    today = at_school(by.now).date()
    if not today - LONGEST_AGO <= received_on <= today:
        raise WrongDayError
    child = pupil_of(case)
    if asker == Asker.PARENT and (child is None or decides_alone(child.birth_on, now=by.now)):
        raise NotForThemError
    access.demand(can_lead(by, case))
    if opened := open_request_like(case):
        raise OpenRequestError(opened)
    against = case.against_directie or concerns_directie(case.about, case.school, child=child, now=by.now)
    asked = AccessRequest(
        school=case.school, about=case.about, side=case.side, child=child, against_directie=against, asker=asker
    )
    with transaction.atomic():
        _open(asked, means=means, received_on=received_on, by=by)
        access.demand(can_answer(by, asked))
    return asked


def ask_access(*, school: School, by: Actor) -> AccessRequest:
    """Somebody asks in Kring what the school keeps about oneself, as family or as staff; due one month from today.

    Of the own schools, also for who may not come in any more. A pupil under sixteen is asked for by the parents, at
    school. Who answers it is told by mail. Raises `PermissionDenied`, `NotForThemError`, `OpenRequestError`.
    """
    access.demand(school in schools_of_person(by))
    child = Child.objects.filter(school=school, user=by.user).first()
    if child and not decides_alone(child.birth_on, now=by.now):
        raise NotForThemError
    against = concerns_directie(by.user, school, child=child, now=by.now)
    asked = AccessRequest(
        school=school, about=by.user, side=by.hat, child=child, against_directie=against, asker=Asker.SELF
    )
    with transaction.atomic():
        _open(asked, means=Means.KRING, received_on=at_school(by.now).date(), by=by)
        tell_who_answers(asked, now=by.now)
    return asked


@dataclass(frozen=True)
class OwnRequest:
    """What somebody asked, or can ask, about oneself at a school.

    `asked`: the open request, whoever wrote it down; else `ended`: the last own one, while that is said. `of_board`:
    the foundation's case officer answers it, or would; `nobodys`: and the board appointed none. `may_ask`: it is an own
    school still. `is_late`: the day on which the open one was due has gone by.
    """

    school: School
    asked: AccessRequest | None
    ended: AccessRequest | None
    of_board: bool
    nobodys: bool
    may_ask: bool
    is_late: bool


def own_requests(actor: Actor) -> list[OwnRequest]:
    """Of each own school, and of each where something is asked still, what `actor` asked about oneself in this hat."""
    lately = Q(asker=Asker.SELF, ended_at__gt=actor.now - SAID_FOR)
    mine = AccessRequest.objects.filter(Q(ended_at=None) | lately, about=actor.user.pk, side=actor.hat)
    found = list(mine.select_related("school__foundation").defer("draft").order_by("ended_at", "pk"))
    opened = {one.school_id: one for one in found if one.is_open}
    ended = {one.school_id: one for one in found if not one.is_open}
    own = schools_of_person(actor)
    others = [one.school for one in opened.values() if one.school not in own]
    rows = []
    for school in [*own, *others]:
        asked = opened.get(school.pk)
        of_board = _answers_board(school, asked, actor=actor)
        nobodys = of_board and not has_case_officer(school, besides=actor.user, now=actor.now)
        last = None if asked else ended.get(school.pk)
        late = asked is not None and is_late(asked, now=actor.now)
        may_ask = school in own and asked is None
        rows.append(OwnRequest(school, asked, last, of_board, nobodys, may_ask=may_ask, is_late=late))
    return rows


def _answers_board(school: School, asked: AccessRequest | None, *, actor: Actor) -> bool:
    if asked:
        return asked.against_directie
    child = Child.objects.filter(school=school, user=actor.user).first()
    return concerns_directie(actor.user, school, child=child, now=actor.now)


def _open(asked: AccessRequest, *, means: str, received_on: date, by: Actor) -> AccessRequest:
    asked.means, asked.received_on, asked.due_on = means, received_on, due_on(received_on)
    asked.opened_by, asked.opened_at = by.user, by.now
    with transaction.atomic():
        hold_schools(asked.school_id)
        if opened := open_request_like(asked):
            raise OpenRequestError(opened)
        asked.save()
        access.reproject(containers=[asked.pk], only=AccessRequestGrant)
        audit.note("access_request.opened", asked, by=by)
    return asked


def open_request_like(one: Case | AccessRequest) -> AccessRequest | None:
    """The open request about the same person on the same side, if there is one."""
    return AccessRequest.objects.open().filter(school=one.school, about=one.about, side=one.side).first()


def pupil_of(case: Case) -> Child | None:
    """The pupil that the person of this case is, if it is one."""
    return Child.objects.filter(school=case.school, user=case.about).first()


def draw_up(*, asked: AccessRequest, by: Actor) -> AccessRequest:
    """Gather everything about this person that `by` handles, as lines to go through; again, when something changed.

    A line in which somebody else of the school is named is kept back, and that name is black, until `by` says
    otherwise; so is what the person is not told yet. What `by` said before of the same lines stays. Opening hard copies
    is written down. For who handles the request. Raises `PermissionDenied`, `CopyDamagedError`.
    """
    with transaction.atomic():
        current = _held(asked, by=by)
        material = find_pieces(current, actor=by)
        pieces = gather_pieces(material, by=by)
        names = names_of_others(current, [line for piece in pieces for line in piece.lines])
        before = list(current.passages.all()) if current.prepared_by_id == by.user.pk else []
        offered = names_of_others(current, [one.text for one in before]) if before else []
        blackened = sorted({*names} - {*offered} | {*(current.blackened if before else [])})
        rows = _passages(current, pieces, {(one.title, one.text): one.ground for one in before}, Names(tuple(names)))
        current.passages.all().delete()
        AccessPassage.objects.bulk_create(rows)
        drawn = {"draft": None, "blackened": blackened, "prepared_by": by.user, "stood": material.stood}
        facts = {"passages": len(rows)}
        _move(current, RequestState.DRAWING, "drawn_up", by=by, facts=facts, also=drawn)
    return current


def _passages(
    asked: AccessRequest, pieces: Iterable[Piece], choices: Mapping[tuple[str, str], str], names: Names
) -> list[AccessPassage]:
    lines = [(number, piece, line) for number, piece in enumerate(pieces) for line in piece.lines]
    return [
        AccessPassage(
            request=asked,
            position=position,
            piece=number,
            title=piece.title,
            text=line,
            ground=choices.get((piece.title, line), piece.ground or (Ground.OTHERS if named_in(line, names) else "")),
        )
        for position, (number, piece, line) in enumerate(lines)
    ]


def mark_passages(
    *,
    asked: AccessRequest,
    grounds: Mapping[int, str],
    blackened: Iterable[str],
    other_words: str,
    stood: str = "",
    by: Actor,
) -> AccessRequest:
    """Say of each line (by its key) whether it stays or on which ground not, and which words are made black.

    By who drew it up. `stood`: the `marks_of` the lines when the page was opened. Raises `PermissionDenied`,
    `MarkedMeanwhileError`.
    """
    with transaction.atomic():
        current = _in_hand(asked, by=by)
        rows = list(current.passages.all())
        blackened = list(blackened)
        now = marks_of({row.pk: row.ground for row in rows}, current.blackened, current.other_words)
        if stood and now not in (stood, marks_of(grounds, blackened, other_words)):
            raise MarkedMeanwhileError
        for row in rows:
            row.ground = grounds.get(row.pk, row.ground)
        AccessPassage.objects.bulk_update(rows, ["ground"], batch_size=200)
        black = sorted({*blackened})
        facts = {"kept_back": sum(bool(row.ground) for row in rows), "black": len(black)}
        marked = {"draft": None, "blackened": black, "other_words": other_words}
        _move(current, RequestState.DRAWING, "marked", by=by, facts=facts, also=marked)
    return current


def submit_copy(*, asked: AccessRequest, by: Actor) -> AccessRequest:
    """Make the copy and let a second person read it over; these get a mail with a link.

    By who drew it up. Raises `PermissionDenied`, `PiecesChangedError`.
    """
    with transaction.atomic():
        current = _in_hand(asked, by=by)
        _demand_same(current, by.now)
        draft = make_copy(current, list(current.passages.all()), now=by.now)
        _move(current, RequestState.REVIEW, "submitted", by=by, also={"draft": draft, "word": ""})
        tell_second_persons(current, now=by.now)
    return current


def return_copy(*, asked: AccessRequest, word: str, by: Actor) -> AccessRequest:
    """Give the copy back to who drew it up, with a word. By a second person. Raises `PermissionDenied`."""
    with transaction.atomic():
        current = _read_over(asked, by=by)
        _move(current, RequestState.DRAWING, "returned", by=by, also={"draft": None, "word": word})
        tell_preparer(current, now=by.now)
    return current


def approve_copy(*, asked: AccessRequest, digest: str, by: Actor) -> AccessCopy:
    """Seal the copy that was read (`digest` is its SHA-256), byte for byte; from now on it can be given.

    By a second person, never who drew it up, never a party. Raises `PermissionDenied`, `OtherCopyError`,
    `PiecesChangedError`.
    """
    with transaction.atomic():
        current = _read_over(asked, by=by)
        content, preparer = bytes(current.draft or b""), current.prepared_by
        if preparer is None or chain.digest(content) != digest:
            raise OtherCopyError
        _demand_same(current, by.now)
        copy = AccessCopy.objects.create(
            request=current, content=content, digest=digest, prepared_by=preparer, approved_by=by.user, sealed_at=by.now
        )
        _move(current, RequestState.APPROVED, "approved", by=by, facts={"copy": str(copy.uid)}, also={"draft": None})
        tell_preparer(current, now=by.now)
    return copy


def was_read_over(uid: UUID, *, actor: Actor) -> bool:
    """Whether `actor` approved the copy of this request, or gave it back, and so has read it over already."""
    told = {"actor_uid": actor.user.uid, "subject_uid": uid}
    watched = School.objects.watched_by(actor)
    return any(audit.noted(f"access_request.{verb}", at=watched, **told).exists() for verb in ("approved", "returned"))


def waited_for(uid: UUID, *, actor: Actor) -> bool:
    """Whether this request waited for a second person before, whom `actor` could have been then; never for a party."""
    rows = AccessRequest.objects.filter(uid=uid, pk__in=held(AccessRequest, actor, "stand_in"))
    watched = School.objects.watched_by(actor)
    return rows.exists() and audit.noted("access_request.submitted", at=watched, subject_uid=uid).exists()


def copy_of(asked: AccessRequest) -> AccessCopy | None:
    """The approved copy of a request that can be given or was; one that was drawn up again has none."""
    sealed = (RequestState.APPROVED, RequestState.ANSWERED)
    rows = AccessCopy.objects.filter(request=asked).select_related("request__school")
    return rows.order_by("-pk").first() if asked.state in sealed else None


def note_printing(*, copy: AccessCopy, by: Actor) -> None:
    """Note that somebody takes the copy along as a PDF. For who handles the request.

    Raises `PermissionDenied`, `NotForThemError`.
    """
    access.demand(can_answer(by, copy.request))
    _demand_for_them(copy.request, on=by.now)
    audit.note("access_request.printed", copy.request, by=by, copy=str(copy.uid))


def hand_over(*, asked: AccessRequest, handing: str, handed_on: date, by: Actor) -> AccessRequest:
    """The copy was given on that day; who asked for the own one is told so by mail, and reads it in Kring.

    For who handles the request. Raises `PermissionDenied`, `WrongDayError`, `NotForThemError` for a parent once the
    pupil is sixteen.
    """
    with transaction.atomic():
        current = _held(asked, by=by)
        copy = copy_of(current)
        if current.state != RequestState.APPROVED or copy is None:
            raise WentOnError
        if not at_school(copy.sealed_at).date() <= handed_on <= at_school(by.now).date():
            raise WrongDayError
        _demand_for_them(current, on=datetime.combine(handed_on, time(), SCHOOL_ZONE))
        given = {"handing": handing, "handed_on": handed_on}
        _end(current, RequestState.ANSWERED, "handed_over", by=by, facts={"how": handing}, also=given)
        tell_who_asked(current, now=by.now)
    return current


def _demand_for_them(asked: AccessRequest, *, on: datetime) -> None:
    """A parent asked while the child was younger than sixteen: whoever is that by then asks alone, and gets it."""
    if asked.asker == Asker.PARENT and asked.child and decides_alone(asked.child.birth_on, now=on):
        raise NotForThemError


def extend_request(*, asked: AccessRequest, reason: str, by: Actor) -> AccessRequest:
    """Two months more, once and within the first month; who asked for the own copy reads why (AVG 12, 3).

    For who handles the request. Raises `PermissionDenied`, `TooLateError`.
    """
    with transaction.atomic():
        current = _held(asked, by=by)
        if not can_extend(current, now=by.now):
            raise TooLateError
        later = due_on(current.received_on, is_extended=True)
        _move(
            current, RequestState(current.state), "extended", by=by, also={"extended_because": reason, "due_on": later}
        )
        tell_who_asked(current, now=by.now)
    return current


def can_extend(asked: AccessRequest, *, now: datetime) -> bool:
    """Whether more time may still be taken."""
    return asked.is_open and not asked.extended_because and at_school(now).date() <= asked.due_on


def close_request(*, asked: AccessRequest, reason: str, by: Actor) -> AccessRequest:
    """No copy is given: taken back, or refused (AVG 12, 5); who asked for the own copy reads why (AVG 12, 4).

    For who handles it, while it is open. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = _held(asked, by=by)
        _end(current, RequestState.CLOSED, "closed", by=by, also={"closed_because": reason})
        tell_who_asked(current, now=by.now)
    return current


@dataclass(frozen=True)
class RequestRow:
    """A request on the list: of whom, and whether the day it is due has gone by."""

    request: AccessRequest
    about: TrueName
    is_late: bool
    is_to_read: bool


def requests_of(*, actor: Actor, is_done: bool = False) -> AccessRequestQuerySet[AccessRequest]:
    """The requests that `actor` handles or reads over: open ones by the day they are due, else the last ones first."""
    rows = AccessRequest.objects.visible_to(actor.wearing(Hat.ANY)).select_related("school", "about").defer("draft")
    return rows.filter(state__in=DONE).order_by("-ended_at", "-pk") if is_done else rows.open().soonest_first()


def request_rows(requests: Sequence[AccessRequest], *, actor: Actor) -> list[RequestRow]:
    """How these of them read on the list."""
    to_read = set(AccessRequest.objects.reviewable_by(actor.wearing(Hat.ANY)).values_list("pk", flat=True))
    known = {row.pk: Known(row.about, row.school, row.side) for row in requests}
    names = names_of(known.values(), now=actor.now)
    return [RequestRow(row, names[known[row.pk]], is_late(row, now=actor.now), row.pk in to_read) for row in requests]


def is_late(asked: AccessRequest, *, now: datetime) -> bool:
    """Open, and the day it was due has gone by."""
    return asked.is_open and asked.due_on < at_school(now).date()


def _held(asked: AccessRequest, *, by: Actor) -> AccessRequest:
    """The open request as it is now, locked, for who handles it. Raises `PermissionDenied`, `WentOnError`."""
    current = _locked(asked)
    access.demand(can_answer(by, current))
    if not current.is_open:
        raise WentOnError
    return current


def _in_hand(asked: AccessRequest, *, by: Actor) -> AccessRequest:
    """The same, for who drew it up only."""
    current = _held(asked, by=by)
    access.demand(AccessRequest.objects.drawn_up_by(by.user).filter(pk=current.pk).exists())
    return current


def _read_over(asked: AccessRequest, *, by: Actor) -> AccessRequest:
    """The request that waits for a second person, locked, for that person."""
    current = _locked(asked)
    access.demand(can_read_over(by, current))
    return current


def _locked(asked: AccessRequest) -> AccessRequest:
    hold_schools(asked.school_id)
    rows = AccessRequest.objects.select_for_update(of=("self",))
    return rows.select_related("school", "about", "prepared_by").get(pk=asked.pk)


def _demand_same(asked: AccessRequest, now: datetime) -> None:
    if find_pieces(asked, actor=Actor(asked.prepared_by, Hat.ANY, now)).stood != asked.stood:
        raise PiecesChangedError


def _end(
    asked: AccessRequest,
    to: RequestState,
    verb: str,
    *,
    by: Actor,
    also: Mapping[str, object],
    facts: Mapping[str, object] | None = None,
) -> None:
    """With its answer the working copy goes: what was kept back stands in no other place than before."""
    asked.passages.all().delete()
    gone = {"draft": None, "blackened": [], "ended_by": by.user, "ended_at": by.now}
    _move(asked, to, verb, by=by, also={**gone, **also}, facts=facts)


def _move(
    asked: AccessRequest,
    to: RequestState,
    verb: str,
    *,
    by: Actor,
    also: Mapping[str, object],
    facts: Mapping[str, object] | None = None,
) -> None:
    """Who may read it over follows from where it is."""
    also = {**also, "version": asked.version + 1}
    move(asked, to, by=by, verb=f"access_request.{verb}", also=also, facts=facts)
    access.reproject(containers=[asked.pk], only=AccessRequestGrant)
