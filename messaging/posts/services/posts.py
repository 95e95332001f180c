"""Messages: placing, editing, taking back. Their words and versions are written here only."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Unpack
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, prefetch_related_objects

from groups.models import Group
from groups.records.services.bylines import Byline, bylines
from groups.roles import Hat
from messaging.asks.domain import AskedContent, asks_anew, is_counted_once, says_otherwise, tidy_ask
from messaging.asks.services.answering import check_ask, check_together, drop_answers
from messaging.asks.services.coming import seat_anew
from messaging.asks.services.helping import move_helpers
from messaging.asks.services.holding import hold_together
from messaging.asks.services.news import tell_changed, tell_otherwise
from messaging.newsletter.services.editions import bundle_posts
from messaging.photos.domain import Picture
from messaging.photos.services.placements import change_images, not_yet_in, pictures_of, place_images, says_the_same
from messaging.posts.services.essential import check_essential
from messaging.writings.domain.rich_text import to_html
from messaging.writings.domain.text import CONTENT, PostContent, content_in, tidy_text, tidy_title
from messaging.writings.models import Post, Replies, Topic, WritingState
from messaging.writings.policies import can_edit
from messaging.writings.querysets.posts import PostQuerySet
from messaging.writings.services.names import check_names
from messaging.writings.services.written import keep_versions, locked, record
from portal.core import access, submissions
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.versions import demand_version


def tidied(written: PostContent) -> PostContent:
    """What a post says, as it is kept. Raises a `TextRefusedError` or an `AskRefusedError`."""
    return {
        **written,
        "topic": Topic(written["topic"]).value,
        "title": tidy_title(written["title"]),
        "text": tidy_text(written["text"]),
        "replies": Replies(written["replies"]).value,
        **tidy_ask(written),
    }


class YearIsOverError(ValueError):
    """By then the school year of one of these groups is over: nobody is in it to read this."""


def check_moment(at: datetime, *, groups: Iterable[Group]) -> None:
    """What is placed can be read in the school year of its groups. Raises `YearIsOverError`."""
    if any(group.school_year.ends_at <= at for group in groups):
        raise YearIsOverError(at)


def publish_post(
    *,
    groups: Iterable[Group],
    by: Actor,
    at: datetime | None = None,
    submission_key: UUID | None = None,
    language: str | None = None,
    pictures: Sequence[Picture] = (),
    declared: bool = False,
    not_children: Collection[str] = (),
    **written: Unpack[PostContent],
) -> list[Post]:
    """Place a message in one or several groups: one post a group, with one `written_together` for each school
    (POL-05, 06, 08, 14).

    Everything or nothing: one group in which `by` may not publish in this hat refuses all. Each post carries name
    and function of its author (POL-15) and starts its versions. Until the moment `at`, now without one, nobody reads
    it but its author and who moderates the group, and no mail says it is there. `pictures` are own uploads that pass
    the gate: everybody of the groups may be shown and the writer `declared` that nobody else is on them, or each says
    who is recognisable (POL-44). `not_children`: names in it that mean no child (POL-40). Raises `PermissionDenied`, a
    `TextRefusedError`, `YearIsOverError`, `NamesRefusedError`, `EssentialRefusedError`, a `PicturesRefusedError`, or
    `AlreadySubmittedError` when the same form came in before.
    """
    chosen, moment = list(groups), max(at or by.now, by.now)
    with transaction.atomic():
        access.demand(_may_publish_in(chosen, by))
        posts = place_posts(
            groups=chosen,
            by=by,
            at=moment,
            submission_key=submission_key,
            language=language,
            pictures=pictures,
            declared=declared,
            not_children=not_children,
            **written,
        )
        bundle_posts(posts=posts, now=moment)
    return posts


def place_posts(
    *,
    groups: Sequence[Group],
    by: Actor,
    at: datetime | None = None,
    submission_key: UUID | None = None,
    language: str | None = None,
    pictures: Sequence[Picture] = (),
    declared: bool = False,
    not_children: Collection[str] = (),
    **written: Unpack[PostContent],
) -> list[Post]:
    """The same for who asked the right already, and tells the readers in a way of its own: see `publish_post`."""
    chosen, moment = list(groups), at or by.now
    prefetch_related_objects(chosen, "school", "school_year")
    with transaction.atomic():
        content = tidied(written)
        check_moment(moment, groups=chosen)
        check_ask(content, groups=chosen, at=moment)
        check_essential(content, groups=chosen, at=moment, by=by)
        passed = check_names(words_of(content, pictures), groups=chosen, not_children=not_children, now=by.now)
        together = _together(chosen)
        signed = bylines(user=by.user, groups=chosen, hat=by.hat)
        posts = [
            _new_post(group, signed[group.pk], content, by=by, at=moment, language=language, together=together)
            for group in chosen
        ]
        if submission_key:
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="post",
                subject_uid=posts[0].uid,
                now=by.now,
                said=(sorted(said_in(content).items()), planned_for(moment, now=by.now)),
                same=_placed_alike(content, at=moment, by=by).filter(group__in=chosen),
                taken_back=Post.objects.taken_back_by(by),
            )
        Post.objects.bulk_create(posts)
        keep_versions(posts, by=by)
        place_images(posts=posts, groups=chosen, pictures=pictures, declared=declared, by=by)
        for post in posts:
            facts = {"together": len(posts), "photos": len(pictures), **_passed(passed)}
            record("published", post, by=by, **facts)
    return posts


def said_in(content: PostContent) -> dict[str, object]:
    """What makes it the same message when its form comes again: its words, and what it asks."""
    names = ("title", "text", "is_essential", *AskedContent.__annotations__)
    return {name: content[name] for name in names if name in content}  # type: ignore[literal-required]


def planned_for(at: datetime, *, now: datetime) -> datetime | None:
    """The moment that was chosen for it, where that is further than one can call back."""
    return at if at > now + timedelta(seconds=settings.KRING_UNDO_SECONDS) else None


def _placed_alike(content: PostContent, *, at: datetime, by: Actor) -> PostQuerySet[Post]:
    """What the same person placed just now in the same words; planned for another moment it is another message.

    Example: "Denk aan je gymspullen" for this Monday, and right after that for the next.
    """
    just_now = Q(versions__number=1, versions__written_at__gt=by.now - submissions.AGAIN)
    alike = Post.objects.filter(just_now, author=by.user, state=WritingState.PUBLISHED, **said_in(content))
    moment = planned_for(at, now=by.now)
    return alike.filter(published_at=moment) if moment else alike


def _together(groups: Sequence[Group]) -> dict[int, UUID | None]:
    """By school what the posts to several of its groups have in common: no answer is counted for two schools."""
    counted = Counter(group.school_id for group in groups)
    return {school: uuid4() if number > 1 else None for school, number in counted.items()}


def _may_publish_in(groups: Sequence[Group], by: Actor) -> bool:
    wanted = {group.pk for group in groups}
    if not wanted or len(wanted) != len(groups):
        return False
    return len(_publishable(groups=sorted(wanted), actor=by)) == len(wanted)


@compiled
def _publishable(groups: list[int], actor: Actor) -> QuerySet[Group, int]:
    """Of these groups those in which `actor` may publish."""
    return Group.objects.writable_by(actor).filter(pk__in=groups).values_list("pk", flat=True)


def _new_post(
    group: Group,
    signed: Byline,
    content: PostContent,
    *,
    by: Actor,
    at: datetime,
    language: str | None,
    together: Mapping[int, UUID | None],
) -> Post:
    return Post(
        school=group.school,
        group=group,
        author=by.user,
        hat=by.hat,
        author_name=signed.name,
        author_function=signed.function,
        html=to_html(content["text"]),
        language=language or by.user.language,
        state=WritingState.PUBLISHED,
        published_at=at,
        written_together=together[group.school_id],
        **content,
    )


def edit_post(
    *,
    post: Post,
    version: int,
    by: Actor,
    together: bool = False,
    pictures: Sequence[Picture] | None = None,
    declared: bool = False,
    not_children: Collection[str] = (),
    **written: Unpack[PostContent],
) -> list[Post]:
    """Change an own post at any time; readers see "edited" and every version is kept (domain card, Versions).

    `together` changes all posts written together with it; otherwise an edited one stands on its own from then on,
    because it no longer says the same. What is counted once for all groups is always changed for all; what it asks only
    where `by` may edit every one of these. A hidden post stays hidden. Nothing changed: nothing written. `pictures` are
    the photos from now on, None leaves them; a new one passes the gate of all these posts' groups. Raises
    `EditedMeanwhileError` when `version` is not the present one, `PermissionDenied`, a `TextRefusedError`,
    `AskRefusedError`, `NamesRefusedError`, a `PicturesRefusedError`.
    """
    with transaction.atomic():
        if post.written_together:
            hold_together(post)
        current = locked(post)
        access.demand(can_edit(by, current))
        demand_version(current, version)
        content = tidied(written)
        if by.hat != Hat.STAFF:
            content["is_essential"] = current.is_essential
        same_photos = pictures is None or says_the_same(pictures, current)
        if same_photos and all(getattr(current, name) == value for name, value in content.items()):
            return [current]
        for_all = together or is_counted_once(content_in(vars(current)))
        edited = _own_posts_together(current, by) if for_all else [_on_its_own(current)]
        groups = [one.group for one in edited]
        check_ask(content, groups=groups, was=content_in(vars(current)), at=max(by.now, current.placed_at))
        check_together(content, post=current, edited=edited)
        if not current.is_essential:
            check_essential(content, groups=groups, at=current.placed_at, own=edited, by=by)
        passed = check_names(words_of(content, pictures or ()), groups=groups, not_children=not_children, now=by.now)
        asking = [one for one in edited if _comes_to_ask(one, content)]
        for one in edited:
            _tell_who_answered(one, content, by=by)
        for one in edited:
            _rewrite(one, content, by=by, **_passed(passed))
        if pictures is not None and not same_photos:
            change_images(posts=edited, pictures=pictures, declared=declared, by=by)
        keep_versions(edited, by=by)
        bundle_posts(posts=[one for one in asking if one.placed_at <= by.now], now=by.now)
    return edited


def not_yet_placed_in(
    first: UUID, groups: Iterable[Group], written: PostContent, *, at: datetime, by: Actor
) -> list[Group]:
    """Those of these groups in which the own post `first` does not stand, nor what was placed just now and says the
    same.
    """
    mine = Post.objects.editable_by(by)
    post = mine.filter(uid=first).first()
    if post is None:
        return []
    alike = Q(pk__in=_placed_alike(tidied(written), at=at, by=by).values("pk"))
    standing = mine.filter(alike | Q(pk__in=mine.together_with(post).values("pk")))
    there = set(standing.values_list("group", flat=True))
    return [group for group in groups if group.pk not in there]


class OtherGroupsError(Exception):
    """What comes again went to other groups the first time; carries those."""

    def __init__(self, groups: Sequence[Group]) -> None:
        super().__init__(len(groups))
        self.groups = groups


def add_photos(
    *,
    first: UUID,
    groups: Iterable[Group],
    pictures: Sequence[Picture],
    declared: bool,
    by: Actor,
    not_children: Collection[str] = (),
) -> int:
    """The form of the post `first` came again, now with photos: put those into it. How many were new.

    A photo that stood in it before does not come again, so a double click and a retry add nothing. The words stay:
    `edit_post` does the rest, with its gate and its errors. Nobody sees a photo who was not chosen for it: other
    `groups` than the first time raise `OtherGroupsError`. A post its author may not change any more stays as it is.
    """
    with transaction.atomic():
        post = Post.objects.editable_by(by).filter(uid=first).first()
        if post:
            hold_together(post)
        current = locked(post) if post else None
        new = not_yet_in(current, pictures) if current else []
        if current is None or not new:
            return 0
        twins = _own_posts_together(current, by)
        if {one.group_id for one in twins} != {group.pk for group in groups}:
            raise OtherGroupsError([one.group for one in twins])
        edit_post(
            post=current,
            version=current.version,
            by=by,
            together=True,
            pictures=[*pictures_of(current), *new],
            declared=declared,
            not_children=not_children,
            **content_in(vars(current)),
        )
    return len(new)


def _own_posts_together(post: Post, by: Actor) -> list[Post]:
    mine = Post.objects.editable_by(by).together_with(post).values("pk")
    return list(Post.objects.select_for_update().filter(pk__in=mine).order_by("pk"))


def _on_its_own(post: Post) -> Post:
    post.written_together = None
    return post


def words_of(content: PostContent, pictures: Iterable[Picture]) -> list[str]:
    """Everything in a message that readers read."""
    asked = [content.get("bring", ""), content.get("cost", ""), content.get("venue", "")]
    asked += [content.get("options", ""), content.get("tasks", "")]
    return [content["title"], content["text"], *filter(None, asked), *(picture.alt for picture in pictures)]


def _passed(names: int) -> dict[str, int]:
    """How many names the writer said are no child's: for the trail, which keeps no name."""
    return {"not_children": names} if names else {}


