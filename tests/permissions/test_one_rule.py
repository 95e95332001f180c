"""One rule, five uses: list, button, policy, refusal and recipients say the same for every person and every object."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from agenda.events.policies import can_change
from agenda.events.services.events import cancel_event
from agenda.events.services.reading import find_event
from agenda.models import Event
from consent.answers.policies import can_speak_for
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.services.starting import start_consent
from consent.asking.services.texts import change_purpose, require_everybody, retire_purpose
from consent.models import Purpose
from consent.rounds.services.rounds import open_round
from consent.rounds.services.rules import change_rules
from groups.accounts.services.hats import hats_of
from groups.models import Child, ChildGrant, Group, GroupGrant, Guardianship, Level, Membership
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.records import policies as group_policies
from groups.roles import MANAGE, MODERATE, PERMISSIONS, PUBLISH, REPLY, SUBMIT, VIEW, Hat
from messaging.handins.policies import can_approve, can_change_handin, can_place_handin, can_return, can_withdraw
from messaging.handins.querysets import judges_of
from messaging.handins.services.handins import return_handin, withdraw_handin
from messaging.models import Handin, Image, Message, Placement, Post, Reply, Thread, ThreadGrant, ThreadStep
from messaging.photos.policies import can_clear_phone, can_review, can_upload
from messaging.photos.services.images import upload_images
from messaging.photos.services.judging import deny_depiction, judge_photos, remove_photo
from messaging.photos.services.photos import find_photo
from messaging.photos.services.placements import clear_phone
from messaging.photos.services.review import Review, review_of
from messaging.posts.policies import can_reply
from messaging.posts.services.feed import NO_FAMILY, family_in, feed_of
from messaging.posts.services.posts import edit_post, publish_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import remove_written, retract_post, retract_written
from messaging.talks.policies import can_join_directie, can_steer, can_write_in
from messaging.talks.services.chairs import chairs_of
from messaging.talks.services.threads import write_message
from messaging.talks.services.threads_steering import close_thread, freeze_thread, join_directie, reopen_thread
from messaging.writings.policies import can_edit, can_hide, can_remove, can_retract, can_show
from messaging.writings.querysets.messages import VIEW_THREAD
from messaging.writings.services.written import edit_words, hide_written, show_written
from moderation.access_requests.policies import can_answer, can_read_over
from moderation.access_requests.services import access_requests as access_service
from moderation.access_requests.services.news import second_persons
from moderation.models import AccessRequest
from portal.core.access import may, reading
from portal.core.actor import Actor
from portal.core.models import User
from tests.cast import NAMES, Cast, each
from tests.moderation.asking import approve, mark, start, submit
from tests.moderation.reporting import reported
from tests.permissions.conftest import Standing
from tests.scene import Scene

pytestmark = pytest.mark.by_turns
HATS = [Hat.FAMILY, Hat.STAFF]


@pytest.fixture
def cast(standing: Standing) -> Iterator[Cast]:
    """Who is there, with the scene of the module around them; what a test does is undone."""
    with transaction.atomic():
        yield standing.cast
        transaction.set_rollback(True)


@pytest.fixture
def scene(cast: Cast, standing: Standing) -> Scene:
    return deepcopy(standing.scene)


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


@pytest.mark.parametrize("taken", [None, Hat.FAMILY, Hat.STAFF])
@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_the_reasons_of_one_person_are_those_of_everybody(cast: Cast, name: str, taken: Hat | None) -> None:
    """`of` looks at the rights of who reads, `effective` at everybody's; one rule, also where a hat lost its rights."""
    actor = Actor(cast.user(name), Hat.ANY, timezone.now())
    GroupGrant.objects.filter(user=actor.user, hat=taken).delete()
    for permission in PERMISSIONS:
        everybodys = set(Membership.objects.effective(permission, now=actor.now).filter(user=actor.user))
        assert set(Membership.objects.of(actor, permission)) == everybodys, permission
        with reading(actor):
            assert set(Membership.objects.of(actor, permission)) == everybodys, permission


