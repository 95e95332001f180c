"""Every combination of up to three caregivers, in every order: the rule, and the same rule in the database.

The oracle reads the situation as a person at the counter would; it knows no rows, no numbers and no clocks.
"""

import random
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement, permutations, product
from typing import Any, NamedTuple

import pytest
from django.db import connection

from consent.asking.domain.purposes import IMAGES, NAMES, Basis, Says
from consent.clearances.domain.allowed import NEVER, SELF, Answer, Closing, Verdict, allowed
from consent.models import Clearance, ConsentRound, Decision, Purpose, Reluctance, RoundPurpose
from groups.models import Caregiver, Child, School
from portal.core import access
from tests import rows
from tests.share import LONG, share

pytestmark = pytest.mark.engines

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OLD_ENOUGH = date(2010, 1, 1)
OPENED, CLOSED = NOW - 100 * DAY, NOW - 60 * DAY

# What somebody did: nothing, an answer since the round, or one before it to the present or to the older words.
SAID = ["nothing", "yes", "no", "yes before", "yes to older words", "no before"]
ROUNDS = {"lapsing": (CLOSED, True), "words": (CLOSED, False), "still open": (NOW + DAY, True)}


class Case(NamedTuple):
    """`caregivers` as (has authority, what was said); `own` is what the child itself said."""

    caregivers: tuple[tuple[bool, str], ...]
    own: str = "nothing"
    reluctant: bool = False


def expected(case: Case, basis: Basis, requires_all: bool, round_kind: str) -> Verdict:
    """In words: who decides, did anybody say no, did enough of them say a yes that still holds.

    While none of them spoke, the no of somebody who decided before stands.
    """
    holds = {
        "lapsing": {"yes"},
        "words": {"yes", "yes before"},
        "still open": {"yes", "yes before", "yes to older words"},
    }[round_kind]
    words = [said for authority, said in case.caregivers if authority] if case.own == "nothing" else [case.own]
    if case.own == "nothing" and set(words) <= {"nothing"}:
        words += [said for _, said in case.caregivers if said in ("no", "no before")]
    if case.reluctant or any(said.startswith("no") and said != "nothing" for said in words):
        return Verdict.REFUSED
    if basis == Basis.OBJECTION:
        return Verdict.SHOWN
    good = [said in holds for said in words]
    return Verdict.SHOWN if any(good) and (all(good) or not requires_all) else Verdict.UNANSWERED


def spoken(said: str) -> tuple[Says, int, datetime]:
    """The answer as it is written down: yes or no, to which words, when."""
    says = Says.NO if said.startswith("no") else Says.YES
    before = said not in ("yes", "no")
    return says, 1 if said == "yes to older words" else 2, OPENED - DAY if before else OPENED + DAY


def answers_of(case: Case, order: Iterable[int]) -> Iterator[Answer]:
    people = [(SELF, case.own), *((place + 1, said) for place, (_, said) in enumerate(case.caregivers))]
    for number, place in enumerate(order):
        decider, said = people[place]
        if said != "nothing":
            yield Answer(number, decider, *spoken(said))


def families(size: int) -> Iterator[tuple[tuple[bool, str], ...]]:
    for count in range(size + 1):
        yield from combinations_with_replacement(product((True, False), SAID), count)


FAMILIES = list(families(3))
KINDS = list(product(Basis, (False, True), ROUNDS))


def test_the_rule_is_what_one_would_say_at_the_counter() -> None:
    """Whatever the order in which they answered."""
    seen = set()
    for family, own, reluctant in product(FAMILIES, ("nothing", "yes", "no", "yes before"), (False, True)):
        case = Case(family, own, reluctant)
        every_order = LONG or (own == "nothing" and not reluctant)
        orders = list(permutations(range(len(family) + 1)))
        for order, (basis, requires_all, kind) in product(orders if every_order else orders[:1] + orders[-1:], KINDS):
            closes_at, lapses = ROUNDS[kind]
            verdict = allowed(
                basis=basis,
                requires_all=requires_all,
                holders=[place + 1 for place, (authority, _) in enumerate(family) if authority],
                answers=list(answers_of(case, order)),
                closings=[Closing(OPENED, closes_at, 2, lapses)],
                reluctant=reluctant,
                now=NOW,
            )
            seen.add(verdict)
            assert verdict == expected(case, basis, requires_all, kind), (case, basis, requires_all, kind, order)
    assert seen == set(Verdict)


