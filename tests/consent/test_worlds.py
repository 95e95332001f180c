"""Random schools, answers, rounds and clocks: the rows equal a naive rule on plain sets; and what has no table.

Two schools with the same purpose; people of one answer at the other; authority ends, purposes retire, clocks stand one
second to either side of a round's close.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.asking.domain.purposes import IMAGES, Basis, Says
from consent.clearances.domain.allowed import NEVER, Verdict
from consent.models import Clearance, ConsentRound, Decision, Purpose, PurposeText, Reluctance, RoundPurpose
from groups.models import Child, Claim, School
from groups.roles import Hat
from messaging.models import Depiction, Image, Placement
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import User
from tests import rows
from tests.cast import Cast
from tests.scene import Scene
from tests.share import share

pytestmark = pytest.mark.engines

START = datetime(2027, 1, 1, tzinfo=UTC)
CIRCLES = ["groups", "school", "everybody"]
LEVELS = ["with_authority", "with_authority", "admitted_reader", "without_authority"]

moments = st.integers(0, 12).map(lambda hour: START + timedelta(hours=hour))
always = st.just((START, None))
periods = always | always | st.tuples(moments, st.none() | moments).filter(lambda p: p[1] is None or p[1] >= p[0])
stands = st.none() | st.none() | moments | st.just(NEVER)
answers = st.tuples(
    st.integers(0, 3), st.sampled_from(list(Says)), st.integers(1, 2), moments, stands, st.sampled_from([0, 0, 1, 2])
).map(lambda a: a if a[0] and a[1] == Says.YES else (*a[:4], None, a[5]))
"""The last two: from when a yes of who came in by letter counts, and of which account the pupil's own answer is."""
rounds = st.lists(
    st.tuples(st.integers(0, 10), st.integers(1, 4), st.booleans(), st.integers(1, 2)),
    max_size=2,
    unique_by=lambda one: one[0],
)
purposes = st.fixed_dictionaries(
    {
        "basis": st.sampled_from(list(Basis)),
        "requires_all": st.booleans(),
        "seen_by": st.tuples(*[st.sampled_from(CIRCLES)] * 3) | st.sampled_from([(one,) * 3 for one in CIRCLES]),
    }
)
"""Who saw it by the first text, the second, and the third: that of now."""
children = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from(LEVELS), periods), max_size=3, unique_by=lambda g: g[0]),
        st.lists(answers, max_size=6),
        st.booleans(),
        st.sampled_from([0, 0, 1, None]),
    ),
    min_size=1,
    max_size=6,
)
"""Guardians, answers, whether it would rather not, and which account it has now."""
worlds = st.lists(st.tuples(purposes, rounds, children, st.booleans()), min_size=1, max_size=2)
clocks = st.tuples(moments, st.sampled_from([-1, 0, 1])).map(lambda c: c[0] + timedelta(seconds=c[1]))


def hours(number: int) -> datetime:
    return START + timedelta(hours=number)


def naive(asked: Any, drawn_rounds: Any, drawn_child: Any, clock: datetime) -> Verdict:
    """The rule once more, as a parent would say it: everybody's last word, in the order of speaking."""
    guardians, said, reluctant, account = drawn_child
    in_charge = {
        who
        for who, level, (since, until) in guardians
        if level == "with_authority" and since <= clock and (until is None or clock < until)
    }
    last: dict[int, Any] = {}
    for who, says, version, at, stands_from, of in said:
        is_of_another = who == 0 and says == Says.YES and of != account
        if not is_of_another and (stands_from is None or stands_from <= clock):
            last[who] = (says, version, at)
    deciders = {0} if 0 in last else in_charge
    words = [last[who] for who in deciders if who in last]
    if not words and Says.NO in {says for says, _, _ in last.values()}:
        return Verdict.REFUSED
    if reluctant or any(says == Says.NO for says, _, _ in words):
        return Verdict.REFUSED
    if asked["basis"] == Basis.OBJECTION:
        return Verdict.SHOWN
    over = [one for one in drawn_rounds if hours(one[0] + one[1]) <= clock]
    fresh = 0
    for _, version, at in words:
        is_over = any(at < hours(opens) and (lapses or version < text) for opens, _, lapses, text in over)
        more_see_it = CIRCLES.index(asked["seen_by"][-1]) > CIRCLES.index(asked["seen_by"][version - 1])
        fresh += not is_over and not more_see_it
    is_enough = fresh == len(deciders) if asked["requires_all"] else True
    return Verdict.SHOWN if fresh and is_enough else Verdict.UNANSWERED


