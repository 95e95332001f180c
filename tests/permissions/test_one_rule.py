"""One rule, five uses: list, button, policy, refusal and recipients say the same for every person and every object."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from groups import policies as group_policies
from groups.models import Group, Guardianship, Level, Membership
from groups.roles import MANAGE, MODERATE, PERMISSIONS, PUBLISH, REPLY, SUBMIT, VIEW, Hat
from groups.services.guardianships import decide_guardianship, end_guardianship
from messaging import policies
from messaging.models import Image, Message, Placement, Post, Reply, Thread, ThreadGrant
from messaging.querysets.threads import VIEW_THREAD
from messaging.services.chairs import chairs_of
from messaging.services.placements import clear_phone
from messaging.services.posts import edit_post, hide_post, publish_post, retract_post, show_post
from messaging.services.replies import edit_reply, hide_reply, publish_reply, retract_reply, show_reply
from messaging.services.threads import edit_message, retract_message, write_message
from portal.core.access import may
from portal.core.models import User
from tests.cast import NAMES, Cast
from tests.scene import Scene

HATS = [Hat.FAMILY, Hat.STAFF]


def happens(act: Callable[[], Any]) -> bool:
    """Whether the service does it; whatever it did is undone."""
    done = False
    with transaction.atomic():
        try:
            act()
            done = True
        except PermissionDenied:
            pass
        transaction.set_rollback(True)
    return done


def test_recipients_of_a_group_are_its_readers(cast: Cast) -> None:
    now = timezone.now()
    for permission in PERMISSIONS:
        for group in Group.objects.all():
            told = set(
                Membership.objects.effective(permission, now=now).filter(group=group).values_list("user", flat=True)
            )
            allowed = {user.pk for user in User.objects.all() if _lists(user, permission, now, group)}
            asked = {user.pk for user in User.objects.all() if may(user, permission, group, now=now)}
            usual = {user.pk for user in User.objects.all() if user.has_perm(permission, group)}
            assert told == allowed == asked == usual, (permission, group.name)


def _lists(user: User, permission: str, now: datetime, group: Group) -> bool:
    return group in Group.objects.permitting(user, permission, now=now)


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", NAMES)
def test_posts(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = set(Post.objects.visible_to(user, now=now, hat=hat))
    by_object = {post for post in scene.posts if Post.objects.visible_to(user, now=now, hat=hat).filter(pk=post.pk)}
    assert listed == by_object
    buttons = {
        post.pk: post
        for post in Post.objects.visible_to(user, now=now, hat=hat).with_powers_for(user, now=now, hat=hat)
    }
    for post in scene.posts:
        shown = buttons.get(post.pk)
        said = {
            "may_edit": policies.can_edit(user, post, now=now, hat=hat),
            "may_retract": policies.can_retract(user, post, now=now, hat=hat),
            "may_hide": policies.can_hide(user, post, now=now, hat=hat),
            "may_reply": policies.can_reply(user, post, now=now, hat=hat),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        if user.is_authenticated:
            assert said == _done_to_post(post, user, hat, now)


def _done_to_post(post: Post, by: User, hat: Hat, now: datetime) -> dict[str, bool]:
    content = {"kind": post.kind, "title": post.title, "text": post.text, "replies": post.replies}
    toggle = show_post if post.state == "hidden" else hide_post
    return {
        "may_edit": happens(lambda: edit_post(post=post, version=post.version, **content, by=by, hat=hat, now=now)),
        "may_retract": happens(lambda: retract_post(post=post, by=by, hat=hat, now=now)),
        "may_hide": happens(lambda: toggle(post=post, by=by, hat=hat, now=now)),
        "may_reply": happens(lambda: publish_reply(post=post, text="Ja", by=by, hat=hat, now=now)),
    }


@pytest.mark.parametrize("name", NAMES)
def test_photos_are_seen_where_their_posts_are_read(cast: Cast, scene: Scene, name: str) -> None:
    now, user = timezone.now(), cast.user(name)
    lying = {scene.photo_lying} if name == "teacher" else set()
    for hat in (*HATS, None):
        read = set(Post.objects.visible_to(user, now=now, hat=hat))
        expected = {scene.photo_of(post) for post in scene.posts if post in read}
        assert set(Image.objects.visible_to(user, now=now, hat=hat)) == expected | lying
        assert {placement.image for placement in Placement.objects.visible_to(user, now=now, hat=hat)} == expected
        if hat and user.is_authenticated:
            told = {post for post in scene.posts if policies.can_clear_phone(user, post, now=now, hat=hat)}
            done = {post for post in scene.posts if _says_phone_is_clear(post, user, hat, now)}
            assert told == done == {post for post in read if (post.author_id, post.hat) == (user.pk, hat)}


def _says_phone_is_clear(post: Post, by: User, hat: Hat, now: datetime) -> bool:
    return happens(lambda: clear_phone(post=post, by=by, hat=hat, now=now))


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", NAMES)
def test_replies(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = {
        reply.pk: reply
        for reply in Reply.objects.visible_to(user, now=now, hat=hat).with_powers_for(user, now=now, hat=hat)
    }
    for reply in scene.replies:
        shown = listed.get(reply.pk)
        said = {
            "may_edit": policies.can_edit_reply(user, reply, now=now, hat=hat),
            "may_retract": policies.can_retract_reply(user, reply, now=now, hat=hat),
            "may_hide": policies.can_hide_reply(user, reply, now=now, hat=hat),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        if user.is_authenticated:
            toggle = show_reply if reply.state == "hidden" else hide_reply
            version = {"reply": reply, "version": reply.version, "text": "Anders"}
            assert said == {
                "may_edit": happens(lambda v=version: edit_reply(**v, by=user, hat=hat, now=now)),
                "may_retract": happens(lambda r=reply: retract_reply(reply=r, by=user, hat=hat, now=now)),
                "may_hide": happens(lambda r=reply, t=toggle: t(reply=r, by=user, hat=hat, now=now)),
            }


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", NAMES)
def test_conversations(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = set(Thread.objects.visible_to(user, now=now, hat=hat))
    for thread in scene.talks:
        grants = ThreadGrant.objects.effective(VIEW_THREAD, now=now, hat=hat).filter(content_object=thread)
        told = user.is_authenticated and grants.filter(user=user).exists()
        seats = chairs_of([thread], now=now)[thread.pk]
        seated = any(chair.user_id == user.pk and chair.hat == hat for chair in seats) and user.pk is not None
        assert (thread in listed) == told == seated
        assert policies.can_write_in(user, thread, now=now, hat=hat) == (thread in listed)
        if user.is_authenticated:
            spoken = happens(lambda t=thread: write_message(thread=t, text="Ja", by=user, hat=hat, now=now))
            assert spoken == (thread in listed)
            asked = may(user, VIEW_THREAD, thread, now=now)
            assert asked == Thread.objects.visible_to(user, now=now).filter(pk=thread.pk).exists()


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", NAMES)
def test_messages(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    if not user.is_authenticated:
        assert not Message.objects.visible_to(user, now=now, hat=hat).exists()
        return
    listed = {
        message.pk: message
        for message in Message.objects.visible_to(user, now=now, hat=hat).with_powers_for(user, now=now, hat=hat)
    }
    for message in scene.said:
        shown = listed.get(message.pk)
        said = {
            "may_edit": policies.can_edit_message(user, message, now=now, hat=hat),
            "may_retract": policies.can_retract_message(user, message, now=now, hat=hat),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        version = {"message": message, "version": message.version, "text": "Anders"}
        assert said == {
            "may_edit": happens(lambda v=version: edit_message(**v, by=user, hat=hat, now=now)),
            "may_retract": happens(lambda m=message: retract_message(message=m, by=user, hat=hat, now=now)),
        }


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", NAMES)
def test_placing(cast: Cast, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    if not user.is_authenticated:
        assert not Group.objects.writable_by(user, now=now, hat=hat).exists()
        return
    chosen = set(Group.objects.writable_by(user, now=now, hat=hat))
    for group in Group.objects.all():
        written = happens(
            lambda g=group: publish_post(
                groups=[g], kind="update", title="T", text="X", replies="on", by=user, hat=hat, now=now
            )
        )
        assert written == (group in chosen) == group_policies.can_publish(user, group, now=now, hat=hat)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "anonymous"])
def test_deciding_about_authority(cast: Cast, name: str) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = set(Guardianship.objects.visible_to(user, now=now))
    for guardianship in Guardianship.objects.open().select_related("caregiver", "child__school"):
        decided = happens(
            lambda g=guardianship: decide_guardianship(guardianship=g, level=Level.CONTACT_BAN, by=user, now=now)
        )
        ended = happens(lambda g=guardianship: end_guardianship(guardianship=g, by=user, now=now))
        own = guardianship.caregiver.user_id == user.pk
        assert decided == ended == (guardianship in listed and not own)


def test_the_permissions_are_these() -> None:
    assert set(PERMISSIONS) == {VIEW, REPLY, SUBMIT, PUBLISH, MODERATE, MANAGE}
