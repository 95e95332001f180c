"""What became of the mails about something is asked by the index of the outbox, which holds the mail of all years."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.newsletter.services.editions import send_edition
from messaging.newsletter.services.trial import weekly_so_far
from messaging.urgent.domain import REMINDED_AFTER
from messaging.urgent.services.following import follow_essentials, tell_shown_again
from messaging.urgent.services.reach import find_followed, reach_of
from messaging.writings.services.written import hide_written, show_written
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import STAFF
from tests.messaging.test_essential import place

WEEK = timedelta(days=7)
BY_STATE = "core_outbox_due (state=? AND kind=?"
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="says of each statement how it is read")


def past_editions(town: Town) -> Callable[[], object]:
    place(town, essential=False)
    send_edition(school=town.school, now=NOW + WEEK)
    return lambda: weekly_so_far(town.school, actor=Actor(town.user["Petra"], STAFF, NOW + WEEK))


def how_far_it_came(town: Town) -> Callable[[], object]:
    post = place(town)
    by = Actor(town.user["Petra"], STAFF, NOW)
    found = find_followed(post.uid, actor=by)
    assert found
    return lambda: reach_of(found, actor=by)


def whom_it_was_kept_from(town: Town) -> Callable[[], object]:
    post, later = place(town), NOW + REMINDED_AFTER
    follow_essentials(now=later)
    hide_written(written=post, by=Actor(town.user["Petra"], STAFF, later))
    post.refresh_from_db()
    show_written(written=post, by=Actor(town.user["Petra"], STAFF, later + timedelta(minutes=5)))
    return lambda: tell_shown_again(now=later + timedelta(minutes=6))


def last_of_a_kind(town: Town) -> Callable[[], object]:
    return lambda: outbox.last_states("parent_welcome", [town.school.uid])


@pytest.mark.django_db
@pytest.mark.parametrize("ask", [past_editions, how_far_it_came, whom_it_was_kept_from, last_of_a_kind])
def test_mails_about_something_are_found_by_state_and_kind(
    town: Town, ask: Callable[[Town], Callable[[], object]]
) -> None:
    """They were asked by their subject alone, and all mail that ever went was read."""
    question = ask(town)
    with CaptureQueriesContext(connection) as asked:
        question()
    table = f'"{OutboxItem._meta.db_table}"'
    about = [one["sql"] for one in asked if table in one["sql"] and "digestitem" not in one["sql"]]
    assert about
    with connection.cursor() as cursor:
        for statement in about:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            assert BY_STATE in str(cursor.fetchall()), statement
