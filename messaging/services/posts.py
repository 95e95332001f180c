"""Messages: placing, editing, taking back, hiding. The only writer of posts and their versions."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from groups.models import Group
from groups.roles import Hat
from groups.services.bylines import byline
from messaging.domain.rich_text import to_html
from messaging.domain.text import tidy_text, tidy_title
from messaging.models import Kind, Post, PostState, PostVersion, Replies
from messaging.policies import can_edit, can_hide, can_retract
from messaging.services.editions import bundle_posts
from messaging.services.placements import Picture, change_images, pictures_of, place_images
from portal.core import access, audit, submissions
from portal.core.models import User

AGAIN = timedelta(minutes=10)
CONTENT = ("kind", "title", "text", "replies")


class EditedMeanwhileError(Exception):
    """Somebody saved another version since this form was opened; carries what stands there now."""

    def __init__(self, current: Post) -> None:
        super().__init__(current.version)
        self.current = current


def publish_post(
    *,
    groups: Iterable[Group],
    kind: str,
    title: str,
    text: str,
    replies: str,
    by: User,
    hat: str,
    now: datetime,
    submission_key: UUID | None = None,
    language: str | None = None,
    pictures: Sequence[Picture] = (),
    declared: bool = False,
) -> list[Post]:
    """Place a message in one or several groups: one post a group, with one `written_together` (POL-05, 06, 08, 14).

    Everything or nothing: one group in which `by` may not publish in this hat refuses all. Each post carries name
    and function of its author (POL-15) and starts its versions. `pictures` are own uploads, with `declared`: everybody
    recognisable may be shown. Raises `PermissionDenied`, a `TextRefusedError`, a `PicturesRefusedError`, or
    `AlreadySubmittedError` when the same form came in before.
    """
    chosen = list(groups)
    with transaction.atomic():
        access.demand(_may_publish_in(chosen, by, hat, now))
        content = {
            "kind": Kind(kind).value,
            "title": tidy_title(title),
            "text": tidy_text(text),
            "replies": Replies(replies).value,
        }
        if submission_key:
            _refuse_the_same_again(chosen, content, by=by, now=now)
        together = uuid4() if len(chosen) > 1 else None
        posts = [
            _new_post(group, content, by=by, hat=hat, now=now, language=language, together=together) for group in chosen
        ]
        if submission_key:
            submissions.claim(user=by, key=submission_key, subject_kind="post", subject_uid=posts[0].uid, now=now)
        Post.objects.bulk_create(posts)
        _keep_versions(posts, by=by, now=now)
        place_images(posts=posts, pictures=pictures, declared=declared, by=by, now=now)
        for post in posts:
            _record("post.published", post, by=by, now=now, together=len(posts), photos=len(pictures))
        bundle_posts(posts=posts, now=now)
    return posts


def _refuse_the_same_again(groups: Sequence[Group], content: dict[str, str], *, by: User, now: datetime) -> None:
    """The same words to the same group within ten minutes are a form sent again after Back, under a new key."""
    placed = Post.objects.filter(author=by, group__in=groups, state=PostState.PUBLISHED, published_at__gt=now - AGAIN)
    first = placed.filter(title=content["title"], text=content["text"]).order_by("pk").first()
    if first:
        raise submissions.AlreadySubmittedError("post", first.uid)


def _may_publish_in(groups: Sequence[Group], by: User, hat: str, now: datetime) -> bool:
    wanted = {group.pk for group in groups}
    permitted = Group.objects.writable_by(by, now=now, hat=hat).filter(pk__in=wanted)
    return bool(wanted) and len(wanted) == len(groups) and permitted.count() == len(wanted)


def _new_post(
    group: Group,
    content: dict[str, str],
    *,
    by: User,
    hat: str,
    now: datetime,
    language: str | None,
    together: UUID | None,
) -> Post:
    signed = byline(user=by, group=group, hat=hat)
    return Post(
        school_id=group.school_id,
        group=group,
        author=by,
        hat=hat,
        author_name=signed.name,
        author_function=signed.function,
        html=to_html(content["text"]),
        language=language or by.language,
        state=PostState.PUBLISHED,
        published_at=now,
        written_together=together,
        **content,
    )


def edit_post(
    *,
    post: Post,
    version: int,
    kind: str,
    title: str,
    text: str,
    replies: str,
    by: User,
    hat: str,
    now: datetime,
    together: bool = False,
    pictures: Sequence[Picture] | None = None,
    declared: bool = False,
) -> list[Post]:
    """Change an own post at any time; readers see "edited" and every version is kept (domain card, Versions).

    `together` changes all posts written together with it; otherwise an edited one stands on its own from then on,
    because it no longer says the same. A hidden post stays hidden. Nothing changed: nothing written. `pictures` are
    the photos from now on, None leaves them; a new one needs `declared`. Raises `EditedMeanwhileError` when `version`
    is not the present one, `PermissionDenied`, a `TextRefusedError`, a `PicturesRefusedError`.
    """
    with transaction.atomic():
        current = Post.objects.select_for_update().get(pk=post.pk)
        access.demand(can_edit(by, current, now=now, hat=hat))
        if current.version != version:
            raise EditedMeanwhileError(current)
        content = {
            "kind": Kind(kind).value,
            "title": tidy_title(title),
            "text": tidy_text(text),
            "replies": Replies(replies).value,
        }
        same_photos = pictures is None or list(pictures) == pictures_of(current)
        if same_photos and all(getattr(current, name) == value for name, value in content.items()):
            return [current]
        edited = _own_posts_together(current, by, hat, now) if together else [_on_its_own(current)]
        for one in edited:
            _rewrite(one, content, by=by, now=now)
            if pictures is not None and not same_photos:
                change_images(post=one, pictures=pictures, declared=declared, by=by, now=now)
        _keep_versions(edited, by=by, now=now)
    return edited


def _own_posts_together(post: Post, by: User, hat: str, now: datetime) -> list[Post]:
    mine = Post.objects.editable_by(by, now=now, hat=hat).together_with(post).values("pk")
    return list(Post.objects.select_for_update().filter(pk__in=mine).order_by("pk"))


def _on_its_own(post: Post) -> Post:
    post.written_together = None
    return post


def _rewrite(post: Post, content: dict[str, str], *, by: User, now: datetime) -> None:
    for name, value in content.items():
        setattr(post, name, value)
    post.html = to_html(post.text)
    post.version += 1
    post.edited_at = now
    post.save(update_fields=[*CONTENT, "html", "version", "edited_at", "written_together"])
    _record("post.edited", post, by=by, now=now, version=post.version)


def retract_post(*, post: Post, by: User, hat: str, now: datetime, together: bool = False) -> list[Post]:
    """Take an own post back at any time: nobody reads it any more; the row and its versions stay.

    `together` takes back all posts written together with it. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_retract(by, post, now=now, hat=hat))
        mine = Post.objects.retractable_by(by, now=now, hat=hat)
        chosen = mine.together_with(post) if together else mine.filter(pk=post.pk)
        posts = list(Post.objects.select_for_update().filter(pk__in=chosen.values("pk")).order_by("pk"))
        for one in posts:
            one.state = PostState.RETRACTED
            one.retracted_at = now
            one.save(update_fields=["state", "retracted_at"])
            _record("post.retracted", one, by=by, now=now)
    return posts