@pytest.mark.parametrize("later", [timedelta(), timedelta(seconds=-1), timedelta(days=-900)])
def test_the_last_word_counts_by_number_and_not_by_clock(later: timedelta) -> None:
    def verdict(*words: Says) -> Verdict:
        answers = [Answer(n, 1, says, 1, NOW + n * later) for n, says in enumerate(words)]
        return allowed(
            basis=Basis.CONSENT,
            requires_all=False,
            holders=[1],
            answers=answers,
            closings=[],
            reluctant=False,
            now=NOW,
        )

    assert verdict(Says.YES, Says.NO) == Verdict.REFUSED
    assert verdict(Says.NO, Says.YES) == Verdict.SHOWN


@pytest.mark.parametrize(("stands", "expects"), [(-DAY, Verdict.SHOWN), (timedelta(), Verdict.SHOWN)])
def test_a_yes_of_who_came_in_by_letter_counts_from_then(stands: timedelta, expects: Verdict) -> None:
    assert by_letter(Answer(1, 1, Says.YES, 1, NOW - 3 * DAY, NOW + stands)) == expects


@pytest.mark.parametrize("stands", [NOW + timedelta(seconds=1), NEVER])
def test_until_then_what_was_said_before_counts(stands: datetime) -> None:
    waiting = Answer(2, 1, Says.YES, 1, NOW - DAY, stands)
    assert by_letter(waiting) == Verdict.UNANSWERED
    assert by_letter(Answer(1, 1, Says.NO, 1, NOW - 3 * DAY), waiting) == Verdict.REFUSED
    assert by_letter(Answer(1, 1, Says.YES, 1, NOW - 3 * DAY), waiting) == Verdict.SHOWN
    assert by_letter(waiting, Answer(3, 1, Says.NO, 1, NOW)) == Verdict.REFUSED


def by_letter(*answers: Answer) -> Verdict:
    asked = {"basis": Basis.CONSENT, "requires_all": False, "closings": [], "reluctant": False}
    return allowed(holders=[1], answers=answers, now=NOW, **asked)


# The same in the database: one school for each kind, one child for each case, asked in one question


class World:
    """Rows in bulk; every answer of all children gets its number by lot."""

    def __init__(self, key: str, cases: Collection[Case]) -> None:
        self.key, self.boss = key, rows.account("tafel@example.nl", name="Tafel")
        self.cases: dict[int, tuple[Case, Any]] = {}
        self.answers: list[Decision] = []
        self.guardianships = 0
        for place, kind in enumerate(KINDS):
            self._school(rows.school(f"{place:02d}TA", "T"), kind, cases)
        random.Random(7).shuffle(self.answers)
        Decision.objects.bulk_create(self.answers)

    def _school(self, school: School, kind: Any, cases: Collection[Case]) -> None:
        basis, requires_all, round_kind = kind
        looks = {"reach": "groups", "position": 1, "basis": basis, "requires_all": requires_all}
        purpose = Purpose.objects.create(school=school, key=self.key, **looks)
        closes_at, lapses = ROUNDS[round_kind]
        opened = {"opens_at": OPENED, "closes_at": closes_at, "lapses": lapses, "opened_by": self.boss}
        one = ConsentRound.objects.create(school=school, **opened)
        RoundPurpose.objects.create(round=one, purpose=purpose, text_version=2)
        with rows.in_bulk():
            caregivers = [rows.caregiver(school) for _ in range(3)]
            accounts = [rows.account(f"{school.brin}-{number}@example.nl") for number, _ in enumerate(cases)]
            children = [rows.child(school, birth_on=OLD_ENOUGH, user=account) for account in accounts]
            for child, case in zip(children, cases, strict=True):
                self._family(child, case, purpose, caregivers)
        self.cases |= {child.pk: (case, kind) for child, case in zip(children, cases, strict=True)}
        spoken_by = {"recorded_by": self.boss, "recorded_at": NOW}
        Reluctance.objects.bulk_create(
            Reluctance(school=school, child=child, **spoken_by)
            for child, case in zip(children, cases, strict=True)
            if case.reluctant
        )

    def _family(self, child: Child, case: Case, purpose: Purpose, caregivers: list[Caregiver]) -> None:
        for caregiver, (authority, said) in zip(caregivers, case.caregivers, strict=False):
            _guardianship(caregiver, child, authority, self.guardianships)
            self.guardianships += 1
            self._answer(child, said, purpose, caregiver)
        self._answer(child, case.own, purpose, None)

    def _answer(self, child: Child, said: str, purpose: Purpose, caregiver: Caregiver | None) -> None:
        if said == "nothing":
            return
        says, version, at = spoken(said)
        about = {"school_id": child.school_id, "purpose": purpose, "child": child, "caregiver": caregiver}
        by = self.boss if caregiver else child.user
        row = Decision(says=says, text_version=version, decided_at=at, recorded_by=by, **about)
        self.answers.append(row)


