"""Families and adults are counted as a school counts them; what was on the screen counts once."""

from datetime import timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.models import Child, Enrolment, Guardianship, Level
from groups.records.querysets.truth import with_family
from groups.roles import Hat
from messaging.models import Post, Seen
from messaging.writings.services.audience import (
    ReachedFamilies,
    audience_of,
    count_adults,
    families_per_group,
    reached_families,
)
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import hide_written
from portal.core import access
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.share import share


def counted(town, *keys):
    groups = [town.group[key] for key in keys]
    audience, adults = audience_of(groups, now=NOW), count_adults(groups, now=NOW) if groups else 0
    return audience.families, audience.joined, audience.waiting, adults, audience.people


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        (["g4"], (4, 3, 1, 5, 0)),
        (["g7"], (1, 1, 0, 2, 0)),
        (["g4", "g7"], (4, 3, 1, 5, 0)),
        (["@school"], (4, 3, 1, 5, 0)),
        (["@mr"], (0, 0, 0, 0, 2)),
        (["@team"], (0, 0, 0, 0, 4)),
        (["g4", "@mr"], (4, 3, 1, 5, 2)),
        ([], (0, 0, 0, 0, 0)),
    ],
)
def test_brothers_and_sisters_are_one_family(town, keys, numbers):
    assert counted(town, *keys) == numbers


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["@team"], "4 collega’s"),
        (["@mr"], "2 mensen"),
        (["g4", "@team"], "3 van 4 gezinnen lezen dit, en 4 collega’s"),
        (["g4", "@mr"], "3 van 4 gezinnen lezen dit, en 2 mensen"),
    ],
)
def test_who_works_at_school_is_a_colleague(town, keys, words):
    with translation.override("nl"):
        assert audience_of([town.group[key] for key in keys], now=NOW).readers == words


def test_a_child_without_admitted_caregivers_is_a_family_of_its_own(town):
    Guardianship.objects.filter(child=town.child["Fenna"]).update(level=Level.UNVERIFIED)
    town.sync()
    assert counted(town, "g4") == (4, 2, 2, 3, 0)


def test_who_left_is_counted_no_more(town):
    Enrolment.objects.filter(child=town.child["Fenna"]).update(valid_until=NOW)
    town.sync()
    assert counted(town, "g4") == (3, 2, 1, 3, 0)


def test_families_per_group(town):
    groups = [town.group[key] for key in ("g4", "g7", "@team")]
    assert families_per_group(groups, now=NOW) == {groups[0].pk: 4, groups[1].pk: 1}


def see(town, name, *posts, now=NOW):
    return mark_seen(by=Actor(town.user[name], Hat.ANY, now), uids=[post.uid for post in posts])


def test_seen_is_written_the_first_time_only(town, place):
    post = place()
    assert see(town, "Karima", post) == 1
    assert see(town, "Karima", post, now=later(days=1)) == 0
    assert list(Seen.objects.values_list("user", "writing", "seen_at")) == [(town.user["Karima"].pk, post.pk, NOW)]


