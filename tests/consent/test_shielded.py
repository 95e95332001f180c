"""A shielded child and consent: nothing is asked, nobody's yes counts, and no photo with it is shown (POL-40, 44)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from consent.answers.policies import can_decide_for
from consent.answers.services.choices import children_cards, is_waited_for
from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import IMAGES, NAMES, Says
from consent.models import Clearance, Purpose
from consent.overview.services import lines_of, progress_at
from groups.models import Child
from groups.people.services.shields import lift_shield, shield_child
from groups.roles import Hat
from messaging.models import Depiction, Image, Marking
from messaging.photos.domain import Picture
from messaging.photos.services.gate import GateClosedError, check_marks, gate_of, keep_marks
from messaging.photos.services.photos import find_photo
from messaging.posts.services.posts import publish_post
from messaging.writings.services.names import NamesRefusedError, check_names
from portal.core.actor import Actor
from tests.cast import SHIELDED, Cast
from tests.consent.answering import browser, tap
from tests.consent.pages import answer, begun
from tests.pictures import photo_with
from tests.scene import Scene

SECOND = timedelta(seconds=1)


@pytest.fixture
def asked(cast: Cast, settings: Any, tmp_path: Any) -> dict[str, Purpose]:
    settings.KRING_DATA_DIR = tmp_path
    return begun(cast)


def shield(cast: Cast, name: str = "Noor") -> Child:
    child = cast.child(name)
    shield_child(child=child, reason="Een geheim adres.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    return child


def shown(child: Child, key: str) -> bool:
    rule = Clearance.objects.shows_child(key, child="pk", now=timezone.now())
    return Child.objects.filter(rule, pk=child.pk).exists()


def test_nobodys_yes_shows_it_and_what_was_chosen_counts_again_afterwards(
    cast: Cast, asked: dict[str, Purpose]
) -> None:
    for parent in ("mother", "father"):
        answer(cast, parent, "Noor", images="yes", names="yes")
    noor = cast.child("Noor")
    assert (shown(noor, IMAGES), shown(noor, NAMES)) == (True, True)
    shield(cast)
    assert {key: shown(noor, key) for key in asked} == dict.fromkeys(asked, False)
    lift_shield(child=noor, reason="Voorbij.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert (shown(noor, IMAGES), shown(noor, NAMES)) == (True, True)


def test_its_parents_are_told_and_asked_nothing(cast: Cast, asked: dict[str, Purpose]) -> None:
    assert is_waited_for(actor=Actor(cast.mother, Hat.ANY, timezone.now()))
    noor = shield(cast)
    now = timezone.now()
    assert not is_waited_for(actor=Actor(cast.mother, Hat.ANY, now))
    [card] = children_cards(actor=Actor(cast.mother, Hat.ANY, now))
    assert (card.is_shielded, card.may_choose, card.choices) == (True, False, [])
    page = browser(cast, "mother").get("/thuis/toestemming/").content.decode()
    assert "The school shields Noor." in page
    assert '<form class="gap4"' not in page
    assert not can_decide_for(Actor(cast.mother, Hat.ANY, now), noor)
    texts = {asked[IMAGES]: (Says.YES, asked[IMAGES].texts.latest("number").number)}
    with pytest.raises(PermissionDenied):
        decide_for_child(child=noor, answers=texts, by=Actor(cast.mother, Hat.ANY, now))
    assert tap(browser(cast, "mother"), noor, **{f"purpose_{asked[IMAGES].uid}": "yes"}).status_code == 403
    asked_about = {
        one.child for one in lines_of(cast.groep_4, [], by=Actor(cast.directie, Hat.ANY, now)) if one.is_asked
    }
    assert asked_about
    assert noor not in asked_about


def test_the_numbers_that_many_read_do_not_move(cast: Cast, asked: dict[str, Purpose]) -> None:
    """Found by the walk over every route: the MR read "0 of 7 families" on the page of promises, and 8 elsewhere."""
    before = progress_at(cast.linde, now=timezone.now())
    shield(cast)
    assert progress_at(cast.linde, now=timezone.now()) == before


def uploaded(cast: Cast, name: str) -> Image:
    return photo_with("", by=cast.user(name), school=cast.linde, now=timezone.now())


def sees(cast: Cast, image: Image, *names: str) -> set[str]:
    return {one for one in names if find_photo(image.uid, actor=Actor(cast.user(one), Hat.ANY, timezone.now()))}


def test_a_photo_with_it_is_seen_by_nobody_outside_whoever_took_or_judges_it(
    cast: Cast, asked: dict[str, Purpose]
) -> None:
    """The same photo, marked with her, as an upload and in a post of another class."""
    taken = uploaded(cast, "teacher_who_is_parent")
    readers = ["mother", "teacher", "directie", "teacher_who_is_parent", "other_parent", "colleague", "editor"]
    assert sees(cast, taken, *readers) == {"teacher_who_is_parent"}
    Depiction.objects.create(
        image=taken, child=cast.child("Noor"), is_on=True, said_by=cast.teacher, said_at=timezone.now()
    )
    Image.objects.filter(pk=taken.pk).update(marking=Marking.COMPLETE)
    shield(cast)
    assert sees(cast, taken, *readers) == set()


def test_a_photo_of_before_waits_until_its_team_looked(cast: Cast, scene: Scene) -> None:
    """Also at a school that only lists photos which nobody looked through, and that asks no consent at all."""
    image = scene.photo_of(scene.post)
    assert sees(cast, image, "mother", "parent_of_two", "teacher") == {"mother", "parent_of_two", "teacher"}
    noor = shield(cast)
    assert sees(cast, image, "mother", "parent_of_two") == set()
    assert sees(cast, image, "teacher", "directie") == {"teacher", "directie"}
    Depiction.objects.create(image=image, child=noor, is_on=False, said_by=cast.teacher, said_at=timezone.now())
    assert sees(cast, image, "mother", "parent_of_two") == {"mother", "parent_of_two"}


def test_the_gate_names_it_to_its_team_only_and_spares_it_for_everybody(cast: Cast, asked: dict[str, Purpose]) -> None:
    noor, now = shield(cast), timezone.now()
    zwaantje = cast.child(SHIELDED)
    whole = [cast.whole_school]
    for name, known in [("editor", set()), ("teacher", {noor.uid}), ("directie", {noor.uid, zwaantje.uid})]:
        photos = [uploaded(cast, name).uid]
        who: Any = {"by": Actor(cast.user(name), Hat.STAFF, now), "photos": photos}
        gates = [gate_of(whole, **who, others=[noor.uid], sought=sought) for sought in ("Noor", "Zwaantje")]
        gate = gates[0]
        offered = [one for each in gates for one in [*each.people, *each.others, *each.found]]
        named = {one.uid for one in offered} & {noor.uid, zwaantje.uid}
        assert (name, named, gate.wants_marks) == (name, known, True)
    taken = uploaded(cast, "editor")
    marked = [Picture(taken.uid, marks=frozenset({noor.uid}))]
    said: Any = {"new": [taken.uid], "groups": whole, "declared": True}
    with pytest.raises(GateClosedError) as unknown:
        check_marks(marked, by=Actor(cast.editor, Hat.STAFF, now), **said)
    assert (unknown.value.unmarked, unknown.value.barred) == ([1], {})
    with pytest.raises(GateClosedError) as barred:
        check_marks(marked, by=Actor(cast.teacher, Hat.STAFF, now), **said)
    assert barred.value.barred == {1: ["Noor"]}


def test_no_form_takes_a_mark_of_it_off_whoever_fills_it_in(cast: Cast, asked: dict[str, Purpose]) -> None:
    noor, now = shield(cast), timezone.now()
    taken = uploaded(cast, "editor")
    mark = Depiction.objects.create(image=taken, child=noor, is_on=True, said_by=cast.teacher, said_at=now)
    nobody = [Picture(taken.uid, marks=frozenset())]
    for person in (cast.editor, cast.teacher):
        keep_marks(nobody, {taken.uid: taken}, people={}, by=Actor(person, Hat.ANY, now))
        mark.refresh_from_db()
        assert mark.is_on


@pytest.mark.parametrize("has_begun", [False, True])
def test_its_name_goes_into_no_message(cast: Cast, settings: Any, tmp_path: Any, has_begun: bool) -> None:
    """From the first day, also before the school asks anything."""
    settings.KRING_DATA_DIR = tmp_path
    if has_begun:
        begun(cast)
        for parent in ("mother", "father"):
            answer(cast, parent, "Noor", names="yes")
    words: Any = {"groups": [cast.groep_4], "not_children": [], "now": timezone.now()}
    assert check_names(["Noor won de wedstrijd."], **words) == 0
    shield(cast)
    words["now"] = timezone.now()
    with pytest.raises(NamesRefusedError):
        check_names(["Noor won de wedstrijd."], **words)
    with pytest.raises(NamesRefusedError):
        publish_post(
            groups=[cast.groep_4],
            topic="update",
            title="Hoera",
            text="Noor won de wedstrijd.",
            replies="on",
            by=Actor(cast.teacher, Hat.STAFF, timezone.now()),
        )
