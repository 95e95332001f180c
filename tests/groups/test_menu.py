"""The menu: each app registers its own pages from its own room, and the frame lays them out for who reads."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone, translation

from groups.doors.context import MOST_PLACES, Item, Menu, News, navigation
from groups.models import Caregiver, SchoolYear
from groups.roles import Hat
from portal.core import access, menu, waiting
from portal.core.actor import Actor
from tests.cast import PEOPLE, SIGN_IN, Cast, each
from tests.messaging.pages import page_text
from tests.moderation.reporting import visit
from tests.scene import Scene

PARENT = ("feed threads coming help", "", "choices")
TEACHER = ("feed compose threads coming cases", "drafts", "help")
DIRECTIE = ("index feed compose threads people", "", "coming help")
OPERATOR = ("index help", "", "")
NOBODY = ("home help", "", "")
MENUS = {
    Hat.FAMILY: {
        **dict.fromkeys(["mother", "father", "other_parent", "parent_of_two", "parent_elsewhere"], PARENT),
        "teacher_who_is_parent": PARENT,
        "admitted_reader": ("feed coming help", "", ""),
        "council_member": ("feed compose threads coming help", "drafts", "choices"),
        **dict.fromkeys(["case_officer", "ict"], OPERATOR),
    },
    Hat.STAFF: {
        **dict.fromkeys(["teacher", "teacher_who_is_parent", "teacher_elsewhere", "substitute"], TEACHER),
        "colleague": ("feed compose threads coming help", "drafts", ""),
        "editor": ("index feed compose threads coming", "drafts", "help"),
        **dict.fromkeys(["directie", "directie_elsewhere"], DIRECTIE),
        **dict.fromkeys(["case_officer", "ict"], OPERATOR),
    },
}
"""Side by side, and behind the initials before and after the own groups; whoever is not named has `NOBODY`."""


def menu_of(user: Any, hat: str, path: str = "") -> Menu:
    """The menu on this page, or on the feed of this hat."""
    request: Any = RequestFactory().get(path or reverse("messaging:feed", args=[hat]))
    request.user, request.now, request.resolver_match = user, timezone.now(), resolve(request.path)
    request.actor = Actor(user, Hat.ANY, request.now)
    nav: Any = navigation(request)["nav"]
    return nav["menu"]


def names(items: tuple[Item, ...]) -> str:
    return " ".join(resolve(item.url).view_name.rpartition(":")[2] for item in items)


@pytest.mark.parametrize("hat", Hat)
@pytest.mark.parametrize("name", each(PEOPLE))
def test_everybody_finds_the_own_places(cast: Cast, name: str, hat: Hat) -> None:
    """At an address of a hat one does not have, these are the places of the other."""
    places = MENUS[hat] if name in MENUS[hat] else MENUS[Hat.STAFF if hat == Hat.FAMILY else Hat.FAMILY]
    assert tuple(map(names, menu_of(getattr(cast, name), hat))) == places.get(name, NOBODY)


PAGES_OF_DIRECTIE = ("desk:index", "groups:people", "moderation:frequency")


def test_the_directie_finds_the_desk_and_the_people_before_the_new_year_has_groups(
    cast: Cast, client: Client, settings: Any
) -> None:
    """On 1 August nobody handed in the roster of the new year yet, and that is done under People."""
    settings.KRING_SECOND_FACTOR = False
    over = SchoolYear.objects.current(now=timezone.now()).get().ends_at
    for moment in (over, over + timedelta(days=200)):
        with time_machine.travel(moment, tick=False):
            assert {"index", "people"} <= set(names(menu_of(cast.directie, Hat.STAFF).bar).split())
            client.force_login(cast.directie, backend=SIGN_IN)
            assert client.get("/", follow=True).redirect_chain[-1][0] == reverse("desk:index")
            pages = [client.get(reverse(page)).content.decode() for page in PAGES_OF_DIRECTIE]
            ways = re.findall(r'href="(/[^"#?]+)"', " ".join(pages))
            there = {place for place in ways if not place.startswith(("/static/", "/uit"))}
            assert {place for place in there if client.get(place, follow=True).status_code != 200} == set()
            assert "index" not in names(menu_of(cast.teacher, Hat.STAFF).bar)


def test_who_has_many_places_finds_the_last_one_behind_the_initials(cast: Cast) -> None:
    directie = menu_of(cast.directie, Hat.STAFF)
    assert (len(directie.bar), names(directie.below)) == (MOST_PLACES, "coming help")


UID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("name", "hat", "path", "place"),
    [
        ("mother", Hat.FAMILY, "/thuis/berichten/", ("feed", "page")),
        ("pupil", Hat.FAMILY, "/", ("home", "page")),
        ("mother", Hat.FAMILY, f"/thuis/bericht/{UID}/", ("feed", "true")),
        ("mother", Hat.FAMILY, f"/thuis/groep/{UID}/fotos/", ("feed", "true")),
        ("mother", Hat.FAMILY, f"/thuis/gesprek/{UID}/", ("threads", "true")),
        ("mother", Hat.FAMILY, "/thuis/agenda/", ("coming", "page")),
        ("mother", Hat.FAMILY, f"/thuis/agenda/{UID}/", ("coming", "true")),
        ("mother", Hat.FAMILY, "/thuis/gesprekken/nieuw/", ("threads", "true")),
        ("mother", Hat.FAMILY, f"/thuis/melden/bericht/{UID}/", ("feed", "true")),
        ("mother", Hat.FAMILY, f"/thuis/melden/gesprek/{UID}/", ("threads", "true")),
        ("mother", Hat.FAMILY, "/afspraken/", ("help", "true")),
        ("mother", Hat.FAMILY, f"/thuis/toestemming/{UID}/", ("choices", "true")),
        ("mother", Hat.FAMILY, f"/thuis/van-school/{UID}/", ("feed", "true")),
        ("mother", Hat.FAMILY, "/instellingen/", None),
        ("pupil", Hat.FAMILY, "/instellingen/", None),
        ("teacher", Hat.STAFF, f"/school/foto/{UID}/onherkenbaar/", ("compose", "true")),
        ("teacher", Hat.STAFF, f"/zaken/{UID}/", ("cases", "true")),
        ("directie", Hat.STAFF, f"/zaken/{UID}/", ("index", "true")),
        ("directie", Hat.STAFF, "/bureau/berichten/", ("index", "true")),
        ("directie", Hat.STAFF, "/bureau/", ("index", "page")),
        ("directie", Hat.STAFF, f"/school/mensen/gezag/{UID}/", ("people", "true")),
        ("directie", Hat.STAFF, f"/school/toestemming/{UID}/", ("people", "true")),
        ("directie", Hat.STAFF, "/school/vrije-dagen/", ("people", "true")),
        ("directie", Hat.STAFF, "/school/spoed/wie/", ("people", "true")),
        ("directie", Hat.STAFF, "/school/vertrek/", ("people", "true")),
        ("directie", Hat.STAFF, f"/bureau/medewerkers/{UID}/", ("people", "true")),
        ("directie", Hat.STAFF, "/school/concepten/", ("index", "true")),
        ("directie", Hat.STAFF, f"/school/concept/{UID}/", ("index", "true")),
        ("editor", Hat.STAFF, f"/school/concept/{UID}/", ("drafts", "true")),
        ("ict", Hat.STAFF, "/school/vrije-dagen/", ("index", "true")),
        ("ict", Hat.STAFF, "/school/gegevens/", ("index", "true")),
        ("ict", Hat.STAFF, "/school/mensen/medewerkers/", ("index", "true")),
        ("directie", Hat.STAFF, "/school/gegevens/", ("people", "true")),
        ("directie", Hat.STAFF, "/school/afspraken/verantwoording/", ("people", "true")),
        ("case_officer", Hat.STAFF, "/school/afspraken/verantwoording/", ("help", "true")),
        ("teacher", Hat.STAFF, "/school/cijfers/", ("feed", "true")),
        ("directie", Hat.STAFF, "/school/cijfers/", ("people", "true")),
        ("council_member", Hat.FAMILY, f"/thuis/concept/{UID}/", ("drafts", "true")),
    ],
)
def test_a_page_below_a_place_is_marked_there(
    cast: Cast, name: str, hat: Hat, path: str, place: tuple[str, str] | None
) -> None:
    drawn = menu_of(getattr(cast, name), hat, path)
    marked = [(names((one,)), one.current) for one in (*drawn.bar, *drawn.above, *drawn.below) if one.current]
    assert marked == ([place] if place else [])


def test_no_two_places_want_the_same_spot() -> None:
    spots = Counter((entry.shelf, entry.order) for shelf in menu.Shelf for entry in menu.entries(shelf))
    assert {spot for spot, times in spots.items() if times > 1} == set()
    assert len(spots) == 12


def test_what_waits_is_counted_and_told(cast: Cast, scene: Scene) -> None:
    """As a number, and in words for who hears the page; for the directie, and not in the hat of a parent."""
    with translation.override("en"):
        drawn = menu_of(cast.directie, Hat.STAFF)
    count = waiting.count(Actor(cast.directie, Hat.ANY, timezone.now()))
    assert (drawn.bar[0].label, drawn.bar[0].news) == ("The desk", News(count, f"{count} wait for you", True))
    Caregiver.objects.filter(pk=cast.caregiver("mother").pk).update(user=cast.editor)
    access.reproject(users=[cast.editor.pk])
    assert [item.news for item in menu_of(cast.editor, Hat.FAMILY).bar if item.icon == "inbox"] == []


@pytest.mark.parametrize("path", ["/meldingen/", "/thuis/inzage/", "/thuis/weeknieuws/terug/"])
def test_what_lies_behind_the_settings_is_marked_at_the_own_name_too(cast: Cast, path: str) -> None:
    """And at nothing else: one place a page."""
    page = visit(cast, "mother").get(path).content.decode()
    assert re.findall(r'href="([^"]+)" aria-current', page) == [reverse("settings")]


@pytest.mark.parametrize(("path", "marked"), [("settings", True), ("groups:contact", True), ("groups:help", False)])
def test_the_own_settings_are_marked_at_the_own_name(cast: Cast, path: str, marked: bool) -> None:
    page = visit(cast, "mother").get(reverse(path)).content.decode()
    assert (f'href="{reverse("settings")}" aria-current="true"' in page) is marked


def test_a_parent_finds_conversations_and_consent_before_the_new_year_has_groups(
    cast: Cast, scene: Scene, client: Client, settings: Any
) -> None:
    """Photos of the year that is over are still seen in August, and a yes is taken back at any time (POL-43)."""
    before = menu_of(cast.mother, Hat.FAMILY)
    with time_machine.travel(SchoolYear.objects.current(now=timezone.now()).get().ends_at, tick=False):
        menu = menu_of(cast.mother, Hat.FAMILY)
        assert (names(menu.bar), names(menu.below)) == (names(before.bar), names(before.below))
        client.force_login(cast.mother, backend=SIGN_IN)
        talks = page_text(client.get(reverse("messaging:threads", args=[Hat.FAMILY])))
        assert scene.talk_both.title in talks
        assert "New conversation" not in talks
        assert "Noor" in page_text(client.get(reverse("consent:choices")))
