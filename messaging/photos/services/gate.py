"""The gate before a photo is placed: who of the audience may not be shown, and who is on which photo (POL-40 to 46).

A school that has not begun with consent keeps the way it had: the writer declares that everybody recognisable may be
shown. From the day it has its purpose for photos, everybody who did not say yes is spared.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value

from consent.asking.domain.purposes import IMAGES
from consent.models import Clearance, Purpose
from groups.models import Child, Group, GroupKind, StaffAssignment, StaffMember
from groups.records.domain.names import PARTS, full_name
from groups.records.querysets.people import ChildQuerySet, StaffQuerySet
from groups.records.querysets.schools import GroupQuerySet
from groups.roles import Hat
from messaging.photos.domain import Picture
from messaging.photos.models import Depiction, Image, Marking
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.looking import holds
from portal.core.searching import plain

DECLARED_ALL = "2026-11"
"""Agreed to: "Everybody who can be recognised in the photos may be shown to this group." """
DECLARED_GROUPS = "2026-11-groups"
"""Agreed to: "Only children of groep 4 are in these photos." """
MARKED = "2026-11-marked"
"""No words were agreed to: on every photo was said who is recognisable."""


FEWEST_LETTERS, MOST_FOUND = 2, 10


class PicturesRefusedError(Exception):
    """These photos cannot be placed like this."""


class NotDeclaredError(PicturesRefusedError):
    """Nobody said that everybody recognisable may be shown (POL-40)."""


class OthersMarkedError(PicturesRefusedError):
    """Photos by their number in a message of a conversation on which somebody else than its child was marked."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


class GateClosedError(PicturesRefusedError):
    """Photos by their number in the message: `unmarked` without who is on them, `barred` with who may not be shown."""

    def __init__(self, unmarked: Collection[int], barred: Mapping[int, Sequence[str]]) -> None:
        super().__init__(unmarked, barred)
        self.unmarked = unmarked
        self.barred = barred


@dataclass(frozen=True)
class Recognisable:
    """Somebody who can be pointed at on a photo: a child, or an adult with an account; by primary key."""

    uid: UUID
    name: str
    full_name: str
    is_shown: bool
    child: int | None = None
    adult: int | None = None


@dataclass(frozen=True)
class Gate:
    """What the writer is asked about photos for these groups.

    It `waits_for_photos` as long as there are none, and `names_people` then. `people` are those of the groups whom the
    writer serves; of `others`, who were chosen before, and of who was `found` under the name that was `sought`, nothing
    is told but the name.
    `wants_marks`: somebody of the groups may not be shown, so that each photo says who is recognisable. It `is_shut`
    for a parent then, who points at nobody.
    """

    groups: list[Group]
    has_begun: bool
    waits_for_photos: bool = False
    names_people: bool = False
    wants_marks: bool = False
    is_shut: bool = False
    people: list[Recognisable] = field(default_factory=list)
    others: list[Recognisable] = field(default_factory=list)
    found: list[Recognisable] = field(default_factory=list)
    sought: str = ""

    @property
    def spared(self) -> list[Recognisable]:
        return [person for person in self.people if not person.is_shown]

    @property
    def offered(self) -> list[Recognisable]:
        return self.found[:MOST_FOUND]

    @property
    def found_too_many(self) -> bool:
        return len(self.found) > MOST_FOUND


@dataclass(frozen=True)
class Declared:
    """What the writer said about the photos, after the check: who the marks are, and the words of the declaration."""

    people: Mapping[UUID, Recognisable]
    wording: str


def has_begun(groups: Iterable[Group]) -> bool:
    """Whether the school asks about photos; a purpose that was retired is no way back to the declaration."""
    return Purpose.objects.filter(key=IMAGES, school__in={group.school_id for group in groups}).exists()


