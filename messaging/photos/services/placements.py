"""Which photos stand where, in which order, in whose words, and who said that everybody in them may be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from groups.models import Group
from groups.roles import Hat
from messaging.photos.domain import Picture as Picture
from messaging.photos.models import ALT_LIMIT, ClearedPhone, Image, ImageDeclaration, Placement, Upload
from messaging.photos.policies import can_clear_phone
from messaging.photos.querysets.images import ImageQuerySet
from messaging.photos.services.gate import NotDeclaredError as NotDeclaredError
from messaging.photos.services.gate import PicturesRefusedError as PicturesRefusedError
from messaging.photos.services.gate import check_marks, has_begun, keep_marks, keep_only_child, marks_of
from messaging.photos.services.images import MOST_IN_A_MESSAGE, MOST_IN_A_POST
from messaging.writings.models import Message, Post
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import User


class TooManyPicturesError(PicturesRefusedError):
    """More than fit; carries how many do."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class PictureGoneError(PicturesRefusedError):
    """A photo that is not there, not this person's, or of another school."""


class OtherSchoolError(PictureGoneError):
    """Own photos that came in for another school, by their number; or one message is for several `schools`."""

    def __init__(self, numbers: Sequence[int], *, schools: int) -> None:
        super().__init__(numbers, schools)
        self.numbers = numbers
        self.schools = schools


def place_images(
    *, posts: Sequence[Post], groups: Sequence[Group], pictures: Sequence[Picture], declared: bool, by: Actor
) -> None:
    """Put own uploads into new posts to `groups`; part of placing, in its transaction. Raises `PicturesRefusedError`.

    Posts written together share the photos; the gate asks about the people of all their groups. What was declared, or
    that everybody was marked, is kept with who, when and in which words.
    """
    chosen = _once_each(_as_said(pictures, groups, by))
    if not chosen:
        return
    images = _found(chosen, Image.objects.placeable_by(by.user), schools={post.school_id for post in posts})
    declaration = check_marks(chosen, new=images, groups=groups, declared=declared, by=by)
    for post in posts:
        Placement.objects.bulk_create(
            _placement(images[picture.uid], position, picture, by.now, post) for position, picture in enumerate(chosen)
        )
    keep_marks(chosen, images, people=declaration.people, by=by)
    _declare(posts, declaration.wording, by=by)


def place_in_message(*, message: Message, pictures: Sequence[Picture], declared: bool, by: Actor) -> None:
    """Put own uploads into a new message of a conversation; part of saying it. Raises `PicturesRefusedError`.

    Who reads along is named above the conversation, and it is about one child (POL-09): with `declared` the sender
    says that only that child is recognisable, or nobody (POL-46). That is kept as a mark; raises `OthersMarkedError`
    where another mark contradicts it.
    """
    chosen = _once_each(pictures, most=MOST_IN_A_MESSAGE)
    if not chosen:
        return
    images = _found(chosen, Image.objects.placeable_by(by.user), schools={message.school_id})
    if not declared:
        raise NotDeclaredError
    Placement.objects.bulk_create(
        _placement(images[picture.uid], position, picture, by.now, message) for position, picture in enumerate(chosen)
    )
    keep_only_child([images[one.uid] for one in chosen], child=message.thread.child_id, by=by)


def change_images(*, posts: Sequence[Post], pictures: Sequence[Picture], declared: bool, by: Actor) -> None:
    """Make `pictures` the photos of existing posts; one that is left out is no longer shown, its row stays.

    The posts carry their new version already. A photo that comes new, or comes back, passes the gate of all their
    groups; so does one about which something else is said now. Raises `PicturesRefusedError`.
    """
    groups = [post.group for post in posts]
    chosen = _once_each(_as_said(pictures, groups, by))
    images = _found(chosen, _placeable(by.user, posts[0]), schools={post.school_id for post in posts})
    present = {post: _placements_in(post) for post in posts}
    new = {post: {uid for uid in images if uid not in here or here[uid].removed_at} for post, here in present.items()}
    coming = set().union(*new.values())
    changed = {one.uid for one in _told_otherwise(chosen, marks_of(images.values()))} - coming
    declaration = check_marks(chosen, new=coming, changed=changed, groups=groups, declared=declared, by=by)
    for post, here in present.items():
        _arrange(post, here, chosen, images, by.now)
    keep_marks([one for one in chosen if one.uid in coming | changed], images, people=declaration.people, by=by)
    _declare([post for post in posts if new[post]], declaration.wording, by=by)


def _as_said(pictures: Sequence[Picture], groups: Sequence[Group], by: Actor) -> Sequence[Picture]:
    """A parent who writes for a council says nothing of who is on a photo, nor that nobody is; nor does anybody at a
    school that does not ask yet.
    """
    if all(one.marks is None for one in pictures) or (by.hat != Hat.FAMILY and has_begun(groups)):
        return pictures
    return [replace(one, marks=None) for one in pictures]


def _placements_in(post: Post) -> dict[UUID, Placement]:
    return {one.image.uid: one for one in Placement.objects.of(post).select_related("image")}


def _told_otherwise(chosen: Iterable[Picture], marks: Mapping[UUID, frozenset[UUID] | None]) -> list[Picture]:
    """Photos of which the writer says something else about who is on them than was said before."""
    return [one for one in chosen if one.marks is not None and one.marks != marks[one.uid]]


def says_the_same(pictures: Sequence[Picture], post: Post) -> bool:
    """Whether these are the photos of the post as they stand; where nothing is said about who is on it, that stands."""
    present = pictures_of(post)
    if [(one.uid, one.alt) for one in pictures] != [(one.uid, one.alt) for one in present]:
        return False
    return not _told_otherwise(pictures, {one.uid: one.marks for one in present})


