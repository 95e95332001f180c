"""A child has one colour everywhere, and another than its siblings (experience.md)."""

from itertools import combinations

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from groups.accounts.services.hats import hats_of
from groups.models import Child
from groups.records.domain.colours import COLOURS, colours_of
from groups.roster.services.colours import give_colours
from messaging.posts.services.feed import family_in
from tests.cast import Cast

CHILDREN = range(1, 8)


@given(
    st.dictionaries(st.sampled_from(CHILDREN), st.integers(0, 4)),
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(CHILDREN))),
)
def test_a_colour_is_given_once_to_who_has_a_caregiver(
    children: dict[int, int], families: list[tuple[int, int]]
) -> None:
    given_now = colours_of(children, families)
    assert given_now.keys() == {
        one for one in children if not children[one] and one in {child for _, child in families}
    }
    assert set(given_now.values()) <= set(COLOURS)
    assert colours_of(children | given_now, families) == {}


@given(st.integers(1, 4), st.permutations(CHILDREN))
def test_up_to_four_siblings_have_a_colour_each(count: int, order: list[int]) -> None:
    siblings = order[:count]
    colours = colours_of(dict.fromkeys(siblings, 0), [(1, child) for child in siblings])
    assert all(colours[one] != colours[other] for one, other in combinations(siblings, 2))


def test_who_comes_later_gets_what_no_sibling_has() -> None:
    assert colours_of({5: 1, 6: 3, 7: 0}, [(1, 5), (1, 7), (2, 6), (2, 7)]) == {7: 2}


@pytest.mark.django_db
def test_a_file_gives_colours_that_both_homes_and_school_see(cast: Cast) -> None:
    finn, lot = cast.child("Finn"), cast.child("Lot")
    assert 0 not in Child.objects.filter(guardianships__isnull=False).values_list("colour", flat=True)
    assert finn.colour != lot.colour
    children = family_in(hats_of(cast.parent_of_two, now=timezone.now())).children
    assert {child.uid: child.colour for child in children} == {finn.uid: finn.colour, lot.uid: lot.colour}


@pytest.mark.django_db
def test_a_colour_stays(cast: Cast) -> None:
    Child.objects.filter(pk=cast.child("Lot").pk).update(colour=4)
    Child.objects.filter(pk=cast.child("Finn").pk).update(colour=0)
    give_colours(cast.linde)
    assert (cast.child("Lot").colour, cast.child("Finn").colour) == (4, 1)
