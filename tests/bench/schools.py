"""Schools for measuring: rows in bulk, rights by the real derivation."""

from datetime import datetime, timedelta

from groups.models import (
    Caregiver,
    Child,
    Enrolment,
    Foundation,
    Group,
    Guardianship,
    School,
    SchoolYear,
    StaffAssignment,
    StaffMember,
)
from messaging.models import Image, Placement, Post, Replies, Topic, WritingState
from portal.core import access
from portal.core.models import User

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
    ends = {"starts_at": now - half, "ends_at": now + half, "archive_until": now + 2 * half}
    year, _ = SchoolYear.objects.get_or_create(name="2026-2027", defaults=ends)
    return year


def address(school: int, child: int) -> str:
    return f"ouder{child}@school{school}.example"


def add_school(number: int, year: SchoolYear, now: datetime) -> School:
    """One school: 12 classes of 25 children, a parent each, a teacher each, 30 posts a group."""
    foundation, _ = Foundation.objects.get_or_create(name="Bench")
    school = School.objects.create(foundation=foundation, name=f"School {number}", brin=f"{number:02d}ZZ"[:4])
    groups = _groups(school, year)
    teachers = _teachers(school, groups, number, year.starts_at)
    _families(school, groups, number, year.starts_at)
    access.reproject(school=school)
    _posts(school, groups, teachers, now)
    return school


def _groups(school: School, year: SchoolYear) -> list[Group]:
    looks = {"colour": "lucht", "shape": "boog", "school": school, "school_year": year}
    groups = [
        Group(kind="class", roster_key=f"G{n}", name=f"Groep {n}", label=str(n % 9), **looks) for n in range(CLASSES)
    ]
    groups.append(Group(kind="school", roster_key="@school", name="Hele school", label="", **looks))
    return Group.objects.bulk_create(groups)


def _users(addresses: list[str]) -> list[User]:
    return User.objects.bulk_create([User(email=a, name="Naam", password="!") for a in addresses])


def _teachers(school: School, groups: list[Group], number: int, since: datetime) -> list[User]:
    users = _users([f"juf{n}@school{number}.example" for n in range(CLASSES)])
    staff = StaffMember.objects.bulk_create(
        StaffMember(
            school=school,
            first_name="Anna",
            last_name="Wit",
            display_name="juf Anna",
            function="leerkracht",
            roster_key=f"T{n}",
            user=user,
            joined_at=since,
        )
        for n, user in enumerate(users)
    )
    StaffAssignment.objects.bulk_create(
        StaffAssignment(staff=s, school=school, group=group, role="teacher", valid_from=since)
        for s, group in zip(staff, groups, strict=False)
    )
    return users


def _families(school: School, groups: list[Group], number: int, since: datetime) -> None:
    count = CLASSES * CHILDREN_A_CLASS
    users = _users([address(number, n) for n in range(count)])
    names = {"school": school, "first_name": "Noor", "last_name": "Berg"}
    children = Child.objects.bulk_create(Child(**names, roster_key=f"L{n}") for n in range(count))
    caregivers = Caregiver.objects.bulk_create(Caregiver(**names, user=user, joined_at=since) for user in users)
    Guardianship.objects.bulk_create(
        Guardianship(caregiver=c, child=k, level="with_authority", valid_from=since, decided_at=since)
        for c, k in zip(caregivers, children, strict=True)
    )
    Enrolment.objects.bulk_create(
        Enrolment(child=child, group=group, valid_from=since)
        for n, child in enumerate(children)
        for group in (groups[n % CLASSES], groups[-1])
    )


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
