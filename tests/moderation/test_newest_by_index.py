"""The newest of a kind at a school are found by its index, past none of another kind; so is how many there are."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from moderation.promises.services.promise_counts import counted
from tests.cast import Cast
from tests.moderation.reporting import visit
from tests.scene import Scene

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="says of each statement how it is read")
OF_A_KIND = "messaging_writing_of_kind (school_id=? AND kind=?"


def how_it_reads(act: Callable[[], Any], words: str) -> list[str]:
    """Of each statement with these words in it the plan, a step a line."""
    with CaptureQueriesContext(connection) as asked:
        act()
    statements = [one["sql"] for one in asked if words in one["sql"]]
    with connection.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in statements]
    return ["\n".join(row[-1] for row in plan) for plan in plans]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "index"),
    [
        ("berichten", OF_A_KIND),
        ("reacties", OF_A_KIND),
        ("fotos", "messaging_placement USING INDEX messaging_placement_of_school (school_id=?"),
    ],
)
def test_the_newest_on_a_desk_are_found_in_their_order(
    cast: Cast, scene: Scene, settings: Any, slug: str, index: str
) -> None:
    """A page of messages read past every younger reply and message of a conversation; one of photos read them all."""
    settings.KRING_SECOND_FACTOR = False
    client = visit(cast, "directie")
    [plan] = how_it_reads(lambda: client.get(f"/bureau/{slug}/"), "LIMIT 25")
    assert index in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


@pytest.mark.django_db
def test_messages_and_replies_of_a_year_are_counted_from_the_index_alone(cast: Cast, scene: Scene) -> None:
    [plan] = how_it_reads(lambda: counted(cast.linde, now=timezone.now()), "posts_counted")
    assert plan.count(f"USING COVERING INDEX {OF_A_KIND}") >= 2
    assert "USING INDEX messaging_reply_of_post" not in plan
