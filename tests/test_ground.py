"""The rows that tests share are as new for each of them, in whatever order they run."""

import pytest
from django.db import connection

from consent.models import Decision
from groups.models import School
from messaging.models import Post
from tests.cast import Cast
from tests.messaging.conftest import Town, agreed, town, town_as_built
from tests.scene import Scene

__all__ = ["agreed", "town", "town_as_built"]
SCENE, TOWN = {"De Linde", "De Berk"}, {"De Proef", "De Verte"}


def schools() -> set[str]:
    return set(School.objects.values_list("name", flat=True))


@pytest.mark.parametrize("turn", range(3))
def test_what_is_done_to_the_scene_is_undone(cast: Cast, scene: Scene, turn: int) -> None:
    assert scene.post.title == Post.objects.get(pk=scene.post.pk).title != "Anders"
    assert schools() == SCENE
    scene.post.title = "Anders"
    scene.post.save(update_fields=["title"])
    School.objects.update(name="Anders")


@pytest.mark.parametrize("turn", range(3))
def test_what_is_done_to_the_town_is_undone(town_as_built: Town, turn: int) -> None:
    assert "g8" not in town_as_built.group
    assert (schools(), town_as_built.school.groups.count()) == (SCENE | TOWN, 5)
    town_as_built.add_group("g8", "Groep 8")


@pytest.mark.parametrize("turn", range(2))
def test_one_ground_lies_on_another(town: Town, agreed: None, turn: int) -> None:
    """And who asks for the lower one alone, above and below this, finds nothing of it."""
    assert (schools(), town.school.groups.count(), Decision.objects.count()) == (SCENE | TOWN, 5, 9)
    assert town.caregiver["Nienke"].user == town.user.pop("Nienke")
    town.add_group("g8", "Groep 8")
    School.objects.update(name="Anders")


@pytest.mark.parametrize("turn", range(2))
def test_under_the_upper_ground_nobody_agreed(town_as_built: Town, turn: int) -> None:
    assert (Decision.objects.exists(), "Nienke" in town_as_built.user) == (False, False)


@pytest.mark.parametrize("turn", range(2))
def test_under_the_cast_alone_lies_nothing(cast: Cast, turn: int) -> None:
    assert (schools(), Post.objects.exists()) == (SCENE, False)
    School.objects.filter(pk=cast.berk.pk).update(name="Anders")


@pytest.mark.django_db(transaction=True)
def test_who_commits_finds_no_ground() -> None:
    assert (connection.in_atomic_block, Post.objects.exists()) == (False, False)


@pytest.mark.django_db(transaction=True)
def test_who_commits_gets_a_scene_of_its_own(cast: Cast, scene: Scene) -> None:
    assert not connection.in_atomic_block
    assert scene.post in Post.objects.all()
    assert schools() == SCENE


@pytest.mark.django_db(transaction=True)
def test_who_commits_gets_both_grounds(town: Town, agreed: None) -> None:
    assert not connection.in_atomic_block
    assert (Decision.objects.count(), "Nienke" in town.user) == (9, True)
