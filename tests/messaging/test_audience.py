"""Families and adults are counted as a school counts them; what was on the screen counts once."""

from json import loads
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.models import Child, Enrolment, Guardianship, Level
from groups.records.domain.families import families_by_child
from groups.records.querysets.truth import with_holders
from groups.roles import Hat
from messaging.models import Post, Seen
from messaging.writings.services.audience import ReachedFamilies, audience_of, families_per_group, reached_families
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import hide_written
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.share import share


def counted(town, *keys):
    audience = audience_of([town.group[key] for key in keys], now=NOW)
    return audience.families, audience.joined, audience.waiting, audience.adults, audience.people


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
    """An oracle on plain sets, over random worlds of up to three people a child."""
    people = list(town.caregiver.values())
    with transaction.atomic():
        Guardianship.objects.all().delete()
        expected = set()
        for name in sorted(town.child):
            holders = data.draw(st.sets(st.sampled_from(people), max_size=3), label=name)
            for holder in holders:
                authority(town, holder, name)
            expected.add(frozenset(holder.pk for holder in holders) or name)
        found = Child.objects.filter(school=town.school).annotate(family=Guardianship.objects.family_of("pk", now=NOW))
        assert len({child.family for child in found}) == len(expected)
        transaction.set_rollback(True)


@given(st.data())
@settings(max_examples=share(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_family_of_each_is_found_for_all_at_once_as_for_each_alone(town, data):
    """Over random worlds of authority at any time, a guardian from an institution, and another level."""
    people = list(town.caregiver.values())
    with transaction.atomic():
        Guardianship.objects.all().delete()
        for name in sorted(town.child):
            for holder in data.draw(st.sets(st.sampled_from(people), max_size=3), label=name):
                relation = data.draw(st.sampled_from(["moeder", "voogd"]))
                level = data.draw(st.sampled_from([Level.WITH_AUTHORITY, Level.WITH_AUTHORITY, Level.ADMITTED_READER]))
                until = data.draw(st.sampled_from([None, NOW, later(days=1)]))
                tie = authority(town, holder, name, relation)
                Guardianship.objects.filter(pk=tie.pk).update(level=level, valid_until=until)
        here = Enrolment.objects.active(now=NOW)
        alone = here.annotate(family=Guardianship.objects.family_of("child", now=NOW)).values_list("child", "family")
        together = families_by_child(with_holders(here, now=NOW).values_list("child", "holder"))
        assert together.keys() == dict(alone).keys()
        assert len({*together.values()}) == len({family for _, family in alone})
        assert len({(together[child], family) for child, family in alone}) == len({*together.values()})
        transaction.set_rollback(True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not tell what it reads")
def test_the_families_of_a_large_group_are_read_together(town):
    """A school of 3 000 children; it read the adults of each child anew."""
    kids = [Child(school=town.school, first_name="Kind", roster_key=f"n{n}", birth_on=NOW.date()) for n in range(3000)]
    adult, group = next(iter(town.caregiver.values())), town.group["g4"]
    Child.objects.bulk_create(kids)
    period = {"valid_from": NOW, "valid_until": None}
    tie = {"caregiver": adult, "level": Level.WITH_AUTHORITY, "decided_at": NOW, **period}
    Guardianship.objects.bulk_create(Guardianship(child=kid, **tie) for kid in kids)
    Enrolment.objects.bulk_create(Enrolment(child=kid, group=group, **period) for kid in kids)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE groups_guardianship, groups_enrolment, groups_child")
    here = Enrolment.objects.active(now=NOW).filter(group=group)
    alone = here.annotate(family=Guardianship.objects.family_of("child", now=NOW))
    together = _pages_read(with_holders(here, now=NOW).values_list("pk", "holder"))
    each = _pages_read(alone.values_list("pk", "family"))
    assert together * 10 < each, (together, each)


def _pages_read(rows):
    [plan] = loads(rows.order_by().explain(analyze=True, buffers=True, format="json"))
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
