"""Consent at every reading: the feed of a school with 100 000 photos and 20 000 answers, against the same without.

Everybody of the school answered in each of eight years. One family in fifteen says no to photos; what was placed
before is looked through, so that the same photos are shown with the rule and without, and only its work is measured.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from consent.asking.domain.purposes import IMAGES
from consent.models import Clearance, ConsentRound, Decision, Purpose, RoundPurpose
from groups.models import Child, Enrolment, Group, Guardianship, School
from messaging.models import Depiction, Image, Placement, Post
from messaging.photos.querysets.images import PlacementQuerySet
from portal.core import access, compiled
from portal.core.models import User
from tests.bench import schools
from tests.bench.cost import Cost, Visit, compare, cookies_of, get

NUMBER, READERS = 2, 30
PHOTOS, ANSWERS, YEARS, REFUSING = 100_000, 20_000, 8, 20
MARKED, ON_A_PHOTO = 0.3, 3
GOAL = 1.3
KEYS = [IMAGES, "recordings", "names", "school_guide", "website", "social_media", "press", "contact_details"]


def report() -> list[str]:
    """Print what the rule adds to the feed; returns the goal when it was missed."""
    school = make()
    readers = [User.objects.get(email=schools.address(NUMBER, number)) for number in range(READERS)]
    feeds = [Visit("/thuis/berichten/"), Visit("/thuis/berichten/zonder/")]
    with_rule, without = compare(feeds, readers)
    _line("feed with consent", with_rule)
    _line("feed without", without)
    shown = [get(WSGIHandler(), feed, cookies_of(readers[0])).count(b"<img") for feed in feeds]
    if shown[0] != shown[1]:
        raise RuntimeError(f"not the same photos: {shown[0]} and {shown[1]}")
    ratio = with_rule.cpu / without.cpu
    reached = ratio <= GOAL and with_rule.queries == without.queries
    print(
        f"consent, feed with {Image.objects.filter(school=school).count()} photos and "
        f"{Decision.objects.filter(school=school).count()} answers, against without: {ratio:.2f} (goal <= {GOAL}), "
        f"{with_rule.queries} SQL against {without.queries} {'ok' if reached else 'MISSED'}"
    )
    return [] if reached else ["consent in the feed"]


@contextmanager
def without_rule() -> Iterator[None]:
    """Consent hides nothing; with compiled questions of its own."""

    def everything(self: PlacementQuerySet, **_: Any) -> PlacementQuerySet:
        return self

    with (
        patch.object(PlacementQuerySet, "shown", everything),
        patch.object(compiled, "_statements", _STATEMENTS_WITHOUT),
    ):
        yield


_STATEMENTS_WITHOUT: dict[Any, Any] = {}


def make() -> School:
    now, rng = datetime.now(UTC), random.Random(4)
    school = schools.add_school(NUMBER, schools.school_year(now), now)
    purposes = _purposes(school)
    refusing = set(rng.sample(list(Child.objects.filter(school=school).values_list("pk", flat=True)), REFUSING))
    _answers(school, purposes, refusing, now)
    access.reproject(school=school, only=Clearance)
    _photos(school, refusing, now, rng)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return school


def _purposes(school: School) -> list[Purpose]:
    found = Purpose.objects.bulk_create(
        Purpose(school=school, key=key, reach="groups", basis="consent", position=place)
        for place, key in enumerate(KEYS)
    )
    return list(found)


def _answers(school: School, purposes: list[Purpose], refusing: set[int], now: datetime) -> None:
    """Every year a round and an answer; the last one is this year's, and some say no since."""
    year = timedelta(days=365)
    boss = User.objects.filter(staff_records__school=school)[0]
    families = list(Guardianship.objects.filter(child__school=school).select_related("caregiver"))
    for back in range(YEARS, 0, -1):
        opened = now - back * year
        one = ConsentRound.objects.create(
            school=school, opens_at=opened, closes_at=opened + year / 12, lapses=True, opened_by=boss
        )
        RoundPurpose.objects.bulk_create(RoundPurpose(round=one, purpose=p, text_version=1) for p in purposes)
        Decision.objects.bulk_create(
            _answer(school, purpose, family, _said(purpose, family, refusing), opened + year / 24)
            for family in families
            for purpose in purposes
        )
    no = [_answer(school, purposes[0], family, "no", now) for family in families if family.child_id in refusing]
    more = ANSWERS - Decision.objects.filter(school=school).count() - len(no)
    changed = [_answer(school, purposes[1 + n % 7], families[n % len(families)], "yes", now) for n in range(more)]
    Decision.objects.bulk_create(changed + no)


def _said(purpose: Purpose, family: Guardianship, refusing: set[int]) -> str:
    """The same every year."""
    return "no" if purpose.key == IMAGES and family.child_id in refusing else "yes"


def _answer(school: School, purpose: Purpose, family: Guardianship, says: str, at: datetime) -> Decision:
    return Decision(
        school=school,
        purpose=purpose,
        child_id=family.child_id,
        caregiver=family.caregiver,
        says=says,
        text_version=1,
        recorded_by_id=family.caregiver.user_id,
        decided_at=at,
    )


def _photos(school: School, refusing: set[int], now: datetime, rng: random.Random) -> None:
    """Four photos a post, 25 000 posts over the years; of what has no marks everybody refusing was looked for."""
    template = Post.objects.filter(school=school).first()
    groups = list(Group.objects.filter(school=school))
    count = PHOTOS // schools.PHOTOS_A_POST
    posts = Post.objects.bulk_create(
        _another(template, groups[n % len(groups)], now - timedelta(minutes=5 * n + 7)) for n in range(count)
    )
    images = Image.objects.bulk_create(
        Image(
            school=school,
            uploaded_by_id=template.author_id,
            key=f"c{post.pk}-{place}",
            sha256=f"{post.pk * 4 + place:064x}",
            width=1600,
            height=1200,
            marking="complete" if rng.random() < MARKED else "declared",
            created_at=post.published_at,
        )
        for post in posts
        for place in range(schools.PHOTOS_A_POST)
    )
    Placement.objects.bulk_create(
        Placement(school=school, image=image, writing=posts[n // 4], position=n % 4, placed_at=now)
        for n, image in enumerate(images)
    )
    in_group: dict[int, list[int]] = {group.pk: [] for group in groups}
    for child, group in Enrolment.objects.filter(child__school=school).values_list("child", "group"):
        in_group[group].append(child)
    said = {"said_by_id": template.author_id, "said_at": now}
    Depiction.objects.bulk_create(
        Depiction(image=image, child_id=child, is_on=image.marking == "complete", **said)
        for n, image in enumerate(images)
        for child in _told(image, in_group[posts[n // 4].group_id], refusing, rng)
    )


def _told(image: Image, children: list[int], refusing: set[int], rng: random.Random) -> list[int]:
    if image.marking == "complete":
        return rng.sample([child for child in children if child not in refusing], ON_A_PHOTO)
    return [child for child in children if child in refusing]


def _another(post: Any, group: Group, at: datetime) -> Post:
    fields = ("school_id", "author_id", "hat", "author_name", "author_function", "kind", "title", "text", "html")
    return Post(
        group=group,
        replies=post.replies,
        state=post.state,
        published_at=at,
        **{field: getattr(post, field) for field in fields},
    )


def _line(name: str, cost: Cost) -> None:
    print(
        f"  {name:<22} cpu {cost.cpu:6.2f} ms   p50 {cost.p50:6.2f} ms   {cost.size / 1000:5.1f} kB   "
        f"{cost.queries} SQL"
    )
