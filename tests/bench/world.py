"""One grown school to measure on: 300 families with 390 posts, conversations, cases, and consent begun."""

from datetime import datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from consent.asking.services.starting import start_consent
from groups.models import Group, Guardianship, School, StaffMember
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint
from messaging.models import Image, Post, Reply
from messaging.posts.services.posts import publish_post
from messaging.talks.services.threads import start_thread, write_message
from moderation.cases.services.reports import report_content
from moderation.models import Case
from portal.core.actor import Actor, clock
from portal.core.models import User
from tests import rows
from tests.bench import schools

NUMBER = 7
THREADS, MESSAGES, CASES, REPLIES = 20, 30, 20, 3
ANSWER = "Dank u wel, we nemen laarzen mee. Noor heeft er veel zin in."
KEY = "0" * 32
"""Of the one photo whose bytes are asked for; all others are rows alone."""


class World(NamedTuple):
    """Who reads, and something of every kind to read."""

    parent: User
    teacher: User
    everywhere: User
    head: User
    ict: User
    officer: User
    group: Group
    post: Post
    image: Image
    thread: str
    case: Case


def grow() -> World:
    now = timezone.now()
    school = schools.add_school(NUMBER, schools.school_year(now), now)
    schools.add_photos(school, now)
    groups = list(Group.objects.filter(school=school, kind="class").order_by("pk"))
    head, everywhere, ict, officer = _team(school, groups, now)
    start_consent(school=school, by=Actor(head, Hat.ANY, now))
    parent, teacher = _who(schools.address(NUMBER, 0)), _who(f"juf0@school{NUMBER}.example")
    post = Post.objects.filter(group=groups[0], placements__isnull=False).distinct().order_by("pk")[0]
    _answers(school, groups, now)
    thread = _talks(school, teacher, now)
    case = _report_messages(school, head, now)
    image = Image.objects.filter(placements__writing=post).order_by("placements__position")[0]
    Image.objects.filter(pk=image.pk).update(key=KEY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return World(parent, teacher, everywhere, head, ict, officer, groups[0], post, image, thread, case)


def _team(school: School, groups: list[Group], now: datetime) -> list[User]:
    """Who directs the school, who is in all of its classes, who looks after the machine, and the case officer."""
    names = ("hoofd", "overal", "ict", "zaken")
    head, everywhere, ict, officer = (_staff(school, name, now) for name in names)
    for staff, role in ((head, Role.DIRECTIE), (ict, Role.ICT), (officer, Role.CASE_OFFICER)):
        appoint(staff=staff, role=role, school=school, by=clock(now))
        Authenticator.objects.create(user=staff.user, type=Authenticator.Type.TOTP, data={})
    for group in groups:
        appoint(staff=everywhere, role=Role.TEACHER, school=school, group=group, by=clock(now))
    return [staff.user for staff in (head, everywhere, ict, officer)]


def _who(address: str) -> User:
    return User.objects.get(email=address)


def _staff(school: School, name: str, now: datetime) -> StaffMember:
    user = rows.account(f"{name}@school{NUMBER}.example", name="Petra Smit")
    return rows.staff(school, "Petra", user=user, since=now)


def _answers(school: School, groups: list[Group], now: datetime) -> None:
    """Three under every message of a class, by a parent of it."""
    parents = {group.pk: _who(schools.address(NUMBER, number)) for number, group in enumerate(groups)}
    facts = {"school": school, "hat": Hat.FAMILY, "author_name": "Noor Berg", "state": "published", "published_at": now}
    facts |= {"text": ANSWER, "html": f"<p>{ANSWER}</p>"}
    Reply.objects.bulk_create(
        Reply(post=post, author=parents[post.group_id], **facts)
        for post in Post.objects.filter(group__in=groups)
        for _ in range(REPLIES)
    )


def _talks(school: School, teacher: User, now: datetime) -> str:
    """Conversations of one teacher, the first of them with many messages; its name."""
    staff = StaffMember.objects.filter(user=teacher)
    families = Guardianship.objects.filter(child__school=school, child__enrolments__group__roster_key="G0")
    found = []
    for family in families.select_related("child", "caregiver").order_by("pk")[:THREADS]:
        words = {"title": "Even over thuis", "text": schools.TEXT}
        who = {"child": family.child, "caregivers": [family.caregiver], "staff": staff}
        found.append(start_thread(**who, **words, by=Actor(teacher, Hat.STAFF, now)))
    for _ in range(MESSAGES):
        write_message(thread=found[0], text=schools.TEXT, by=Actor(teacher, Hat.STAFF, now))
    return str(found[0].uid)


def _report_messages(school: School, head: User, now: datetime) -> Case:
    """As many cases as messages that one parent reports, and one more about the directie; the last of the others."""
    reporter, everybody = _who(schools.address(NUMBER, 0)), Group.objects.filter(school=school, kind="school")
    words = {"reason": "other", "words": "Dit klopt niet.", "by": Actor(reporter, Hat.FAMILY, now)}
    written = {"topic": "update", "title": "Van de directie", "text": schools.TEXT, "replies": "on"}
    reported = list(Post.objects.filter(group__in=everybody)[:CASES])
    reported += publish_post(groups=list(everybody), **written, by=Actor(head, Hat.STAFF, now))
    for post in reported:
        report_content(content=post, **words)
    return Case.objects.get(writing=reported[0])