def write(world: Any, number: int, boss: User, clock: datetime) -> dict[int, Verdict | None]:
    """The rows of one school, and what the rule says of each of its children; None where nothing is asked any more."""
    asked, drawn_rounds, drawn, retired = world
    school = rows.school(f"{number:02d}WW", "W")
    *before, seen_by = asked["seen_by"]
    how = {name: asked[name] for name in ("basis", "requires_all")}
    purpose = Purpose.objects.create(
        school=school, key=IMAGES, reach=seen_by, position=1, retired_at=START if retired else None, **how
    )
    for text, (old, new) in enumerate(pairwise([*before, seen_by]), 2):
        words = {"number": text, "reach_before": old if old != new else "", "written_at": START}
        PurposeText.objects.create(purpose=purpose, **words)
    for opens, length, lapses, version in drawn_rounds:
        one = ConsentRound.objects.create(
            school=school, opens_at=hours(opens), closes_at=hours(opens + length), lapses=lapses, opened_by=boss
        )
        RoundPurpose.objects.create(round=one, purpose=purpose, text_version=version)
    people = [rows.caregiver(school) for _ in range(3)]
    found: dict[int, Verdict | None] = {}
    for place, (guardians, said, reluctant, account) in enumerate(drawn):
        accounts = [rows.account(f"{number}-{place}-{one}@example.nl") for one in range(3)]
        child = rows.child(school, birth_on=date(2010, 1, 1), user=None if account is None else accounts[account])
        for who, level, period in guardians:
            rows.guardianship(people[who - 1], child, level, *period)
        for who, says, version, at, stands_from, of in said:
            Decision.objects.create(
                claim=_claim(school, boss, at, stands_from) if stands_from else None,
                school=school,
                purpose=purpose,
                child=child,
                caregiver=people[who - 1] if who else None,
                says=says,
                text_version=version,
                decided_at=at,
                recorded_by=boss if who else accounts[of],
            )
        if reluctant:
            Reluctance.objects.create(school=school, child=child, recorded_by=boss, recorded_at=START)
        verdict = naive(asked, drawn_rounds, (guardians, said, reluctant, account), clock)
        found[child.pk] = None if retired and verdict != Verdict.REFUSED else verdict
    return found


def _claim(school: School, boss: User, at: datetime, settles_at: datetime) -> Claim:
    """By which somebody came in, known from then on; or who turned out to be somebody else."""
    ended = {"ended_at": at, "ended_how": "denied"}
    known = ended if settles_at == NEVER else {"settles_at": settles_at}
    return Claim.objects.create(caregiver=rows.caregiver(school), user=boss, how="address", claimed_at=at, **known)


