"""How each parent wants to hear the news of a school: one mail a week, a mail per message, or none (POL-50).

News is what stands on the pages of groups. A message in a conversation is written to this person: its mail, with a
name and a link, is no news and comes whatever was chosen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from groups.records.models.contact_choices import ContactChoice, Way
from groups.records.models.schools import Group, School
from groups.roles import Hat
from portal.core import audit
from portal.core.actor import Actor
from portal.core.models import User


@dataclass(frozen=True)
class Contact:
    """A school that mails this person, and how."""

    school: School
    way: str


def contacts_with_schools(*, user: User, now: datetime) -> list[Contact]:
    """The schools where `user` reads as family now, each with the choice; who never chose gets the newsletter."""
    here = Group.objects.visible_to(Actor(user, Hat.FAMILY, now)).values("school")
    schools = School.objects.filter(pk__in=here).order_by("name", "pk")
    ways = dict(ContactChoice.objects.filter(user=user).values_list("school", "way"))
    return [Contact(school, ways.get(school.pk, Way.WEEKLY)) for school in schools]


def choose_way(*, user: User, school: School, way: str, now: datetime, by_link: bool = False) -> None:
    """Remember how `user` wants to hear from `school`; idempotent.

    `by_link`: with the link in a mail, not signed in.
    """
    chosen = Way(way).value
    with transaction.atomic():
        if way_of(user=user, school=school) == chosen:
            return
        ContactChoice.objects.update_or_create(user=user, school=school, defaults={"way": chosen, "chosen_at": now})
        audit.record(
            "contact.chosen",
            by=Actor(user, Hat.ANY, now),
            subject_kind="user",
            subject_uid=user.uid,
            school_uid=school.uid,
            way=chosen,
            by_link=by_link,
        )


def way_of(*, user: User, school: School) -> str:
    """How `user` hears from `school`."""
    return ways_of(users=[user.pk], school=school)[user.pk]


def ways_of(*, users: Iterable[int], school: School) -> dict[int, str]:
    """The same for many at once, by their keys."""
    asked = list(users)
    chosen = dict(ContactChoice.objects.filter(user__in=asked, school=school).values_list("user", "way"))
    return {user: chosen.get(user, Way.WEEKLY.value) for user in asked}