def _guardianship(caregiver: Caregiver, child: Child, authority: bool, number: int) -> None:
    """Without authority in each of the ways there are: another level, over, or not begun."""
    begun, ended, level = NOW - 300 * DAY, None, "with_authority"
    if not authority:
        level, begun, ended = [
            ("admitted_reader", begun, None),
            ("contact_ban", begun, None),
            ("unverified", begun, None),
            ("with_authority", begun, NOW),
            ("with_authority", NOW + timedelta(seconds=1), None),
        ][number % 5]
    rows.guardianship(caregiver, child, level, begun, ended)


def cases_for_the_database() -> list[Case]:
    """Each family; and each of up to two caregivers with every own answer and with the child's own "liever niet".

    As a share, by lot, and on each engine others.
    """
    own = [Case(*parts) for parts in product(families(3 if LONG else 1), SAID, (False, True))]
    cases = list(dict.fromkeys([*map(Case, FAMILIES), *own]))
    return random.Random(connection.vendor).sample(cases, share(len(cases)))


@pytest.mark.django_db
@pytest.mark.parametrize("key", [IMAGES, NAMES])
def test_the_database_says_the_same(key: str) -> None:
    """A "liever niet" is about being seen: the name is the parents' to decide."""
    cases = cases_for_the_database() if LONG or key == IMAGES else [Case((), reluctant=True), *map(Case, families(1))]
    world = World(key, cases)
    access.reproject(only=Clearance)
    children, schools = Child.objects.filter(school__name="T"), School.objects.filter(name="T")
    shown = _keys(children.filter(Clearance.objects.shows_child(key, child="pk", now=NOW)))
    refused = _keys(children.filter(pk__in=Clearance.objects.in_force(key, is_shown=False, now=NOW).values("child")))
    found = dict.fromkeys(world.cases, Verdict.UNANSWERED)
    found |= dict.fromkeys(refused, Verdict.REFUSED) | dict.fromkeys(shown, Verdict.SHOWN)
    said = {pk: _verdict(case, kind, key) for pk, (case, kind) in world.cases.items()}
    assert {pk: world.cases[pk] for pk in said if found[pk] != said[pk]} == {}
    assert shown & refused == set()
    refusals = Clearance.objects.refusals(key, schools=schools.values("pk"), now=NOW)
    assert set(refusals.values_list("child", flat=True)) == refused


def _keys(children: Any) -> set[int]:
    return set(children.values_list("pk", flat=True))


def _verdict(case: Case, kind: Any, key: str) -> Verdict:
    return expected(case if key == IMAGES else case._replace(reluctant=False), *kind)
