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
from messaging.models import Post, Reply
from messaging.services.posts import edit_post, hide_post, publish_post, retract_post, show_post
from messaging.services.replies import edit_reply, hide_reply, publish_reply, retract_reply, show_reply
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