def _arrange(
    post: Post, here: Mapping[UUID, Placement], chosen: Sequence[Picture], images: Mapping[UUID, Image], now: datetime
) -> None:
    """Give every photo its place and words in this post; what is not chosen is left out from now on.

    What the school removed from this post stays away, also when it stands in a post written together with it.
    """
    gone = {uid for uid, placement in here.items() if placement.dossier_entry_id}
    for position, picture in enumerate(chosen):
        if picture.uid in gone:
            continue
        if picture.uid in here:
            _change(here[picture.uid], position=position, alt=_words(picture), removed_at=None)
        else:
            _placement(images[picture.uid], position, picture, now, post).save(force_insert=True)
    for uid in here.keys() - {picture.uid for picture in chosen}:
        if here[uid].removed_at is None:
            _change(here[uid], position=here[uid].position, alt=here[uid].alt, removed_at=now)


def still_placeable(pictures: Sequence[Picture], *, user: User, post: Post | None = None) -> list[Picture]:
    """Those that can be placed (into `post`), and own ones that wait to be looked at.

    Somebody else's photo is not there, nor one that another tab placed.
    """
    if not pictures:
        return []
    there = set(_placeable(user, post).filter(uid__in=[one.uid for one in pictures]).values_list("uid", flat=True))
    waiting = set(waiting_among((one for one in pictures if one.uid not in there), user=user))
    return [replace(one, is_waiting=one.uid in waiting) for one in pictures if one.uid in there | waiting]


def waiting_among(pictures: Iterable[Picture], *, user: User) -> list[UUID]:
    """Which of these photos `user` sent and nobody looked at yet, in their order."""
    asked = [one.uid for one in pictures]
    rows = Upload.objects.sent_by(user).waiting().filter(uid__in=asked) if asked else Upload.objects.none()
    waiting = set(rows.values_list("uid", flat=True))
    return [uid for uid in asked if uid in waiting]


def _placeable(user: User, post: Post | None) -> ImageQuerySet[Image]:
    """Own uploads that stand nowhere yet, and what stands in the post or in its twins."""
    own = Image.objects.placeable_by(user)
    return own | Image.objects.placed_together_with(post) if post else own


def pictures_of(post: Post) -> list[Picture]:
    """The photos of a post as its writer chose them, in order."""
    shown = list(Placement.objects.of(post).filter(removed_at__isnull=True).in_order().select_related("image"))
    marks = marks_of(one.image for one in shown)
    return [Picture(one.image.uid, one.alt, marks[one.image.uid]) for one in shown]


def not_yet_in(written: Post | Message, pictures: Iterable[Picture]) -> list[Picture]:
    """Those that never stood in it: what was taken out of it is not new, nor the same file sent once more."""
    asked = [one.uid for one in pictures]
    if not asked:
        return []
    stood = Image.objects.filter(placements__in=Placement.objects.of(written))
    known = set(Image.objects.filter(uid__in=asked, sha256__in=stood.values("sha256")).values_list("uid", flat=True))
    return [one for one in pictures if one.uid not in known]


def clear_phone(*, post: Post, by: Actor) -> None:
    """Keep that the writer of a post with photos deleted them from the own phone (POL-33); the first time counts."""
    access.demand(can_clear_phone(by, post))
    ClearedPhone.objects.get_or_create(post=post, user=by.user, defaults={"cleared_at": by.now})


@dataclass(frozen=True)
class Phone:
    """What the writer said about the own phone; `cleared_at` is None while the photos may still be on it."""

    cleared_at: datetime | None


def phone_of(post: Post, *, actor: Actor) -> Phone | None:
    """For the writer of a post with photos, in the hat it was written in; nobody else is asked."""
    if (post.author_id, post.hat) != (actor.user.pk, actor.hat):
        return None
    cleared = ClearedPhone.objects.told_by(actor.user).filter(post=post)
    return Phone(cleared.values_list("cleared_at", flat=True).first())


def _once_each(pictures: Iterable[Picture], *, most: int = MOST_IN_A_POST) -> list[Picture]:
    chosen = list({picture.uid: picture for picture in pictures}.values())
    if len(chosen) > most:
        raise TooManyPicturesError(most)
    return chosen


def _found(chosen: Sequence[Picture], among: ImageQuerySet, *, schools: set[int]) -> dict[UUID, Image]:
    wanted = {picture.uid for picture in chosen}
    images = {image.uid: image for image in among.filter(uid__in=wanted)}
    if images.keys() != wanted:
        raise PictureGoneError
    elsewhere = [number for number, one in enumerate(chosen, 1) if {images[one.uid].school_id} != schools]
    if elsewhere:
        raise OtherSchoolError(elsewhere, schools=len(schools))
    return images


def _placement(image: Image, position: int, picture: Picture, now: datetime, writing: Post | Message) -> Placement:
    return Placement(
        school_id=image.school_id,
        image=image,
        writing=writing,
        position=position,
        alt=_words(picture),
        placed_at=now,
    )


def _change(placement: Placement, *, position: int, alt: str, removed_at: datetime | None) -> None:
    placement.position, placement.alt, placement.removed_at = position, alt, removed_at
    placement.save(update_fields=["position", "alt", "removed_at"])


def _words(picture: Picture) -> str:
    return " ".join(picture.alt.split())[:ALT_LIMIT]


def _declare(posts: Iterable[Post], wording: str, *, by: Actor) -> None:
    ImageDeclaration.objects.bulk_create(
        ImageDeclaration(post=post, post_version=post.version, declared_by=by.user, declared_at=by.now, wording=wording)
        for post in posts
    )
