"""A right is a row with a beginning and an end, of an account that is not closed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from groups.models import Child, ChildGrant, Group, GroupGrant, Membership, SchoolGrant
from groups.people.services.guardianships import end_guardianship
from groups.records.services.memberships import check_access
from groups.roles import ADMINISTER, CONFIGURE, DIRECT, OVERSEE, PUBLISH, REPLY, VIEW, Hat, Role
from groups.staff.services.staff import appoint
from messaging.models import Post
from portal.core import access
from portal.core.access import may
from portal.core.actor import Actor, clock
from portal.core.models import VitalSign
from tests.cast import NAMES, Cast
from tests.moderation.reporting import reported
from tests.scene import Scene

SECOND = timedelta(seconds=1)
YEAR = datetime(2098, 9, 1, tzinfo=UTC)


def test_a_membership_without_its_grant_opens_nothing(cast: Cast) -> None:
    GroupGrant.objects.filter(user=cast.mother).delete()
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()


def test_a_right_outside_its_time_opens_nothing(cast: Cast) -> None:
    """Not before it begins, nor from its end on."""
    start, end, rights = YEAR, YEAR + timedelta(days=1), GroupGrant.objects.filter(user=cast.mother)
    rights.update(valid_from=start, valid_until=end)
    moments = {start - SECOND: False, start: True, end - SECOND: True, end: False, end + SECOND: False}
    for at, is_open in moments.items():
        assert Group.objects.visible_to(Actor(cast.mother, Hat.ANY, at)).exists() == is_open
        assert may(cast.mother, VIEW, cast.groep_4, now=at) == is_open


def test_a_right_without_an_end_lasts(cast: Cast) -> None:
    GroupGrant.objects.filter(user=cast.mother).update(valid_from=YEAR, valid_until=None)
    assert Group.objects.visible_to(Actor(cast.mother, Hat.ANY, YEAR + timedelta(days=90_000))).exists()


def test_nobody_hears_without_a_right_or_without_a_reason(cast: Cast) -> None:
    now = timezone.now()
    heard = Membership.objects.effective(VIEW, now=now).filter(user=cast.mother)
    assert heard.exists()
    GroupGrant.objects.filter(user=cast.mother).delete()
    assert not heard.all().exists()
    assert Membership.objects.held(VIEW, now=now).filter(user=cast.mother).exists()


def test_a_reason_that_has_not_begun_is_none_yet(cast: Cast) -> None:
    """The right stands for another reason: nobody hears of a group because of a child who comes tomorrow."""
    now, tomorrow = timezone.now(), timezone.now() + timedelta(days=1)
    [reason] = Membership.objects.filter(user=cast.mother, group=cast.groep_4)
    Membership.objects.filter(pk=reason.pk).update(valid_from=tomorrow)
    for heard in (Membership.objects.effective, Membership.objects.held):
        asked = {at: heard(VIEW, now=at).filter(pk=reason.pk).exists() for at in (now, tomorrow - SECOND, tomorrow)}
        assert asked == {now: False, tomorrow - SECOND: False, tomorrow: True}


def test_a_reason_that_is_over_is_none_any_more(cast: Cast) -> None:
    """The right stands for another reason: a power ends on its second, and reading with the archive."""
    now = timezone.now()
    ends = {REPLY: now + timedelta(days=1), VIEW: now + timedelta(days=9)}
    [reason] = Membership.objects.filter(user=cast.mother, group=cast.groep_4)
    Membership.objects.filter(pk=reason.pk).update(valid_until=ends[REPLY], reads_until=ends[VIEW])
    for heard in (Membership.objects.effective, Membership.objects.held):
        for permission, end in ends.items():
            asked = [
                heard(permission, now=at).filter(pk=reason.pk).exists() for at in (end - SECOND, end, end + SECOND)
            ]
            assert asked == [True, False, False]


def test_a_reason_carries_what_its_role_may_and_no_more(cast: Cast) -> None:
    """The right stands for another reason: a parent in groep 4 is no reason to place a message there."""
    now = timezone.now()
    rights = GroupGrant.objects.filter(user=cast.mother, content_object=cast.groep_4)
    rights.filter(permission_id=access.permission_id(REPLY)).update(permission_id=access.permission_id(PUBLISH))
    for heard in (Membership.objects.effective, Membership.objects.held):
        asked = {
            permission: heard(permission, now=now).filter(user=cast.mother, group=cast.groep_4).exists()
            for permission in (VIEW, PUBLISH)
        }
        assert asked == {VIEW: True, PUBLISH: False}


def test_a_grant_for_another_permission_opens_nothing(cast: Cast) -> None:
    GroupGrant.objects.filter(user=cast.mother, permission__codename="view_group").delete()
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()


def test_the_own_child_is_seen_until_the_second_in_which_that_ends(cast: Cast) -> None:
    now = timezone.now()
    assert [child.first_name for child in Child.objects.visible_to(Actor(cast.mother, Hat.ANY, now))] == ["Noor"]
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=Actor(cast.directie, Hat.ANY, now))
    seen = [Child.objects.visible_to(Actor(cast.mother, Hat.ANY, now + n * SECOND)).exists() for n in (-1, 0, 1)]
    assert seen == [True, False, False]
    assert [child.first_name for child in Child.objects.visible_to(Actor(cast.father, Hat.ANY, now))] == ["Noor"]
    ChildGrant.objects.filter(user=cast.father).delete()
    assert not Child.objects.visible_to(Actor(cast.father, Hat.ANY, now)).exists()


def test_a_closed_account_sees_nothing_at_once(cast: Cast) -> None:
    cast.mother.is_active = False
    cast.mother.save(update_fields=["is_active"])
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()
    assert not may(cast.mother, VIEW, cast.groep_4, now=timezone.now())


def test_a_superuser_has_no_rights_of_his_own(cast: Cast, scene: Scene) -> None:
    operator = cast.operator
    assert operator.is_superuser
    assert not operator.has_perm(VIEW, cast.groep_4)
    assert not operator.has_perm(VIEW)
    assert not Post.objects.visible_to(Actor(operator, Hat.ANY, timezone.now())).exists()


def test_a_future_parent_reads_from_the_day_of_the_file(cast: Cast) -> None:
    starts = Membership.objects.filter(user=cast.future_parent, group=cast.groep_4).get().valid_from
    seen = [
        Group.objects.visible_to(Actor(cast.future_parent, Hat.ANY, starts + timedelta(seconds=s)))
        .filter(pk=cast.groep_4.pk)
        .exists()
        for s in (-1, 0, 1)
    ]
    assert seen == [False, True, True]


def test_drift_is_found_and_repaired(cast: Cast) -> None:
    now = timezone.now()
    GroupGrant.objects.filter(user=cast.mother).delete()
    stray = GroupGrant.objects.filter(user=cast.directie).first()
    GroupGrant.objects.create(
        user=cast.other_parent,
        content_object=cast.groep_4,
        permission_id=stray.permission_id if stray else 0,
        hat=Hat.FAMILY,
        valid_from=now,
    )
    found = check_access(now=now)
    assert (found["groups.GroupGrant"].missing > 0, found["groups.GroupGrant"].extra) == (True, 1)
    check_access(repair=True, now=now)
    assert not any(check_access(now=now).values())


@pytest.mark.parametrize(("how", "is_a_defect"), [("repair", True), ("new_release", False)])
def test_what_a_release_derives_by_other_rules_is_put_right_and_no_defect(
    cast: Cast, how: str, is_a_defect: bool
) -> None:
    GroupGrant.objects.filter(user=cast.mother).delete()
    call_command("check_access", **{how: True})
    assert Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()
    assert VitalSign.objects.filter(name="rights").exists() == is_a_defect


def test_syncing_a_second_time_changes_nothing(cast: Cast) -> None:
    drift = access.reproject()
    assert not any(drift.values())


@pytest.mark.parametrize("name", [name for name in NAMES if name != "anonymous"])
def test_nor_does_asking_about_one_person(cast: Cast, scene: Scene, name: str) -> None:
    """Two cases: one that the teacher handles too, and one in a conversation, which has no group."""
    reported(cast, scene.reply, to_teacher=True)
    reported(cast, scene.said_by_teacher, by="mother")
    assert not any(access.reproject(users=[cast.user(name).pk]).values())


def test_the_other_hat_gives_no_rights(cast: Cast) -> None:
    person, now = cast.teacher_who_is_parent, timezone.now()
    assert cast.groep_5 not in Group.objects.visible_to(Actor(person, Hat.FAMILY, now))
    assert cast.groep_4 not in Group.objects.visible_to(Actor(person, Hat.STAFF, now))


def test_ending_a_guardianship_ends_every_right_by_it(cast: Cast) -> None:
    now = timezone.now()
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=Actor(cast.directie, Hat.ANY, now))
    for model in (GroupGrant, ChildGrant):
        assert set(model.objects.filter(user=cast.mother).values_list("valid_until", flat=True)) == {now}


def test_a_task_for_the_school_opens_the_school_and_nothing_of_another(cast: Cast) -> None:
    """The row is the whole answer: by list, by object, and as `has_perm` says it."""
    now = timezone.now()
    holders = {DIRECT: {"directie", "second_directie"}, ADMINISTER: {"ict"}, OVERSEE: {"case_officer"}}
    for permission, expected in holders.items():
        listed = {n for n in NAMES if may(cast.user(n), permission, cast.linde, now=now)}
        assert listed & {"directie", "ict", "case_officer", "mother", "teacher"} == expected - {"second_directie"}
    assert not SchoolGrant.objects.filter(user=cast.directie).exclude(content_object=cast.linde).exists()
    assert cast.directie.has_perm(CONFIGURE, cast.linde)
    assert not cast.directie.has_perm(CONFIGURE, cast.berk)


def test_a_post_cannot_stand_in_another_school(cast: Cast, scene: Scene) -> None:
    scene.post.school = cast.berk
    with pytest.raises(IntegrityError), transaction.atomic():
        scene.post.save(update_fields=["school"])


def test_teaching_the_own_child_gives_the_family_hat_no_power(cast: Cast) -> None:
    person, now = cast.teacher_who_is_parent, timezone.now()
    record = person.staff_records.get()
    appoint(staff=record, role=Role.TEACHER, school=cast.linde, group=cast.groep_4, by=clock(now))
    assert cast.groep_4 in Group.objects.writable_by(Actor(person, Hat.STAFF, now))
    assert cast.groep_4 not in Group.objects.writable_by(Actor(person, Hat.FAMILY, now))