def _comes_to_ask(post: Post, content: PostContent) -> bool:
    """Whether it asked nothing, and from now on does; also what every family has to read asks something of them."""
    came_to_ask = content.get("ask") and not post.ask
    came_to_be_essential = content.get("is_essential") and not post.is_essential and not post.ask
    return bool(came_to_ask or came_to_be_essential)


def _tell_who_answered(post: Post, content: PostContent, *, by: Actor) -> None:
    """Of every group before the first is rewritten: with that goes what was answered in all of them."""
    was = content_in(vars(post))
    if asks_anew(was, content):
        tell_changed(post, by=by)
    elif says_otherwise(was, content):
        tell_otherwise(post, by=by)


def _rewrite(post: Post, content: PostContent, *, by: Actor, **facts: int) -> None:
    was = content_in(vars(post))
    if asks_anew(was, content):
        drop_answers(post)
    if asks_anew(was, content) or _comes_to_ask(post, content):
        post.asked_anew_at = by.now
    for name, value in content.items():
        setattr(post, name, value)
    post.html = to_html(post.text)
    post.version += 1
    if post.placed_at <= by.now:
        post.edited_at = by.now
    post.save(update_fields=[*CONTENT, "html", "version", "edited_at", "asked_anew_at", "written_together"])
    if post.tasks != was.get("tasks"):
        move_helpers(post, was.get("tasks", ""), by=by)
    if post.capacity != was.get("capacity"):
        seat_anew(post, by=by)
    record("edited", post, by=by, version=post.version, **facts)


@dataclass(frozen=True)
class Draft:
    """What a form holds: the words, the photos, what was said about both."""

    written: PostContent
    pictures: Sequence[Picture] = ()
    declared: bool = False
    not_children: Collection[str] = ()

    @property
    def content(self) -> PostContent:
        """The words as they are kept. Raises a `TextRefusedError`."""
        return tidied(self.written)