def _lists(user: User, permission: str, now: datetime, group: Group) -> bool:
    return group in Group.objects.permitting(Actor(user, Hat.ANY, now), permission)


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_what_is_in_the_agenda(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    actor = Actor(cast.user(name), hat, timezone.now())
    listed = set(Event.objects.visible_to(actor).values_list("pk", flat=True))
    told = set(Event.objects.visible_pairs([cast.user(name).pk], now=actor.now, hat=hat)) if actor.user.pk else set()
    assert told == ({(actor.user.pk, event) for event in listed} if getattr(actor.user, "is_active", False) else set())
    for event in scene.events:
        found = find_event(event.uid, actor=actor)
        assert (found is not None) == (event.pk in listed)
        button = bool(found and found.may_edit)
        assert can_change(actor, event) == button
        assert happens(lambda event=event: cancel_event(event=event, by=actor)) == (
            button or (event.is_cancelled and event.cancelled_by_id == actor.user.pk)
        )


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_posts(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = set(Post.objects.visible_to(Actor(user, hat, now)))
    by_object = {post for post in scene.posts if Post.objects.visible_to(Actor(user, hat, now)).filter(pk=post.pk)}
    assert listed == by_object
    buttons = {
        post.pk: post for post in Post.objects.visible_to(Actor(user, hat, now)).with_powers_for(Actor(user, hat, now))
    }
    for post in scene.posts:
        shown = buttons.get(post.pk)
        said = {
            "may_edit": can_edit(Actor(user, hat, now), post),
            "may_retract": can_retract(Actor(user, hat, now), post),
            "may_hide": can_hide(Actor(user, hat, now), post),
            "may_show": can_show(Actor(user, hat, now), post),
            "may_remove": hat == Hat.STAFF and can_remove(Actor(user, Hat.ANY, now), post),
            "may_reply": can_reply(Actor(user, hat, now), post),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        if user.is_authenticated:
            assert said == _done_to_post(post, user, hat, now)


def _done_to_post(post: Post, by: User, hat: Hat, now: datetime) -> dict[str, bool]:
    content = {"topic": post.topic, "title": post.title, "text": post.text, "replies": post.replies}
    return {
        "may_edit": happens(lambda: edit_post(post=post, version=post.version, **content, by=Actor(by, hat, now))),
        "may_retract": happens(lambda: retract_post(post=post, by=Actor(by, hat, now))),
        "may_hide": happens(lambda: hide_written(written=post, by=Actor(by, hat, now))),
        "may_show": happens(lambda: show_written(written=post, by=Actor(by, hat, now))),
        "may_remove": happens(lambda: remove_written(written=post, reason="Om", by=Actor(by, hat, now))),
        "may_reply": happens(lambda: publish_reply(post=post, text="Ja", by=Actor(by, hat, now))),
    }


@pytest.mark.parametrize("name", each())
def test_photos_are_seen_where_their_posts_and_messages_are_read(cast: Cast, scene: Scene, name: str) -> None:
    now, user = timezone.now(), cast.user(name)
    lying = {"teacher": {scene.photo_lying}, "mother": {scene.photo_lying_of_mother}}.get(name, set())
    drafted = {scene.photo_of(scene.post_handed_in)} if name in ("teacher", "directie") else set()
    said = Message.objects.filter(placements__isnull=False)
    for hat in (*HATS, None):
        read = set(Post.objects.visible_to(Actor(user, hat, now)))
        heard = set(Message.objects.visible_to(Actor(user, hat, now)))
        posted = {scene.photo_of(post) for post in scene.posts if post in read}
        told = {scene.photo_of(message) for message in said if message in heard}
        found = Placement.objects
        assert {placement.image for placement in found.posted_to(Actor(user, hat, now))} == posted
        assert {placement.image for placement in found.said_to(Actor(user, hat, now))} == told
        assert {placement.image for placement in found.visible_to(Actor(user, hat, now))} == posted | told
        handed = set() if hat == Hat.FAMILY else drafted
        assert {placement.image for placement in found.handed_to(Actor(user, hat, now))} == handed
        assert set(Image.objects.visible_to(Actor(user, hat, now))) == posted | told | lying | handed
        if hat and user.is_authenticated:
            cleared = {post for post in scene.posts if can_clear_phone(Actor(user, hat, now), post)}
            done = {post for post in scene.posts if _says_phone_is_clear(post, user, hat, now)}
            assert cleared == done == {post for post in read if (post.author_id, post.hat) == (user.pk, hat)}


@pytest.mark.parametrize("name", each())
def test_looking_after_a_no(cast: Cast, scene: Scene, name: str) -> None:
    """Nobody said yes to anything: a marked child keeps a photo away; who sees the people of the group judges it."""
    now, user, noor = timezone.now(), cast.user(name), cast.child("Noor")
    away = {group: _photo_away(scene, post, noor, now) for group, post in scene.posts_in_groups.items()}
    judged = {group for group in away if can_review(Actor(user, Hat.ANY, now), group)}
    assert judged == set(
        Group.objects.managed_by(Actor(user, Hat.ANY, now)).filter(pk__in=[group.pk for group in away])
    )
    listed = set(Placement.objects.under_review_by(Actor(user, Hat.ANY, now)))
    assert {placement.image for placement in listed} == {away[group] for group in judged}
    assert {image for image in away.values() if find_photo(image.uid, actor=Actor(user, Hat.ANY, now))} == {
        away[group] for group in judged
    }
    for group, image in away.items():
        told: dict[str, Any] = {"group": group, "by": Actor(user, Hat.ANY, now)}
        assert (group in judged) == [one.photo.uid for one in _review(group, user, now).barred].count(image.uid)
        if user.is_authenticated:
            for act in (
                lambda t=told, i=image: remove_photo(image=i.uid, **t),
                lambda t=told, i=image: deny_depiction(image=i.uid, person=noor.uid, **t),
                lambda t=told, i=image: judge_photos(child=noor, looked_at=[i.uid], on=[], **t),
            ):
                assert happens(act) == (group in judged)


def _photo_away(scene: Scene, post: Post, child: Child, now: datetime) -> Image:
    image = scene.photo_of(post)
    image.depictions.create(child=child, is_on=True, said_by=post.author, said_at=now)
    return image


def _review(group: Group, user: Any, now: datetime) -> Review:
    return review_of(group, actor=Actor(user, Hat.ANY, now))


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_sending_photos(cast: Cast, name: str, hat: Hat) -> None:
    """Who may upload at a school is who has somewhere to put it: a group to write in, or a child to talk about."""
    now, user = timezone.now(), cast.user(name)
    for school in (cast.linde, cast.berk):
        done = happens(lambda s=school: upload_images(pictures=[], school=s, by=Actor(user, hat, now)))
        groups = Group.objects.writable_by(Actor(user, hat, now))
        children = Child.objects.discussed_by(Actor(user, hat, now))
        somewhere = {one.school_id for one in [*groups, *children]}
        assert done == can_upload(Actor(user, hat, now), school) == (school.pk in somewhere)


def _says_phone_is_clear(post: Post, by: User, hat: Hat, now: datetime) -> bool:
    return happens(lambda: clear_phone(post=post, by=Actor(by, hat, now)))


@pytest.mark.parametrize("name", each())
def test_what_every_page_asks_is_the_same_rule(cast: Cast, scene: Scene, name: str) -> None:
    """The frame, the feed and the bytes of photos ask compiled questions; they know no other rule."""
    now, user = timezone.now(), cast.user(name)
    shown = set(Image.objects.visible_to(Actor(user, Hat.ANY, now)))
    assert {image for image in Image.objects.all() if find_photo(image.uid, actor=Actor(user, Hat.ANY, now))} == shown
    if not user.is_authenticated:
        return
    hats = hats_of(user, now=now)
    for hat in HATS:
        groups = {group.pk for group in Group.objects.visible_to(Actor(user, hat, now))}
        assert set(hats.signs.get(hat, {})) == groups
        assert {pk for _, pk in Group.objects.visible_pairs([user.pk], now=now, hat=hat)} == groups
        family = family_in(hats) if hat == Hat.FAMILY else NO_FAMILY
        page = feed_of(actor=Actor(user, hat, now), hats=hats, family=family)
        read = Post.objects.visible_to(Actor(user, hat, now))
        assert {entry.post.uid for entry in page.entries} == {post.uid for post in read}
        photos = {photo.uid for entry in page.entries for photo in entry.photos}
        assert photos == {placement.image.uid for placement in Placement.objects.posted_to(Actor(user, hat, now))}
    own = Membership.objects.effective(VIEW, now=now).filter(user=user, hat=Hat.FAMILY)
    children = Child.objects.visible_to(Actor(user, Hat.ANY, now)).filter(guardianships__memberships__in=own)
    assert {kin.pk for kin in hats.kin} == {child.pk for child in children}
    ChildGrant.objects.all().delete()
    assert hats_of(user, now=now).kin == ()


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_replies(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = {
        reply.pk: reply
        for reply in Reply.objects.visible_to(Actor(user, hat, now)).with_powers_for(Actor(user, hat, now))
    }
    for reply in scene.replies:
        shown = listed.get(reply.pk)
        said = {
            "may_edit": can_edit(Actor(user, hat, now), reply),
            "may_retract": can_retract(Actor(user, hat, now), reply),
            "may_hide": can_hide(Actor(user, hat, now), reply),
            "may_show": can_show(Actor(user, hat, now), reply),
            "may_remove": hat == Hat.STAFF and can_remove(Actor(user, Hat.ANY, now), reply),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        if user.is_authenticated:
            version = {"written": reply, "version": reply.version, "text": "Anders"}
            assert said == {
                "may_edit": happens(lambda v=version: edit_words(**v, by=Actor(user, hat, now))),
                "may_retract": happens(lambda r=reply: retract_written(written=r, by=Actor(user, hat, now))),
                "may_hide": happens(lambda r=reply: hide_written(written=r, by=Actor(user, hat, now))),
                "may_show": happens(lambda r=reply: show_written(written=r, by=Actor(user, hat, now))),
                "may_remove": happens(lambda r=reply: remove_written(written=r, reason="Om", by=Actor(user, hat, now))),
            }


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_conversations(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = set(Thread.objects.visible_to(Actor(user, hat, now)))
    for thread in scene.talks:
        grants = ThreadGrant.objects.in_force(VIEW_THREAD, now=now).filter(hat=hat, content_object=thread)
        told = user.is_authenticated and grants.filter(user=user).exists()
        seats = chairs_of([thread], now=now)[thread.pk]
        seated = any(chair.user_id == user.pk and chair.hat == hat for chair in seats) and user.pk is not None
        assert (thread in listed) == told == seated
        assert can_write_in(Actor(user, hat, now), thread) == (thread in listed)
        if user.is_authenticated:
            spoken = happens(lambda t=thread: write_message(thread=t, text="Ja", by=Actor(user, hat, now)))
            assert spoken == (thread in listed)
            asked = may(user, VIEW_THREAD, thread, now=now)
            assert asked == Thread.objects.visible_to(Actor(user, Hat.ANY, now)).filter(pk=thread.pk).exists()


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_the_directie_in_conversations(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    """Asking it in and steering: the button, the policy and the refusal are one; the line is read where it stands."""
    now, user = timezone.now(), cast.user(name)
    if not user.is_authenticated:
        return
    found = Thread.objects.visible_to(Actor(user, hat, now)).with_powers_for(Actor(user, hat, now))
    listed = {thread.pk: thread for thread in found}
    for thread in scene.talks:
        shown = listed.get(thread.pk)
        said = {
            "may_write": can_write_in(Actor(user, hat, now), thread),
            "may_join": can_join_directie(Actor(user, hat, now), thread),
            "may_steer": can_steer(Actor(user, hat, now), thread),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        if thread.directie_since is None:
            done = happens(lambda t=thread: join_directie(thread=t, by=Actor(user, hat, now)))
            assert done == said["may_join"]
        if hat == Hat.STAFF:
            for act in (freeze_thread, reopen_thread, close_thread):
                told = happens(lambda t=thread, a=act: a(thread=t, word="Rust.", by=Actor(user, Hat.ANY, now)))
                assert told == said["may_steer"]
        lines = ThreadStep.objects.visible_to(Actor(user, hat, now)).filter(thread=thread)
        assert lines.count() == (thread.steps.count() if shown else 0)


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_drafts_handed_in(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    """List, button, policy and refusal; who is told is who judges."""
    now, user = timezone.now(), cast.user(name)
    found = Handin.objects.visible_to(Actor(user, hat, now)).with_powers_for(Actor(user, hat, now))
    listed = {draft.pk: draft for draft in found}
    waits = set(Handin.objects.waiting_for(Actor(user, Hat.ANY, now))) if hat == Hat.STAFF else set()
    for draft in (scene.draft_of_council, scene.draft_of_teacher):
        shown, actor = listed.get(draft.pk), Actor(user, hat, now)
        assert (draft in waits) == bool(shown and shown.may_return)
        told = judges_of(kind=draft.kind, group=draft.post.group, writer=draft.post.author, now=now)
        assert (draft in Handin.objects.waiting_for(Actor(user, Hat.ANY, now))) == told.filter(pk=user.pk).exists()
        if hat == Hat.STAFF:
            assert can_return(Actor(user, Hat.ANY, now), draft) == (draft in waits)
            assert can_approve(Actor(user, Hat.ANY, now), draft) == bool(shown and shown.may_approve)
        said = {
            "may_change": can_change_handin(actor, draft),
            "may_place": can_place_handin(actor, draft),
            "may_withdraw": can_withdraw(actor, draft),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        if user.is_authenticated:
            assert happens(lambda d=draft: withdraw_handin(handin=d, by=Actor(user, hat, now))) == said["may_withdraw"]
            back: dict[str, Any] = {"handin": draft, "version": 1, "word": "Nee", "by": Actor(user, Hat.ANY, now)}
            given = happens(lambda b=back: return_handin(**b))
            assert given == can_return(Actor(user, Hat.ANY, now), draft)


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_messages(cast: Cast, scene: Scene, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    if not user.is_authenticated:
        assert not Message.objects.visible_to(Actor(user, hat, now)).exists()
        return
    listed = {
        message.pk: message
        for message in Message.objects.visible_to(Actor(user, hat, now)).with_powers_for(Actor(user, hat, now))
    }
    for message in scene.said:
        shown = listed.get(message.pk)
        said = {
            "may_edit": can_edit(Actor(user, hat, now), message),
            "may_retract": can_retract(Actor(user, hat, now), message),
        }
        assert said == {power: bool(shown and getattr(shown, power)) for power in said}
        version = {"written": message, "version": message.version, "text": "Anders"}
        assert said == {
            "may_edit": happens(lambda v=version: edit_words(**v, by=Actor(user, hat, now))),
            "may_retract": happens(lambda m=message: retract_written(written=m, by=Actor(user, hat, now))),
        }


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("name", each())
def test_placing(cast: Cast, name: str, hat: Hat) -> None:
    now, user = timezone.now(), cast.user(name)
    if not user.is_authenticated:
        assert not Group.objects.writable_by(Actor(user, hat, now)).exists()
        return
    chosen = set(Group.objects.writable_by(Actor(user, hat, now)))
    for group in Group.objects.all():
        written = happens(
            lambda g=group: publish_post(
                groups=[g], topic="update", title="T", text="X", replies="on", by=Actor(user, hat, now)
            )
        )
        assert written == (group in chosen) == group_policies.can_publish(Actor(user, hat, now), group)


@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_deciding_about_authority(cast: Cast, name: str) -> None:
    now, user = timezone.now(), cast.user(name)
    listed = set(Guardianship.objects.visible_to(Actor(user, Hat.ANY, now)))
    for guardianship in Guardianship.objects.open().select_related("caregiver", "child__school"):
        decided = happens(
            lambda g=guardianship: decide_guardianship(
                guardianship=g, level=Level.CONTACT_BAN, by=Actor(user, Hat.ANY, now)
            )
        )
        ended = happens(lambda g=guardianship: end_guardianship(guardianship=g, by=Actor(user, Hat.ANY, now)))
        own = guardianship.caregiver.user_id == user.pk
        assert decided == ended == (guardianship in listed and not own)


@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_asking_for_consent(cast: Cast, name: str) -> None:
    """Who reads the purposes of a school changes them, opens its rounds and sets its rules; nobody else does."""
    now, user = timezone.now(), cast.user(name)
    how: dict[str, Any] = {"basis": "objection", "reach": "school", "requires_all": True}
    last = (now + timedelta(days=9)).date()
    for school, by in ((cast.linde, cast.directie), (cast.berk, cast.directie_elsewhere)):
        asked, *_more = start_consent(school=school, by=Actor(by, Hat.ANY, now))
        listed = Purpose.objects.directed_by(Actor(user, Hat.ANY, now)).filter(pk=asked.pk).exists()
        directs = group_policies.can_direct(Actor(user, Hat.ANY, now), school)
        done = {
            happens(lambda p=asked: change_purpose(purpose=p, version=1, **how, by=Actor(user, Hat.ANY, now))),
            happens(lambda p=asked: retire_purpose(purpose=p, by=Actor(user, Hat.ANY, now))),
            happens(lambda s=school: open_round(school=s, closes_on=last, by=Actor(user, Hat.ANY, now))),
            happens(
                lambda s=school: change_rules(school=s, version=1, may_download=True, by=Actor(user, Hat.ANY, now))
            ),
            happens(lambda s=school: require_everybody(school=s, everybody=True, by=Actor(user, Hat.ANY, now))),
        }
        assert done == {listed} == {directs}


@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_speaking_for_a_child(cast: Cast, name: str) -> None:
    """Who has the group's page of image preferences writes down what its children say; nobody about the own family."""
    now, user = timezone.now(), cast.user(name)
    for child in Child.objects.all():
        managed = Group.objects.managed_by(Actor(user, Hat.ANY, now))
        here = Child.objects.enrolled_in(managed, now=now).filter(pk=child.pk).exists()
        own = Guardianship.objects.open().filter(caregiver__user=user, child=child).exists()
        said = happens(lambda c=child: note_reluctance(child=c, note="", by=Actor(user, Hat.ANY, now)))
        ended = happens(lambda c=child: end_reluctance(child=c, by=Actor(user, Hat.ANY, now)))
        assert said == ended == can_speak_for(Actor(user, Hat.ANY, now), child) == (here and not own)


@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_access_requests(cast: Cast, scene: Scene, name: str) -> None:
    """List = policy = refusal, for a request of a parent and one of somebody of the directie."""
    now, user, case = timezone.now(), cast.user(name), reported(cast, scene.reply).case
    order: dict[str, Any] = {"topic": "notice", "title": "Let op", "text": "Zo.", "replies": "on"}
    [own] = publish_post(groups=[cast.groep_4], by=Actor(cast.directie, "staff", now), **order)
    against = reported(cast, own).case
    for which, handler, reader in ((case, "directie", "case_officer"), (against, "case_officer", "")):
        begins = happens(lambda c=which: start(c, user))
        assert begins == (name == handler), which
        made = start(which, cast.user(handler))
        rows, does = AccessRequest.objects.filter(pk=made.pk), {"asked": made, "by": Actor(user, Hat.ANY, now)}
        assert (
            rows.visible_to(Actor(user, Hat.ANY, now)).exists()
            == can_answer(Actor(user, Hat.ANY, now), made)
            == (name == handler)
        )
        assert happens(lambda d=does: access_service.draw_up(**d)) == (name == handler)
        access_service.draw_up(asked=made, by=Actor(cast.user(handler), Hat.ANY, now))
        assert happens(lambda r=made: mark(r, user)) == happens(lambda r=made: submit(r, user)) == (name == handler)
        told = submit(made, cast.user(handler))
        reads = rows.reviewable_by(Actor(user, Hat.ANY, now)).exists()
        assert reads == can_read_over(Actor(user, Hat.ANY, now), told) == (name == reader)
        assert reads == (user in second_persons(told, now=now))
        assert reads == happens(lambda r=told: approve(r, user))
        assert reads == happens(lambda d=does: access_service.return_copy(**d, word="Nee."))
        assert happens(lambda d=does: access_service.close_request(**d, reason="Nee.")) == (name == handler)
        assert rows.visible_to(Actor(user, Hat.ANY, now)).exists() == (name in (handler, reader))
    assert not AccessRequest.objects.visible_to(Actor(cast.anonymous, Hat.ANY, now)).exists()


def test_the_permissions_are_these() -> None:
    assert set(PERMISSIONS) == {VIEW, REPLY, SUBMIT, PUBLISH, MODERATE, MANAGE}