@pytest.mark.django_db
@settings(
    max_examples=share(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=worlds, clock=clocks)
def test_the_rows_and_the_rule_agree(drawn: list[Any], clock: datetime) -> None:
    with transaction.atomic():
        boss = rows.account("werelden@example.nl", name="W")
        said = {pk: v for number, world in enumerate(drawn) for pk, v in write(world, number, boss, clock).items()}
        access.reproject(only=Clearance)
        here = Child.objects.filter(pk__in=said)
        shown = set(
            here.filter(Clearance.objects.shows_child(IMAGES, child="pk", now=clock)).values_list("pk", flat=True)
        )
        no = set(
            Clearance.objects.in_force(IMAGES, is_shown=False, now=clock)
            .filter(child__in=here)
            .values_list("child", flat=True)
        )
        assert shown == {pk for pk, verdict in said.items() if verdict == Verdict.SHOWN}
        assert no == {pk for pk, verdict in said.items() if verdict == Verdict.REFUSED}
        schools = School.objects.filter(name="W").values("pk")
        listed = Clearance.objects.refusals(IMAGES, schools=schools, now=clock)
        assert set(listed.values_list("child", flat=True)) == no
        transaction.set_rollback(True)


def _purpose(school: School, basis: Basis = Basis.CONSENT, **more: Any) -> Purpose:
    return Purpose.objects.create(school=school, key=IMAGES, reach="groups", position=1, basis=basis, **more)


def _own(cast: Cast, purpose: Purpose, says: Says, at: datetime, version: int = 1) -> None:
    about = {"school": purpose.school, "purpose": purpose, "adult": cast.teacher, "recorded_by": cast.teacher}
    Decision.objects.create(says=says, text_version=version, decided_at=at, **about)


def _shown_at(cast: Cast, now: datetime) -> set[str]:
    """At which of the two schools the teacher may be shown."""
    people = School.objects.filter(brin__in=["99CA", "99CB"])
    rule = Clearance.objects.shows_adult(IMAGES, adult="staffmember_set__user", school="pk", now=now)
    access.reproject(only=Clearance)
    return set(people.filter(rule, staffmember_set__user=cast.teacher).values_list("brin", flat=True))


def test_an_adult_decides_at_each_school_by_the_last_answer(cast: Cast) -> None:
    now = timezone.now()
    linde, berk = _purpose(cast.linde), _purpose(cast.berk)
    _own(cast, berk, Says.YES, now)
    assert _shown_at(cast, now) == set()
    _own(cast, linde, Says.YES, now)
    assert _shown_at(cast, now) == {"99CA"}
    _own(cast, linde, Says.NO, now - timedelta(days=1))
    assert _shown_at(cast, now) == set()
    _own(cast, linde, Says.YES, now)
    assert _shown_at(cast, now) == {"99CA"}
    Purpose.objects.filter(pk=linde.pk).update(retired_at=now)
    assert _shown_at(cast, now) == set()


def test_a_clearance_holds_from_its_second_to_that_of_its_end(cast: Cast) -> None:
    """What comes later stands there already, and what was stands there still: neither holds now."""
    now, day, second = timezone.now(), timedelta(days=1), timedelta(seconds=1)
    child = Child.objects.get(school=cast.linde, first_name="Noor")
    Clearance.objects.filter(child=child).delete()
    for is_shown, start, end in ((True, now, now + day), (False, now + day, now + 2 * day)):
        about = {"school": cast.linde, "child": child, "key": IMAGES}
        Clearance.objects.create(is_shown=is_shown, valid_from=start, valid_until=end, **about)
    moments = [moment + late for moment in (now, now + day, now + 2 * day) for late in (-second, timedelta(0))]
    said = [
        list(Clearance.objects.said(now=at).filter(child=child).values_list("is_shown", flat=True)) for at in moments
    ]
    assert said == [[], [True], [True], [False], [False], []]


def test_where_one_objects_silence_shows_an_adult(cast: Cast) -> None:
    now = timezone.now()
    linde = _purpose(cast.linde, Basis.OBJECTION)
    assert _shown_at(cast, now) == {"99CA"}
    _own(cast, linde, Says.NO, now)
    assert _shown_at(cast, now) == set()


def test_in_a_conversation_only_its_child_may_be_recognisable(cast: Cast, scene: Scene) -> None:
    image = scene.photo_of(scene.said_by_teacher)
    here, now = Placement.objects.filter(image=image), timezone.now()
    assert here.said_to(Actor(cast.mother, Hat.ANY, now)).exists()
    said = {"image": image, "said_by": cast.teacher, "said_at": now}
    other = Depiction.objects.create(child=cast.child("Sem"), is_on=True, **said)
    assert not here.said_to(Actor(cast.mother, Hat.ANY, now)).exists()
    assert not Image.objects.visible_to(Actor(cast.mother, Hat.ANY, now)).filter(pk=image.pk).exists()
    Depiction.objects.filter(pk=other.pk).update(is_on=False)
    assert here.said_to(Actor(cast.mother, Hat.ANY, now)).exists()
    Depiction.objects.create(adult=cast.teacher, is_on=True, **said)
    assert not here.said_to(Actor(cast.mother, Hat.ANY, now)).exists()
