"""A right is a grant row ∧ an active reason ∧ an active account; each alone opens nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from groups.models import Child, ChildGrant, Group, GroupGrant, Guardianship, Membership
from groups.roles import VIEW, Hat, Role
from groups.services.guardianships import end_guardianship
from groups.services.memberships import check_access, sync_memberships
from groups.services.staff import appoint
from messaging.models import Post
from portal.core.access import may
from portal.core.actor import Actor
from tests.cast import Cast
from tests.scene import Scene


def test_a_membership_without_its_grant_opens_nothing(cast: Cast) -> None:
    GroupGrant.objects.filter(user=cast.mother).delete()
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()


def test_a_grant_without_its_membership_opens_nothing(cast: Cast) -> None:
    Membership.objects.filter(user=cast.mother).delete()
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()


def test_a_grant_for_another_permission_opens_nothing(cast: Cast) -> None:
    GroupGrant.objects.filter(user=cast.mother, permission__codename="view_group").delete()
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()


def test_a_child_needs_grant_and_guardianship(cast: Cast) -> None:
    now = timezone.now()
    assert [child.first_name for child in Child.objects.visible_to(Actor(cast.mother, Hat.ANY, now))] == ["Noor"]
    Guardianship.objects.filter(caregiver__user=cast.mother).update(valid_until=now)
    assert not Child.objects.visible_to(Actor(cast.mother, Hat.ANY, now)).exists()
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
        user=cast.other_parent, content_object=cast.groep_4, permission_id=stray.permission_id if stray else 0
    )
    found = check_access(now=now)
    assert (found["groups.GroupGrant"].missing > 0, found["groups.GroupGrant"].extra) == (True, 1)
    check_access(repair=True, now=now)
    assert not any(check_access(now=now).values())


def test_syncing_a_second_time_changes_nothing(cast: Cast) -> None:
    drift = sync_memberships(now=timezone.now())
    assert not any(drift.values())


def test_the_other_hat_gives_no_rights(cast: Cast) -> None:
    person, now = cast.teacher_who_is_parent, timezone.now()
    assert cast.groep_5 not in Group.objects.visible_to(Actor(person, Hat.FAMILY, now))
    assert cast.groep_4 not in Group.objects.visible_to(Actor(person, Hat.STAFF, now))


def test_ending_a_guardianship_takes_the_grants_too(cast: Cast) -> None:
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=cast.directie, now=timezone.now())
    assert not GroupGrant.objects.filter(user=cast.mother).exists()
    assert not ChildGrant.objects.filter(user=cast.mother).exists()


def test_a_post_cannot_stand_in_another_school(cast: Cast, scene: Scene) -> None:
    scene.post.school = cast.berk
    with pytest.raises(IntegrityError), transaction.atomic():
        scene.post.save(update_fields=["school"])


def test_teaching_the_own_child_gives_the_family_hat_no_power(cast: Cast) -> None:
    person, now = cast.teacher_who_is_parent, timezone.now()
    record = person.staff_records.get()
    appoint(staff=record, role=Role.TEACHER, school=cast.linde, group=cast.groep_4, now=now)
    assert cast.groep_4 in Group.objects.writable_by(Actor(person, Hat.STAFF, now))
    assert cast.groep_4 not in Group.objects.writable_by(Actor(person, Hat.FAMILY, now))