def hide_post(*, post: Post, by: User, now: datetime, hat: str = Hat.STAFF) -> Post:
    """Hide a post from everybody but its author and who moderates the group; reversible (POL-61).

    Hiding what is hidden already changes nothing. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = Post.objects.select_for_update().get(pk=post.pk)
        access.demand(can_hide(by, current, now=now, hat=hat))
        if current.state == PostState.PUBLISHED:
            current.state, current.hidden_at, current.hidden_by = PostState.HIDDEN, now, by
            current.save(update_fields=["state", "hidden_at", "hidden_by"])
            _record("post.hidden", current, by=by, now=now)
    return current


def show_post(*, post: Post, by: User, now: datetime, hat: str = Hat.STAFF) -> Post:
    """Show a hidden post again, in its old place. Showing what is not hidden changes nothing (POL-61)."""
    with transaction.atomic():
        current = Post.objects.select_for_update().get(pk=post.pk)
        access.demand(can_hide(by, current, now=now, hat=hat))
        if current.state == PostState.HIDDEN:
            current.state, current.hidden_at, current.hidden_by = PostState.PUBLISHED, None, None
            current.save(update_fields=["state", "hidden_at", "hidden_by"])
            _record("post.shown", current, by=by, now=now)
    return current


def _keep_versions(posts: Iterable[Post], *, by: User, now: datetime) -> None:
    PostVersion.objects.bulk_create(
        PostVersion(
            post=post,
            number=post.version,
            written_by=by,
            written_at=now,
            **{name: getattr(post, name) for name in CONTENT},
        )
        for post in posts
    )


def _record(verb: str, post: Post, *, by: User, now: datetime, **facts: int) -> None:
    audit.record(verb, by=by, subject_kind="post", subject_uid=post.uid, school_uid=post.school.uid, now=now, **facts)
