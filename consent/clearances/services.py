"""Everybody who may be shown, or was refused, as the answers say: read set-based, writing nothing (docs/adr/0034)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from django.db.models import FilteredRelation, Q, QuerySet

from consent.answers.models import Decision, Reluctance
from consent.asking.domain.purposes import EVERYWHERE, FOR_ADULTS, PICTURED, Basis, Says
from consent.asking.models import Purpose, RoundPurpose, is_wider
from consent.clearances.domain.allowed import NEVER, SELF, Answer, Closing
from consent.clearances.domain.clearing import Question, clearances
from groups.models import Caregiver, Child, Guardianship, School, Shield, StaffMember
from groups.records.domain.derivation import BEGINNING, Span
from groups.records.querysets import ChildQuerySet
from portal.core.access import People

COLUMNS = ("school_id", "child_id", "adult_id", "key", "is_shown", "valid_from", "valid_until")

Asked = dict[int, dict[str, Question]]
"""By school what it asks, by its key."""


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
    if not people.users:
        return People()
    held = Guardianship.objects.filter(caregiver__user__in=people.users).values_list("child", flat=True)
    answered = Decision.objects.filter(claim__user__in=people.users).values_list("child", flat=True)
    return People(children=frozenset({*held, *answered}))


def hold(school: School | None, people: People | None) -> None:
    """Lock the children whose answers are read: two who decide about one child, here or at school, take turns."""
    list(_children(school, people).select_for_update(no_key=True).order_by("pk").values_list("pk"))


def project(school: School | None, people: People | None) -> Iterator[tuple]:
    """Every clearance, as `COLUMNS`."""
    asked = _asked(school)
    yield from _of_children(asked, school, people)
    yield from _of_adults(asked, school, people)


def _of_children(asked: Asked, school: School | None, people: People | None) -> Iterator[tuple]:
    children = dict(_children(school, people).values_list("pk", "school_id"))
    if not children:
        return
    scope = Q() if people is None and school is None else Q(child__in=_children(school, people).values("pk"))
    answers = _answers(Decision.objects.filter(scope, child__isnull=False), "child_id")
    holders = _holders(scope) if answers else {}
    refusing = _refusing(scope)
    for child, place in children.items():
        questions = asked.get(place, {})
        shielded, reluctant = refusing.get(child, ((), ()))
        keys = questions.keys() | (EVERYWHERE if shielded else PICTURED if reluctant else set())
        for key in keys:
            given = answers.get(PersonPurpose(place, child, key), [])
            stops = [*shielded, *(reluctant if key in PICTURED else ())]
            question = questions.get(key)
            if not (given or stops or (question and question.basis == Basis.OBJECTION)):
                continue
            who = holders.get(child, {}) if given else {}
            for is_shown, span in clearances(question=question, holders=who, answers=given, refusing=stops):
                yield place, child, None, key, is_shown, *span


def _of_adults(asked: Asked, school: School | None, people: People | None) -> Iterator[tuple]:
    """Of who answered; and where one objects, of everybody who has a record at the school."""
    rows = Decision.objects.filter(adult__isnull=False)
    rows = rows.filter(school=school) if school else rows
    rows = rows if people is None else rows.filter(adult__in=people.users)
    answers = _answers(rows, "adult_id")
    objecting = {
        place: {key for key, question in questions.items() if key in FOR_ADULTS and question.basis == Basis.OBJECTION}
        for place, questions in asked.items()
    }
    silent = {PersonPurpose(place, user, key) for place, user in _known(objecting, people) for key in objecting[place]}
    for subject in answers.keys() | silent:
        question = asked.get(subject.school, {}).get(subject.key)
        for is_shown, span in clearances(question=question, holders={}, answers=answers.get(subject, [])):
            yield subject.school, None, subject.person, subject.key, is_shown, *span


def _known(objecting: dict[int, set[str]], people: People | None) -> Iterator[tuple[int, int]]:
    """School and account of everybody with a record at the schools where something is shown until one objects."""
    schools = [place for place, keys in objecting.items() if keys]
    for model in (StaffMember, Caregiver) if schools else ():
        rows = model._default_manager.filter(school__in=schools, user__isnull=False)
        rows = rows if people is None else rows.filter(user__in=people.users)
        yield from rows.values_list("school_id", "user_id")


def _children(school: School | None, people: People | None) -> ChildQuerySet[Child]:
    rows = Child.objects.filter(school=school) if school else Child.objects.all()
    return rows if people is None else rows.filter(pk__in=people.children)


def _asked(school: School | None) -> Asked:
    rows = Purpose.objects.filter(retired_at__isnull=True)
    rows = rows.filter(school=school) if school else rows
    columns = ("purpose_id", "round__opens_at", "round__closes_at", "text_version", "round__lapses")
    closings: dict[int, list[Closing]] = defaultdict(list)
    for purpose, *closing in RoundPurpose.objects.filter(purpose__in=rows.values("pk")).values_list(*columns):
        closings[purpose].append(Closing(*closing))
    changed = FilteredRelation("texts", condition=~Q(texts__reach_before=""))
    facts = ("pk", "school_id", "key", "basis", "requires_all", "reach", "changed__number", "changed__reach_before")
    lines = rows.annotate(changed=changed).order_by("pk", "changed__number").values_list(*facts)
    asked: Asked = defaultdict(dict)
    for (pk, place, key, basis, requires_all, reach), texts in groupby(lines, key=lambda line: line[:6]):
        narrow = _too_narrow(reach, [text[6:] for text in texts])
        asked[place][key] = Question(Basis(basis), requires_all, closings[pk], narrow)
    return asked


def _too_narrow(reach: str, changed: Iterable[tuple[int | None, str]]) -> frozenset[int]:
    """The numbers of the texts that said that fewer people see it; `changed` with which text, and who saw it before."""
    narrow: set[int] = set()
    first = 1
    for number, before in changed:
        if number is not None:
            narrow |= set(range(first, number)) if is_wider(reach, before) else set()
            first = number
    return frozenset(narrow)


def _answers(rows: QuerySet, person: str) -> dict[PersonPurpose, list[Answer]]:
    """What was said about what is still asked; a yes of who turned out to be somebody else never stands."""
    columns = ("caregiver_id", "says", "text_version", "decided_at", "claim__settles_at", "claim__ended_at")
    rows = rows.filter(purpose__retired_at__isnull=True)
    answers: dict[PersonPurpose, list[Answer]] = defaultdict(list)
    about = ("purpose__school_id", person, "purpose__key", "pk")
    for place, who, key, number, caregiver, says, version, at, settles, ended in rows.values_list(*about, *columns):
        answers[PersonPurpose(place, who, key)].append(
            Answer(number, caregiver or SELF, Says(says), version, at, NEVER if ended else settles)
        )
    return answers


def _holders(scope: Q) -> dict[int, dict[int, list[Span]]]:
    """By child of whom something was answered, and by caregiver: when that caregiver has authority."""
    answered = Decision.objects.filter(scope, child__isnull=False).values("child")
    rows = Guardianship.objects.filter(scope, child__in=answered, level="with_authority")
    holders: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for child, caregiver, start, end in rows.values_list("child_id", "caregiver_id", "valid_from", "valid_until"):
        holders[child][caregiver].append(Span(start, end))
    return holders


def _refusing(scope: Q) -> dict[int, tuple[list[Span], list[Span]]]:
    """By child when it is shielded, and whether it said "liever niet" and did not take that back."""
    refusing: dict[int, tuple[list[Span], list[Span]]] = defaultdict(lambda: ([], []))
    for child, start, end in Shield.objects.filter(scope).values_list("child_id", "valid_from", "valid_until"):
        refusing[child][0].append(Span(start, end))
    for child in Reluctance.objects.open().filter(scope).values_list("child_id", flat=True):
        refusing[child][1].append(Span(BEGINNING, None))
    return refusing