def gate_of(
    groups: Sequence[Group],
    *,
    by: Actor,
    photos: Collection[UUID] = (),
    others: Collection[UUID] = (),
    sought: str = "",
) -> Gate:
    """The gate before a message of `by` to these groups with these photos.

    `others` are people of other groups who were chosen before, `sought` is part of the name of one more. Names are for
    staff only, a parent who writes in the council points at nobody; and for who has a photo to look at (POL-40, 46).

    Example: meester Joost, who teaches groep 7, hands in a message for the whole school. Before a photo is there he
    reads no name; then those of groep 7, and Noor of groep 4 once he looks for "No". A shielded child is named to
    its own team only.
    """
    if not groups or not has_begun(groups):
        return Gate(list(groups), has_begun=False)
    if by.hat != Hat.STAFF:
        return Gate(list(groups), has_begun=True, is_shut=bool(people_to_spare(groups, now=by.now)))
    if not _may_look_at_one(photos, by):
        return Gate(list(groups), has_begun=True, waits_for_photos=True)
    known = Child.objects.nameable_to(by.wearing(Hat.ANY)) if others or sought else Child.objects.none()
    everybody = people_in(groups, now=by.now)
    served = set(_served(actor=by))
    people = [one for one in everybody if (one.child, one.adult) in served]
    here, school = {person.uid for person in people}, groups[0].school_id
    return Gate(
        list(groups),
        has_begun=True,
        names_people=True,
        wants_marks=not all(person.is_shown for person in everybody),
        people=people,
        others=_only_names(people_named(set(others) - here, children=known, school=school, now=by.now)),
        found=_only_names(
            one for one in people_like(sought, children=known, school=school, now=by.now) if one.uid not in here
        ),
        sought=sought,
    )


def _may_look_at_one(photos: Collection[UUID], by: Actor) -> bool:
    """One of these photos is there, and it is for `by` to say who is on it."""
    return bool(photos and _looked_at(photos=list(photos), actor=by))


@compiled
def _looked_at(photos: list[UUID], actor: Actor) -> QuerySet[Image, int]:
    return Image.objects.blurrable_by(actor).filter(uid__in=photos).values_list("pk", flat=True)[:1]


@compiled
def _served(actor: Actor) -> QuerySet[Child, tuple[int | None, int | None]]:
    """Children and staff of the groups whose people `actor` sees anyhow: for the directie the school."""
    groups = Group.objects.managed_by(actor.wearing(Hat.ANY))
    named = Child.objects.nameable_to(actor.wearing(Hat.ANY)).enrolled_in(groups, now=actor.now)
    children = named.order_by().values_list("pk", Value(None, IntegerField()))
    adults = _serving(groups, actor.now).order_by().values_list(Value(None, IntegerField()), "user")
    return children.union(adults, all=True)


def _only_names(people: Iterable[Recognisable]) -> list[Recognisable]:
    return [replace(person, is_shown=True) for person in people]


def people_in(groups: Sequence[Group], *, now: datetime) -> list[Recognisable]:
    """The children in these groups at `now`, then the staff who serve there and have an account."""
    return _told_apart(_recognisable(_in_groups(groups=[group.pk for group in groups], now=now)))


@compiled
def _in_groups(groups: list[int], now: datetime) -> QuerySet:
    here = Group.objects.filter(pk__in=groups)
    return _people(Child.objects.enrolled_in(groups, now=now), _serving(here, now), now)


def _told_apart(people: Sequence[Recognisable]) -> list[Recognisable]:
    """Two children of one first name are told apart by the rest of their names."""
    often = Counter(person.name for person in people)
    return [replace(person, name=person.full_name) if often[person.name] > 1 else person for person in people]


def people_to_spare(groups: Sequence[Group], *, now: datetime) -> list[Recognisable]:
    """Children and staff of these groups who may not be shown there at `now`; nobody until the school begins."""
    if not has_begun(groups):
        return []
    people = people_in(groups, now=now)
    return [person for person in people if not person.is_shown]


def people_like(sought: str, *, children: ChildQuerySet, school: int, now: datetime) -> list[Recognisable]:
    """Who at a school (by primary key), of these children and the staff, has a name with these beginnings.

    Nobody for less than two letters; one more than `MOST_FOUND`, where there are more. One query.
    """
    words = sought.split()
    if sum(letter.isalpha() for letter in sought) < FEWEST_LETTERS:
        return []
    children = children.enrolled_in(Group.objects.filter(school=school), now=now)
    staff = StaffMember.objects.serving(now=now).filter(school=school)
    for word in words:
        children = children.filter(_begins(PARTS, word))
        staff = staff.filter(_begins(["display_name"], word))
    return _recognisable(_people(children, staff, now)[: MOST_FOUND + 1])


