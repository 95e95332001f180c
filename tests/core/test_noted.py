"""What the cache says about a reader is asked once a page, and never for anybody else."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.utils import timezone

from groups.roles import Hat
from portal.core import access, noted
from portal.core.actor import Actor
from portal.core.models import User
from tests.cast import Cast
from tests.moderation.reporting import visit

pytestmark = pytest.mark.django_db


def mark(user: User) -> str:
    return f"marked:{user.pk}"


@pytest.fixture(autouse=True)
def _looked_for() -> Iterator[None]:
    with patch.object(noted, "_keys", [*noted._keys, mark]):
        yield
    cache.clear()


def said(user: User, hat: str = Hat.ANY, **more: object) -> object:
    return noted.noted(mark, actor=Actor(user, hat, timezone.now() if not more else more["now"]))


def test_what_stands_there_is_of_the_reader(cast: Cast) -> None:
    cache.set(mark(cast.mother), "hers", 60)
    assert (said(cast.mother), said(cast.father)) == ("hers", None)


def test_a_page_looks_once_and_what_it_notes_holds_for_its_rest(cast: Cast) -> None:
    now = timezone.now()
    mother = Actor(cast.mother, Hat.FAMILY, now)
    with access.reading(mother), patch.object(cache, "get_many", wraps=cache.get_many) as looked:
        assert (said(cast.mother, now=now), said(cast.mother, Hat.STAFF, now=now)) == (None, None)
        cache.set(mark(cast.mother), "by another", 60)
        assert said(cast.mother, now=now) is None
        noted.note(mark, "hers", actor=mother, seconds=60)
        assert said(cast.mother, now=now) == "hers"
        assert looked.call_count == 1
    assert said(cast.mother, now=now + timedelta(seconds=1)) == "hers"


def test_on_the_page_of_one_another_is_looked_up_apart(cast: Cast) -> None:
    now = timezone.now()
    cache.set(mark(cast.father), "his", 60)
    with access.reading(Actor(cast.mother, Hat.FAMILY, now)):
        assert said(cast.mother, now=now) is None
        assert said(cast.father, now=now) == "his"


@pytest.mark.parametrize(("name", "path"), [("mother", "/thuis/berichten/"), ("directie", "/bureau/")])
def test_a_page_that_somebody_opens_asks_once(cast: Cast, settings: object, name: str, path: str) -> None:
    settings.KRING_SECOND_FACTOR = False  # type: ignore[attr-defined]
    client = visit(cast, name)
    client.get(path)
    with patch.object(cache, "get_many", wraps=cache.get_many) as looked:
        assert client.get(path).status_code == 200
    assert looked.call_count == 1
