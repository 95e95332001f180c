"""How each parent wants to hear what comes from a school: at once, in the weekly mail, or by no mail (POL-50); and
whether own phones show it.

Each kind is chosen by itself: what asks something, stories of the groups, news of the whole school, and messages in
conversations. Who never chose hears at once what is asked and who writes, and the rest once a week.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from groups.records.models.contact_choices import NEWS, UNCHOSEN, UNCHOSEN_ON_PHONE, ContactChoice, NewsKind, Way
from groups.records.models.schools import Group, School
from groups.roles import Hat
from portal.core import audit
from portal.core.actor import Actor
from portal.core.models import PushDevice, User


@dataclass(frozen=True)
class Contact:
    """A school that mails this person, how it does so for each kind, and which of them own phones show."""

    school: School
    ways: Mapping[str, str]
    on_phone: Mapping[str, bool]


def contacts_with_schools(*, user: User, now: datetime) -> list[Contact]:
    """The schools where `user` reads as family now, each with what was chosen there."""
    here = Group.objects.visible_to(Actor(user, Hat.FAMILY, now)).values("school")
    schools = School.objects.filter(pk__in=here).order_by("name", "pk")
    chosen = {(one.school_id, one.kind): one for one in ContactChoice.objects.filter(user=user)}
    return [_contact(school, {kind: chosen.get((school.pk, kind)) for kind in UNCHOSEN}) for school in schools]


def _contact(school: School, chosen: Mapping[str, ContactChoice | None]) -> Contact:
    ways = {kind: one.way if one else UNCHOSEN[kind] for kind, one in chosen.items()}
    on_phone = {
        kind: UNCHOSEN_ON_PHONE[kind] if one is None or one.on_phone is None else one.on_phone
        for kind, one in chosen.items()
    }
    return Contact(school, ways, on_phone)


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


def stop_mails(*, user: User, school: School, now: datetime) -> None:
    """What the link in a mail stops: all news of `school`, and a weekly mail for a conversation alone.

    Who hears at once who writes goes on hearing that.
    """
    weekly = way_of(user=user, school=school, kind=NewsKind.TALKS) == Way.WEEKLY
    kinds = [*NEWS, NewsKind.TALKS] if weekly else NEWS
    choose_way(user=user, school=school, way=Way.NONE, kinds=kinds, now=now, by_link=True)


def choose_phone(*, user: User, school: School, kind: str, on: bool, now: datetime) -> None:
    """Remember whether own phones show this kind of `school` at once; idempotent. Its mail stays as it was."""
    kind = NewsKind(kind).value
    with transaction.atomic():
        choice, is_new = ContactChoice.objects.select_for_update().get_or_create(
            user=user, school=school, kind=kind, defaults={"way": UNCHOSEN[kind], "on_phone": on, "chosen_at": now}
        )
        if not is_new and choice.on_phone is on:
            return
        choice.on_phone, choice.chosen_at = on, now
        choice.save(update_fields=["on_phone", "chosen_at"])
        audit.record(
            "contact.chosen",
            by=Actor(user, Hat.ANY, now),
            subject_kind="user",
            subject_uid=user.uid,
            school_uid=school.uid,
            kinds=[kind],
            on_phone=on,
        )


def phones_showing(*, kind: str, school: School, users: QuerySet[User], now: datetime) -> QuerySet[PushDevice]:
    """The phones of `users` that show this kind of `school` at once. Whether they may see it is asked elsewhere."""
    wanting = ContactChoice.objects.on_phone(kind=kind, school=school)
    return PushDevice.objects.alive(now=now).filter(user__in=users.filter(wanting).values("pk"))


def shown_on_phones(*, users: Iterable[int], school: School) -> dict[int, set[str]]:
    """Which kinds the phones of each of these show, by their keys."""
    shown = {user: {kind for kind, shows in UNCHOSEN_ON_PHONE.items() if shows} for user in users}
    rows = ContactChoice.objects.filter(user__in=shown, school=school, on_phone__isnull=False)
    for user, kind, on in rows.values_list("user", "kind", "on_phone"):
        (shown[user].add if on else shown[user].discard)(kind)
    return shown


def way_of(*, user: User, school: School, kind: str) -> str:
    """How `user` hears of this kind from `school`."""
    return ways_of(users=[user.pk], school=school)[user.pk][kind]


def without_mail(*, users: Collection[int], schools: Iterable[School], kind: str) -> dict[int, set[int]]:
    """Who of these wants no mail about this kind, by the key of the school it is from: asked again as a mail leaves."""
    ways = {school.pk: ways_of(users=users, school=school) for school in schools}
    return {place: {user for user, way in those.items() if way[kind] == Way.NONE} for place, those in ways.items()}


def ways_of(*, users: Iterable[int], school: School) -> dict[int, dict[str, str]]:
    """The way of each kind, for many at once, by their keys."""
    asked = list(users)
    ways: dict[int, dict[str, str]] = {user: dict(UNCHOSEN) for user in asked}
    for user, kind, way in ContactChoice.objects.filter(user__in=asked, school=school).values_list(
        "user", "kind", "way"
    ):
        ways[user][kind] = way
    return ways
