"""For random truth, messages and clocks: the pages of the feed hold exactly what may be read, in order, each once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.accounts.services.hats import hats_of
from groups.roles import VIEW, Hat
from messaging.models import Post
from messaging.posts.services.feed import NO_FAMILY, family_in, feed_of
from portal.core import access
from portal.core.actor import Actor
from tests.permissions.test_derivation_property import (
    GROUPS,
    PEOPLE,
    YEAR_STARTS,
    Truth,
    Written,
    moments,
    truths,
)
from tests.share import share

pytestmark = pytest.mark.django_db
STATES = ["published", "published", "hidden", "retracted", "submitted"]

letters = st.tuples(
    st.sampled_from(list(GROUPS)),
    st.sampled_from(PEOPLE),
    st.sampled_from(STATES),
    st.sampled_from([None, 1, 2]),
    st.integers(0, 3),
)


def place(written: Written, drawn: list[tuple[str, int, str, int | None, int]]) -> None:
    for group, author, state, together, minute in drawn:
        placed_at = YEAR_STARTS + timedelta(minutes=minute)
        Post.objects.create(
            school=written.school,
            group=written.groups[group],
            author=written.users[author],
            hat=Hat.STAFF,
            author_name="juf",
            topic="update",
            replies="on",
            title=group,
            text="x",
            html="<p>x</p>",
            state=state,
            published_at=None if state == "submitted" else placed_at,
            hidden_at=placed_at if state == "hidden" else None,
            hidden_by=written.users[author] if state == "hidden" else None,
            written_together=UUID(int=together) if together else None,
        )


def found(user: Any, hat: Hat, now: datetime) -> list[tuple[int, tuple[int, ...]]]:
    """Every message of the feed, page after page, with the groups named."""
    hats = hats_of(user, now=now)
    family = family_in(hats) if hat == Hat.FAMILY else NO_FAMILY
    entries, cursor = [], None
    while True:
        page = feed_of(actor=Actor(user, hat, now), hats=hats, family=family, before=cursor, size=2)
        entries += page.entries
        cursor = page.older
        if cursor is None:
            return [(entry.post.pk, tuple(group.pk for group in entry.groups)) for entry in entries]


def expected(user: Any, hat: Hat, now: datetime) -> list[tuple[int, tuple[int, ...]]]:
    """The same from `visible_to`, naively: sorted, and of those together the first with the groups of all."""
    readable = [p for p in Post.objects.visible_to(Actor(user, hat, now)) if p.state in ("published", "hidden")]
    first = {p.written_together: p.pk for p in sorted(readable, key=lambda p: -p.pk) if p.written_together}
    listed = [p for p in readable if not p.written_together or first[p.written_together] == p.pk]
    listed.sort(key=lambda p: (p.published_at, p.pk), reverse=True)
    return [(p.pk, named(p, readable)) for p in listed]


def named(post: Post, readable: list[Post]) -> tuple[int, ...]:
    twins = [p for p in readable if post.written_together and p.written_together == post.written_together]
    published = sorted((p.pk, p.group_id) for p in twins if p.state == "published")
    return tuple(group for _, group in published) or (post.group_id,)


@settings(
    max_examples=share(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(truth=truths(), drawn=st.lists(letters, max_size=12), synced_at=moments, clock=moments)
def test_the_feed_is_what_may_be_read(truth: Truth, drawn: list[Any], synced_at: datetime, clock: datetime) -> None:
    now = max(clock, synced_at)
    with transaction.atomic():
        written = Written(truth)
        place(written, drawn)
        access.reproject(school=written.school)
        for person, user in enumerate(written.users):
            read = {hat: found(user, hat, now) for hat in Hat}
            assert read == {hat: expected(user, hat, now) for hat in read}
            open_groups = {key for key in GROUPS if truth.may(person, VIEW, key, now)}
            named_in = {group for page in read.values() for _, groups in page for group in groups}
            in_groups = {key for key, group in written.groups.items() if group.pk in named_in}
            published = {group for group, _, state, _, _ in drawn if state == "published"}
            assert in_groups <= open_groups
            assert open_groups & published <= in_groups
        transaction.set_rollback(True)