def _begins(names: Iterable[str], word: str) -> Q:
    """One of the words of these names begins with it."""
    sought, begins = plain(word), Q()
    for name in names:
        begins |= Q(**{f"{name}__plain__startswith": sought}) | Q(**{f"{name}__plain__contains": f" {sought}"})
    return begins


def people_named(uids: Collection[UUID], *, children: ChildQuerySet, school: int, now: datetime) -> list[Recognisable]:
    """Those of these people who belong to the school and, of children, are among these; others are not there."""
    if not uids:
        return []
    staff = StaffMember.objects.filter(user__uid__in=uids, school=school)
    return _recognisable(_people(children.filter(uid__in=uids, school=school), staff, now))


def _people(children: ChildQuerySet, staff: StaffQuerySet, now: datetime) -> QuerySet:
    """These children, then those of this staff who have an account, each by name. One query."""
    shows_child = holds(Clearance.objects.shows_child(IMAGES, child="pk", now=now))
    shows_adult = holds(Clearance.objects.shows_adult(IMAGES, adult="user", now=now))
    young = children.order_by().annotate(is_adult=Value(False), key=F("pk"), is_shown=shows_child)
    grown = staff.filter(user__isnull=False).order_by().annotate(is_adult=Value(True), is_shown=shows_adult)
    rows = young.values_list("is_adult", "key", "uid", "is_shown", "first_name", "last_name", "prefix").union(
        grown.values_list("is_adult", "user", "user__uid", "is_shown", "display_name", Value(""), Value("")), all=True
    )
    return rows.order_by("is_adult", "first_name", "last_name", "key")


def _recognisable(rows: Iterable[tuple]) -> list[Recognisable]:
    people = []
    for is_adult, key, uid, is_shown, first, last, prefix in rows:
        whose = {"adult" if is_adult else "child": key}
        people.append(Recognisable(uid, first, full_name(first, prefix, last), is_shown, **whose))
    return people


def _serving(groups: GroupQuerySet, now: datetime) -> StaffQuerySet[StaffMember]:
    """Who serves these groups; for the whole school, or its team, everybody who serves the school."""
    everywhere = groups.filter(kind__in=(GroupKind.SCHOOL, GroupKind.STAFF)).values("school")
    tasks = StaffAssignment.objects.active(now=now).filter(
        Q(group__in=groups) | Q(school__in=everywhere), staff=OuterRef("pk")
    )
    return StaffMember.objects.filter(Exists(tasks))


def check_marks(
    pictures: Sequence[Picture],
    *,
    new: Collection[UUID],
    changed: Collection[UUID] = (),
    groups: Sequence[Group],
    declared: bool,
    by: Actor,
) -> Declared:
    """Let these photos through, or say which ones not: part of placing, in its transaction, by the rule of that moment.

    `new` are photos that did not stand there, `changed` those about which something else is said now; what stands
    there already is governed when it is read. Nobody to spare: `declared` is enough for photos without marks. Raises
    `NotDeclaredError`, `GateClosedError`.
    """
    if not has_begun(groups):
        if new and not declared:
            raise NotDeclaredError
        return Declared({}, DECLARED_ALL)
    looked_at = {number: one for number, one in enumerate(pictures, 1) if one.uid in {*new, *changed}}
    people = _people_marked(looked_at.values(), groups, by)
    unclear = {number for number, one in looked_at.items() if one.marks and not one.marks <= people.keys()}
    unmarked = {number for number, one in looked_at.items() if one.marks is None and one.uid in new}
    spared = people_to_spare(groups, now=by.now) if unmarked else []
    barred = {number: _barred(one, people) for number, one in looked_at.items() if _barred(one, people)}
    if unclear or barred or spared:
        raise GateClosedError(sorted(unclear | (unmarked if spared else set())), barred)
    if unmarked and not declared:
        raise NotDeclaredError
    return Declared(people, DECLARED_GROUPS if unmarked else MARKED)


