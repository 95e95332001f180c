"""Everybody who may be shown, or was refused, as the answers say: read set-based, writing nothing (docs/adr/0034)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from django.db.models import FilteredRelation, Model, Q, QuerySet

from consent.answers.models import Decision, Reluctance
from consent.answers.querysets import BY_ANOTHER
from consent.asking.domain.purposes import EVERYWHERE, FOR_ADULTS, PICTURED, Basis, Says
from consent.asking.models import Purpose, RoundPurpose, is_wider
from consent.clearances.domain.allowed import NEVER, SELF, TOO_YOUNG, Answer, Closing
from consent.clearances.domain.clearing import Question, clearances
from groups.models import Caregiver, Child, Guardianship, School, Shield, StaffMember
from groups.records.domain.ages import decides_alone
from groups.records.domain.derivation import BEGINNING, Span
from groups.records.querysets.people import ChildQuerySet
from portal.core.access import People
from portal.core.compiled import compiled

COLUMNS = ("school_id", "child_id", "adult_id", "key", "is_shown", "valid_from", "valid_until")

Asked = dict[int, dict[str, Question]]
"""By school what it asks, by its key."""

Records = Mapping[tuple[int, int], set[int]]
"""By child and account, as which caregivers of the child that is known."""


class PersonPurpose(NamedTuple):
    """The answers about one person to one purpose."""

    school: int
    person: int
    key: str


def of_people(people: People) -> Q:
    """Rows of these children, and of these adults about themselves."""
    return Q(child__in=sorted(people.children)) | Q(adult__in=sorted(people.users))


def reach(people: People) -> People:
    """With an account change the children it has a say about, now or ever, and those it said yes for."""
    return People(children=frozenset({*_held(users=people.users), *_answered(users=people.users)}))


@compiled
def _held(users: frozenset[int]) -> QuerySet:
    return Guardianship.objects.filter(caregiver__user__in=users).values_list("child", flat=True)


@compiled
def _answered(users: frozenset[int]) -> QuerySet:
    return Decision.objects.filter(claim__user__in=users).values_list("child", flat=True)


def hold(school: School | None, people: People | None) -> None:
    """Lock the children whose answers are read: two who decide about one child, here or at school, take turns."""
    list(_children(school, people).select_for_update(no_key=True).order_by("pk").values_list("pk"))


def project(school: School | None, people: People | None) -> Iterator[tuple]:
    """Every clearance, as `COLUMNS`."""
    asked = _asked(school)
    yield from _of_children(asked, school, people)
    yield from _of_adults(asked, school, people)


def _of_children(asked: Asked, school: School | None, people: People | None) -> Iterator[tuple]:
    children = list(_places(school=school, people=people))
    if not children:
        return
    said = list(_about_children(school=school, people=people))
    holders, records = _holders(school, people) if said else ({}, {})
    answers = _answers(said, records)
    refusing = _refusing(school, people)
    answered: dict[int, set[str]] = defaultdict(set)
    for subject in answers:
        answered[subject.person].add(subject.key)
    for child, place, birth_on in children:
        questions = asked.get(place, {})
        shielded, reluctant = refusing.get(child, ((), ()))
        keys = questions.keys() | answered[child] | (EVERYWHERE if shielded else PICTURED if reluctant else set())
        for key in keys:
            given = _by_age(answers.get(PersonPurpose(place, child, key), []), birth_on)
            stops = [*shielded, *(reluctant if key in PICTURED else ())]
            question = questions.get(key)
            if not (given or stops or (question and question.basis == Basis.OBJECTION)):
                continue
            who = holders.get(child, {}) if given else {}
            for is_shown, span in clearances(question=question, holders=who, answers=given, refusing=stops):
                yield place, child, None, key, is_shown, *span


def _by_age(answers: Iterable[Answer], birth_on: date | None) -> list[Answer]:
    """A pupil who turns out to have been too young had no say: that answer is one of somebody without authority."""

    def is_too_young(one: Answer) -> bool:
        return one.decider == SELF and not decides_alone(birth_on, now=one.decided_at)

    return [replace(one, decider=TOO_YOUNG) if is_too_young(one) else one for one in answers]


@compiled
def _places(school: School | None, people: People | None) -> QuerySet:
    """These children, with the school and the birthday of each."""
    return _children(school, people).values_list("pk", "school_id", "birth_on")


def _scope(school: School | None, people: People | None) -> Q:
    """Of rows about a child: of these children."""
    return Q() if people is None and school is None else Q(child__in=_children(school, people).values("pk"))


@compiled
def _about_children(school: School | None, people: People | None) -> QuerySet:
    return _said(Decision.objects.filter(_scope(school, people), child__isnull=False).exclude(BY_ANOTHER), "child_id")


def _of_adults(asked: Asked, school: School | None, people: People | None) -> Iterator[tuple]:
    """Of who answered; and where one objects, of everybody who has a record at the school."""
    answers = _answers(_about_adults(school=school, people=people))
    objecting = {
        place: {key for key, question in questions.items() if key in FOR_ADULTS and question.basis == Basis.OBJECTION}
        for place, questions in asked.items()
    }
    silent = {PersonPurpose(place, user, key) for place, user in _known(objecting, people) for key in objecting[place]}
    for subject in answers.keys() | silent:
        question = asked.get(subject.school, {}).get(subject.key)
        for is_shown, span in clearances(question=question, holders={}, answers=answers.get(subject, [])):
            yield subject.school, None, subject.person, subject.key, is_shown, *span


@compiled
def _about_adults(school: School | None, people: People | None) -> QuerySet:
    rows = Decision.objects.filter(adult__isnull=False)
    rows = rows.filter(school=school) if school else rows
    return _said(rows if people is None else rows.filter(adult__in=people.users), "adult_id")


def _known(objecting: dict[int, set[str]], people: People | None) -> Iterator[tuple[int, int]]:
    """School and account of everybody with a record at the schools where something is shown until one objects."""
    schools = [place for place, keys in objecting.items() if keys]
    for model in (StaffMember, Caregiver):
        yield from _records(model=model, schools=schools, people=people)


@compiled
def _records(model: type[Model], schools: list[int], people: People | None) -> QuerySet:
    rows = model._default_manager.filter(school__in=schools, user__isnull=False)
    rows = rows if people is None else rows.filter(user__in=people.users)
    return rows.values_list("school_id", "user_id")


def _children(school: School | None, people: People | None) -> ChildQuerySet[Child]:
    rows = Child.objects.filter(school=school) if school else Child.objects.all()
    return rows if people is None else rows.filter(pk__in=people.children)


def _asked(school: School | None) -> Asked:
    closings: dict[int, list[Closing]] = defaultdict(list)
    for purpose, *closing in _closings(school=school):
        closings[purpose].append(Closing(*closing))
    asked: Asked = defaultdict(dict)
    lines = _texts(school=school)
    for (pk, place, key, basis, requires_all, reach), texts in groupby(lines, key=lambda line: line[:6]):
        narrow = _too_narrow(reach, [text[6:] for text in texts])
        asked[place][key] = Question(Basis(basis), requires_all, closings[pk], narrow)
    return asked


def _standing(school: School | None) -> QuerySet[Purpose]:
    rows = Purpose.objects.filter(retired_at__isnull=True)
    return rows.filter(school=school) if school else rows


@compiled
def _closings(school: School | None) -> QuerySet:
    columns = ("purpose_id", "round__opens_at", "round__closes_at", "text_version", "round__lapses")
    return RoundPurpose.objects.filter(purpose__in=_standing(school).values("pk")).values_list(*columns)


@compiled
def _texts(school: School | None) -> QuerySet:
    """Every purpose, and a line for each of its texts that changed who sees what it is about."""
    changed = FilteredRelation("texts", condition=~Q(texts__reach_before=""))
    facts = ("pk", "school_id", "key", "basis", "requires_all", "reach", "changed__number", "changed__reach_before")
    return _standing(school).annotate(changed=changed).order_by("pk", "changed__number").values_list(*facts)


def _too_narrow(reach: str, changed: Iterable[tuple[int | None, str]]) -> frozenset[int]:
    """The numbers of the texts that said that fewer people see it; `changed` with which text, and who saw it before."""
    narrow: set[int] = set()
    first = 1
    for number, before in changed:
        if number is not None:
            narrow |= set(range(first, number)) if is_wider(reach, before) else set()
            first = number
    return frozenset(narrow)


def _said(rows: QuerySet, person: str) -> QuerySet:
    """These answers, as `_answers` reads them."""
    columns = ("says", "text_version", "decided_at", "claim__settles_at", "claim__ended_at")
    about = ("purpose__school_id", person, "purpose__key", "pk", "caregiver_id", "caregiver__user_id")
    return rows.values_list(*about, *columns)


def _answers(rows: Iterable[tuple], records: Records = MappingProxyType({})) -> dict[PersonPurpose, list[Answer]]:
    """What was said; a yes of who turned out to be somebody else never stands.

    A no is that of the account: also by another of its `records` beside the child. Example: the file writes Karima's
    name otherwise, and she is a new record there; her no still stands above the yes of Noor's father.
    """
    answers: dict[PersonPurpose, list[Answer]] = defaultdict(list)
    for place, who, key, number, caregiver, user, says, version, at, settles, ended in rows:
        one = Answer(number, caregiver or SELF, Says(says), version, at, NEVER if ended else settles)
        beside = records.get((who, user), set()) - {caregiver} if user and one.says == Says.NO else set()
        answers[PersonPurpose(place, who, key)] += [one, *(replace(one, decider=record) for record in beside)]
    return answers


def _holders(school: School | None, people: People | None) -> tuple[dict[int, dict[int, list[Span]]], Records]:
    """By child of whom something was answered, and by caregiver: when that caregiver has authority.

    And which caregivers of a child one account is.
    """
    holders: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    records: dict[tuple[int, int], set[int]] = defaultdict(set)
    for child, caregiver, user, start, end in _authority(school=school, people=people):
        holders[child][caregiver].append(Span(start, end))
        records[child, user].add(caregiver)
    return holders, records


@compiled
def _authority(school: School | None, people: People | None) -> QuerySet:
    scope = _scope(school, people)
    answered = Decision.objects.filter(scope, child__isnull=False).values("child")
    rows = Guardianship.objects.deciding().filter(scope, child__in=answered)
    return rows.values_list("child_id", "caregiver_id", "caregiver__user_id", "valid_from", "valid_until")


def _refusing(school: School | None, people: People | None) -> dict[int, tuple[list[Span], list[Span]]]:
    """By child when it is shielded, and whether it said "liever niet" and did not take that back."""
    refusing: dict[int, tuple[list[Span], list[Span]]] = defaultdict(lambda: ([], []))
    for child, start, end in _shields(school=school, people=people):
        refusing[child][0].append(Span(start, end))
    for child in _reluctant(school=school, people=people):
        refusing[child][1].append(Span(BEGINNING, None))
    return refusing


@compiled
def _shields(school: School | None, people: People | None) -> QuerySet:
    return Shield.objects.filter(_scope(school, people)).values_list("child_id", "valid_from", "valid_until")


@compiled
def _reluctant(school: School | None, people: People | None) -> QuerySet:
    return Reluctance.objects.open().filter(_scope(school, people)).values_list("child_id", flat=True)