def test_seen_passes_over_what_one_may_not_read(town, place):
    hidden, elsewhere, mine = place(), place("Joost", "g7"), place()
    hide_written(written=hidden, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert see(town, "Lotte", hidden, elsewhere, mine) == 1
    assert mark_seen(by=Actor(town.user["Lotte"], Hat.ANY, NOW), uids=[uuid4()]) == 0
    assert see(town, "Anna", hidden) == 0
    assert set(Seen.objects.values_list("writing", flat=True)) == {mine.pk}


def test_seen_counts_in_each_group_it_was_written_to(town, place):
    post = place("Petra", "g4", "g7")
    assert see(town, "Karima", post) == 2
    assert see(town, "Lotte", post) == 1
    reach = reached_families(groups_of(Post.objects.all()), now=NOW)
    assert set(reach.values()) == {ReachedFamilies(2, 4, 2), ReachedFamilies(1, 1, 1)}


def groups_of(posts):
    return {post.pk: post.group_id for post in posts}


def test_reach_counts_a_family_once(town, place):
    post, other = place(), place()
    assert reached_families(groups_of([post]), now=NOW) == {post.pk: ReachedFamilies(0, 4)}
    see(town, "Karima", post)
    see(town, "Said", post)
    see(town, "Anna", post)
    assert reached_families(groups_of([post, other]), now=NOW) == {
        post.pk: ReachedFamilies(1, 4, 2),
        other.pk: ReachedFamilies(0, 4),
    }


def test_reach_of_a_page_is_two_queries(town, place, django_assert_num_queries):
    for size in (1, 6):
        posts = [place() for _ in range(size)]
        with django_assert_num_queries(2):
            reached_families(groups_of(posts), now=NOW)


def test_reach_of_a_group_without_families_says_nothing(town, place):
    post = place("Lotte", "@mr", hat=Hat.FAMILY)
    assert reached_families(groups_of([post]), now=NOW) == {}
    assert Child.objects.exists()


def test_half_brothers_are_another_family_and_nothing_chains(town):
    """Fenna shares one parent with Noor and the other with nobody: no third family is drawn in by her."""
    before = counted(town, "g4")[0]
    caregiver = Guardianship.objects.filter(child=town.child["Noor"], level=Level.WITH_AUTHORITY).first().caregiver
    authority(town, caregiver, "Fenna")
    town.sync()
    assert counted(town, "g4")[0] == before


def test_a_guardian_of_an_institution_ties_nobody(town):
    guardian = rows.caregiver(town.school, "Bureau")
    children = [town.child["Fenna"], town.child["Noor"]]
    Guardianship.objects.filter(child__in=children).update(level=Level.WITHOUT_AUTHORITY)
    alone = counted(town, "g4")[0]
    for name in ("Fenna", "Noor"):
        authority(town, guardian, name, relation="voogd")
    town.sync()
    assert counted(town, "g4")[0] == alone


def authority(town, caregiver, child, relation="moeder"):
    return rows.guardianship(caregiver, town.child[child], relation=relation)


@given(st.data())
@settings(max_examples=share(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_families_are_the_children_with_the_same_people_in_authority(town, data):
    """An oracle on plain sets, over random worlds of up to three people a child, at any time, a guardian among them.

    Asked at every moment at which something begins or ends, and a second before.
    """
    people = list(town.caregiver.values())
    with transaction.atomic():
        Guardianship.objects.all().delete()
        ties = []
        for name in sorted(town.child):
            for holder in data.draw(st.lists(st.sampled_from(people), max_size=3), label=name):
                relation = data.draw(st.sampled_from(["moeder", "moeder", "voogd"]))
                level = data.draw(st.sampled_from([Level.WITH_AUTHORITY, Level.WITH_AUTHORITY, Level.ADMITTED_READER]))
                begin, end = sorted(data.draw(st.lists(st.integers(0, 3), min_size=2, max_size=2)))
                ties.append(
                    Guardianship(
                        caregiver=holder,
                        child=town.child[name],
                        relation=relation,
                        level=level,
                        valid_from=later(days=begin),
                        valid_until=later(days=end),
                        decided_at=NOW,
                    )
                )
        Guardianship.objects.bulk_create(ties)
        access.reproject(school=town.school)
        moments = {moment for tie in ties for moment in (tie.valid_from, tie.valid_until)}
        for now in moments | {moment - ONE for moment in moments}:
            naive = {name: _holders(ties, child, now) or name for name, child in town.child.items()}
            rows_now = with_family(Child.objects.filter(first_name__in=town.child), child="", now=now)
            found = dict(rows_now.values_list("first_name", "family"))
            assert _alike(found) == _alike(naive)
        transaction.set_rollback(True)


ONE = timedelta(seconds=1)


def _holders(ties, child, now):
    """Who has authority over this child then, without a guardian of an institution."""
    return frozenset(
        tie.caregiver.pk
        for tie in ties
        if tie.child == child
        and (tie.level, tie.relation) == (Level.WITH_AUTHORITY, "moeder")
        and tie.valid_from <= now < tie.valid_until
    )


def _alike(families):
    """The pairs of children of one family."""
    names = sorted(families)
    return [(one, two) for one, two in combinations(names, 2) if families[one] == families[two]]


def test_as_long_as_nothing_changes_a_child_has_one_row(town):
    """Refused and admitted again, or two rows that meet: what stays the same is no new family."""
    child, holders = town.child["Noor"], list(town.caregiver.values())[:2]
    Guardianship.objects.filter(child=child).delete()
    for holder, start, end in ((holders[0], 0, 2), (holders[0], 2, 4), (holders[1], 1, None), (holders[0], 4, None)):
        tie = authority(town, holder, "Noor")
        period = {"valid_from": later(days=start), "valid_until": None if end is None else later(days=end)}
        Guardianship.objects.filter(pk=tie.pk).update(**period)
    access.reproject(school=town.school)
    assert list(child.families.order_by("valid_from").values_list("valid_from", "valid_until")) == [
        (NOW, later(days=1)),
        (later(days=1), None),
    ]