def _people_marked(pictures: Iterable[Picture], groups: Sequence[Group], by: Actor) -> dict[UUID, Recognisable]:
    if by.hat != Hat.STAFF:
        return {}
    uids = {uid for one in pictures for uid in one.marks or ()}
    known = Child.objects.nameable_to(by.wearing(Hat.ANY))
    return {one.uid: one for one in people_named(uids, children=known, school=groups[0].school_id, now=by.now)}


def _barred(picture: Picture, people: Mapping[UUID, Recognisable]) -> list[str]:
    marked = [people[uid] for uid in picture.marks or () if uid in people]
    return sorted(person.name for person in marked if not person.is_shown)


def keep_marks(
    pictures: Iterable[Picture], images: Mapping[UUID, Image], *, people: Mapping[UUID, Recognisable], by: Actor
) -> None:
    """Keep who is on these photos: with marks they are complete, otherwise declared. A fixed number of queries.

    What was said of a photo where it stood before, and was called back, says nothing of who is looked for here. Who was
    marked and is not any more stays known as somebody who is not on it; but who may not be shown, or would rather not,
    stays marked: that goes by judging, or by the child.
    """
    marked = {images[one.uid].pk: one.marks for one in pictures if one.marks is not None}
    unmarked = [images[one.uid].pk for one in pictures if one.marks is None]
    Image.objects.filter(pk__in=unmarked).update(marking=Marking.DECLARED)
    Image.objects.filter(pk__in=marked).update(marking=Marking.COMPLETE)
    on_it = [(image, people[uid]) for image, uids in marked.items() for uid in uids]
    keep_depictions(on_it, by=by)
    pairs = {(image, person.child, person.adult) for image, person in on_it}
    stood = Depiction.objects.filter(image__in=marked, is_on=True)
    stood = stood.exclude(pk__in=Depiction.objects.barring(now=by.now).values("pk"))
    rows = stood.values_list("pk", "image", "child", "adult")
    gone = [pk for pk, *mark in rows if tuple(mark) not in pairs]
    Depiction.objects.filter(pk__in=gone).update(is_on=False, said_by=by.user, said_at=by.now)


def keep_depictions(on_it: Iterable[tuple[int, Recognisable]], *, by: Actor) -> None:
    """Say of these images (by primary key) that these people are recognisable on them."""
    rows = [
        Depiction(
            image_id=image, child_id=person.child, adult_id=person.adult, is_on=True, said_by=by.user, said_at=by.now
        )
        for image, person in on_it
    ]
    for of_children, unique in ((True, ["image", "child"]), (False, ["image", "adult"])):
        Depiction.objects.bulk_create(
            [row for row in rows if (row.child_id is not None) == of_children],
            update_conflicts=True,
            unique_fields=unique,
            update_fields=["is_on", "said_by", "said_at"],
        )


def keep_only_child(images: Sequence[Image], *, child: int, by: Actor) -> None:
    """Keep that on these photos of a conversation only its child (by primary key) is recognisable.

    Raises `OthersMarkedError` where somebody else was marked: in a message that was called back, say.
    """
    pks = [image.pk for image in images]
    others = Depiction.objects.filter(image__in=pks, is_on=True).exclude(child=child).values_list("image", flat=True)
    if numbers := sorted(1 + pks.index(image) for image in set(others)):
        raise OthersMarkedError(numbers)
    Image.objects.filter(pk__in=pks).update(marking=Marking.COMPLETE)
    Depiction.objects.bulk_create(
        [Depiction(image_id=pk, child_id=child, is_on=True, said_by=by.user, said_at=by.now) for pk in pks],
        update_conflicts=True,
        unique_fields=["image", "child"],
        update_fields=["is_on", "said_by", "said_at"],
    )


def marks_of(images: Iterable[Image]) -> dict[UUID, frozenset[UUID] | None]:
    """What was said about who is on each photo, in uids; None where nobody in particular was marked. One query."""
    by_key = {image.pk: image for image in images}
    marks: dict[int, set[UUID]] = {pk: set() for pk, image in by_key.items() if image.marking == Marking.COMPLETE}
    rows = Depiction.objects.filter(image__in=marks, is_on=True).values_list("image", "child__uid", "adult__uid")
    for image, child, adult in rows:
        marks[image].add(child or adult)
    return {image.uid: frozenset(marks[pk]) if pk in marks else None for pk, image in by_key.items()}
