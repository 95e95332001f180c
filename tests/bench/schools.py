"""Schools for measuring: rows in bulk, rights by the real derivation."""

from datetime import datetime, timedelta

from groups.models import Group, School, SchoolYear
from messaging.models import Image, Placement, Post, Replies, Topic, WritingState
from portal.core import access
from portal.core.models import User
from tests import rows

CLASSES, CHILDREN_A_CLASS, POSTS_A_GROUP, PHOTOS_A_POST = 12, 25, 30, 4
TEXT = (
    "Vandaag hebben we gekleid in de kring en daarna buiten gespeeld met de hele groep. Vraag thuis eens wat uw kind "
    "heeft gemaakt en wie er mocht helpen met opruimen. Morgen gaan we naar het bos: denk aan laarzen, een dikke jas, "
    "een beker drinken en iets lekkers voor onderweg."
)
"""Fifty words, as teachers write them."""


def school_year(now: datetime) -> SchoolYear:
    """The year round `now`, generously; the same one for every measurement of a run."""
    half = timedelta(days=180)
    return rows.school_year("2026-2027", now - half, now + half, now + 2 * half)


def address(school: int, child: int) -> str:
    return f"ouder{child}@school{school}.example"


def add_school(number: int, year: SchoolYear, now: datetime) -> School:
    """One school: 12 classes of 25 children, a parent each, a teacher each, 30 posts a group."""
    school = rows.school(f"{number:02d}ZZ"[:4], f"School {number}")
    groups = [rows.group(school, year, f"G{n}") for n in range(CLASSES)]
    groups.append(rows.group(school, year, "@school", "school"))
    since = year.starts_at
    with rows.in_bulk():
        teachers = [rows.account(f"juf{n}@school{number}.example", name="Naam") for n in range(CLASSES)]
        for user, group in zip(teachers, groups, strict=False):
            rows.staff(school, "Anna", "teacher", group, user=user, since=since)
        for n in range(CLASSES * CHILDREN_A_CLASS):
            child = rows.child(school, "Noor", groups[n % CLASSES], groups[-1], since=since)
            user = rows.account(address(number, n), name="Naam")
            rows.caregiver(school, "Noor", child, user=user, since=since)
    access.reproject(school=school)
    _posts(school, groups, teachers, now)
    return school


def add_photos(school: School, now: datetime) -> None:
    """Four photos in every fifth post of a group, in half of those of the whole school two: fourteen on a page.

    Rows only, nobody asks for the bytes.
    """
    posts = Post.objects.filter(school=school).select_related("group").order_by("group", "pk")
    placed = [(post, place) for n, post in enumerate(posts) if n % 5 == 0 for place in range(_photos_of(post, n))]
    images = Image.objects.bulk_create(
        Image(
            school=school,
            uploaded_by_id=post.author_id,
            key=f"{post.pk * PHOTOS_A_POST + place:032x}",
            sha256=f"{post.pk * PHOTOS_A_POST + place:064x}",
            width=1600,
            height=1200,
            created_at=now,
        )
        for post, place in placed
    )
    Placement.objects.bulk_create(
        Placement(school=school, image=image, writing=post, position=place, placed_at=now)
        for image, (post, place) in zip(images, placed, strict=True)
    )


def _photos_of(post: Post, number: int) -> int:
    return PHOTOS_A_POST // 2 if post.group.kind == "school" and number % 10 else PHOTOS_A_POST


def _posts(school: School, groups: list[Group], teachers: list[User], now: datetime) -> None:
    Post.objects.bulk_create(
        Post(
            school=school,
            group=group,
            author=teachers[g % len(teachers)],
            hat="staff",
            author_name="juf Anna",
            author_function="groep 4",
            topic=Topic.UPDATE,
            title=f"Bericht {n}",
            text=TEXT,
            html=f"<p>{TEXT}</p>",
            replies=Replies.ON,
            state=WritingState.PUBLISHED,
            published_at=now - timedelta(hours=n + 1),
        )
        for g, group in enumerate(groups)
        for n in range(POSTS_A_GROUP)
    )
