"""How each parent wants to hear what comes from a school: at once, in the weekly mail, or by no mail (POL-50).

Each kind is chosen by itself: what asks something, stories of the groups, news of the whole school, and messages in
conversations. Who never chose hears at once what is asked and who writes, and the rest once a week.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from groups.records.models.contact_choices import NEWS, UNCHOSEN, ContactChoice, NewsKind, Way
from groups.records.models.schools import Group, School
from groups.roles import Hat
from portal.core import audit
from portal.core.actor import Actor
from portal.core.models import User


@dataclass(frozen=True)
class Contact:
    """A school that mails this person, and how it does so for each kind."""

    school: School
    ways: Mapping[str, str]


def contacts_with_schools(*, user: User, now: datetime) -> list[Contact]:
    """The schools where `user` reads as family now, each with what was chosen there."""
    here = Group.objects.visible_to(Actor(user, Hat.FAMILY, now)).values("school")
    schools = School.objects.filter(pk__in=here).order_by("name", "pk")
    rows = ContactChoice.objects.filter(user=user).values_list("school", "kind", "way")
    chosen = {(school, kind): way for school, kind, way in rows}
    return [
        Contact(school, {kind: chosen.get((school.pk, kind), unchosen) for kind, unchosen in UNCHOSEN.items()})
        for school in schools
    ]


def choose_way(
    *, user: User, school: School, way: str, kinds: Iterable[str] = NEWS, now: datetime, by_link: bool = False
) -> None:
    """Remember in which way `user` wants to hear these kinds from `school`; idempotent.

    `by_link`: with the link in a mail, not signed in.
    """
    chosen = Way(way).value
    with transaction.atomic():
        ways = ways_of(users=[user.pk], school=school)[user.pk]
        changed = [NewsKind(kind).value for kind in kinds if ways[kind] != chosen]
        if not changed:
            return
        for kind in changed:
            what = {"way": chosen, "chosen_at": now}
            ContactChoice.objects.update_or_create(user=user, school=school, kind=kind, defaults=what)
        audit.record(
            "contact.chosen",
            by=Actor(user, Hat.ANY, now),
            subject_kind="user",
            subject_uid=user.uid,
            school_uid=school.uid,
            way=chosen,
            kinds=changed,
            by_link=by_link,
        )


def way_of(*, user: User, school: School, kind: str) -> str:
    """How `user` hears of this kind from `school`."""
    return ways_of(users=[user.pk], school=school)[user.pk][kind]


def ways_of(*, users: Iterable[int], school: School) -> dict[int, dict[str, str]]:
    """The way of each kind, for many at once, by their keys."""
    asked = list(users)
    ways: dict[int, dict[str, str]] = {user: dict(UNCHOSEN) for user in asked}
    for user, kind, way in ContactChoice.objects.filter(user__in=asked, school=school).values_list(
        "user", "kind", "way"
    ):
        ways[user][kind] = way
    return ways
