"""Stop with Kring: proposed on a page, confirmed by a second person, told to everybody, taken back (F7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Telling
from groups.roles import Hat, Role
from moderation.leaving.services import deciding
from moderation.models import Departure
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.cast import NAMES, SIGN_IN, Cast
from tests.messaging.pages import page_text
from tests.moderation.reporting import reported
from tests.moderation.test_dossier_pages import come_in
from tests.scene import Scene

WORDS = "Alleen-voor-wie-beslist-7731"
PAGE = "/school/vertrek/"


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def visit(cast: Cast, name: str) -> Client:
    client = Client(headers={"accept-language": "nl"})
    client.force_login(cast.user(name), backend=SIGN_IN)
    return client


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def propose(cast: Cast, days: int = 60, words: str = "Wij gaan verder met iets anders.") -> HttpResponse:
    return visit(cast, "directie").post(PAGE, {"leaves_on": day(days).isoformat(), "words": words})


def settle(client: Client, what: str) -> HttpResponse:
    departure = Departure.objects.get()
    return client.post(reverse("moderation:settle_departure", args=[departure.uid]), {what: "yes"}, follow=True)


def test_the_way_there_is_on_the_page_of_the_school_for_who_may_go_it(cast: Cast) -> None:
    assert PAGE in visit(cast, "directie").get(reverse("groups:school")).content.decode()
    assert PAGE not in visit(cast, "ict").get(reverse("groups:school")).content.decode()


@pytest.mark.parametrize("days", [-400, 0, 34, 367])
def test_a_day_too_soon_or_too_late_keeps_what_was_typed(cast: Cast, days: int) -> None:
    answer = propose(cast, days)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "vijf weken" in page
    assert "Wij gaan verder met iets anders." in page
    assert not Departure.objects.exists()


def test_without_a_day_or_a_word_it_says_so(cast: Cast) -> None:
    answer = visit(cast, "directie").post(PAGE, {"leaves_on": "ooit", "words": "  "})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "zoals 4-12-2026" in page
    assert "Schrijf waarom" in page


def test_who_proposed_it_cannot_confirm_it_and_twice_is_once(cast: Cast) -> None:
    assert propose(cast).status_code == propose(cast, 90).status_code == 302
    assert Departure.objects.get().leaves_on == day(60)
    page = visit(cast, "directie").get(PAGE).content.decode()
    assert 'name="confirm"' not in page
    assert "Iemand anders" in page
    assert "Iemand anders bevestigt" in settle(visit(cast, "directie"), "confirm").content.decode()
    assert Departure.objects.get().confirmed_at is None


def test_who_proposes_second_reads_that_a_colleague_was_first(cast: Cast) -> None:
    """What stands is the day and the words of the first, not the own ones."""
    propose(cast)
    other, sent = Client(headers={"accept-language": "nl"}), {"leaves_on": day(90).isoformat(), "words": "Later."}
    other.force_login(come_in("tweede", Role.DIRECTIE, cast), backend=SIGN_IN)
    page = page_text(other.post(PAGE, sent, follow=True))
    assert "Iemand anders stelde dit net voor." in page
    assert ("Voorgesteld." in page, "Wij gaan verder met iets anders." in page) == (False, True)


def test_what_was_sent_beside_a_proposal_that_stands_is_not_called_proposed(cast: Cast) -> None:
    """From a second tab; the same once more is the same, and what was decided is said to be decided."""
    propose(cast)

    def said(days: int) -> list[bool]:
        sent = {"leaves_on": day(days).isoformat(), "words": "Wij gaan verder met iets anders."}
        page = page_text(visit(cast, "directie").post(PAGE, sent, follow=True))
        return [words in page for words in ("Voorgesteld.", "Je eerdere voorstel staat nog.", "Het was al besloten.")]

    assert (said(60), said(90)) == ([True, False, False], [False, True, False])
    settle(visit(cast, "case_officer"), "confirm")
    assert (said(60), said(90)) == ([False, False, True], [False, False, True])
    assert Departure.objects.get().leaves_on == day(60)


def test_the_second_person_reads_who_proposed_it_and_decides(cast: Cast) -> None:
    propose(cast)
    client = visit(cast, "case_officer")
    page = client.get(PAGE).content.decode()
    assert "directie" in page
    assert 'name="confirm"' in page
    assert "Iedereen van de school leest het" in settle(client, "confirm").content.decode()
    assert Departure.objects.get().confirmed_at
    told = Telling.objects.get(kind="school_leaves", to=cast.mother)
    answer = visit(cast, "mother").get(reverse("groups:telling", args=["family", told.uid])).content.decode()
    assert "Wij gaan verder met iets anders." in answer
    verbs = AuditEvent.objects.filter(school_uid=cast.linde.uid, verb__startswith="departure.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["departure.proposed", "departure.confirmed"]


def test_it_can_be_taken_back_until_the_day(cast: Cast) -> None:
    propose(cast)
    settle(visit(cast, "case_officer"), "confirm")
    assert "Er wordt niets gewist" in settle(visit(cast, "directie"), "take_back").content.decode()
    assert not Departure.objects.exists()
    assert Telling.objects.filter(kind="school_stays", to=cast.mother).exists()
    assert propose(cast).status_code == 302


@pytest.mark.parametrize("what", ["confirm", "take_back"])
def test_who_has_it_open_reads_that_it_was_taken_back(cast: Cast, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever decides it; for others there never was anything. Also when it goes in the same moment."""
    propose(cast)
    departure, said = Departure.objects.get(), "Dit was al teruggetrokken. Er wordt niets gewist."
    act, page = getattr(deciding, what), reverse("moderation:settle_departure", args=[departure.uid])
    deciding.take_back(departure=departure, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    for name in ("case_officer", "directie"):
        answer = visit(cast, name).post(page, {what: "yes"}, follow=True)
        assert answer.redirect_chain == [(f"{PAGE}?school={cast.linde.uid}", 302)]
        assert said in answer.content.decode()
    for name in ("directie_elsewhere", "teacher", "mother", "ict"):
        assert visit(cast, name).post(page, {what: "yes"}).status_code == 404
    propose(cast)
    take_back = deciding.take_back

    def too_late(*, departure: Departure, by: Actor) -> Departure | None:
        take_back(departure=departure, by=by)
        return act(departure=departure, by=by)

    monkeypatch.setattr(deciding, what, too_late)
    assert said in settle(visit(cast, "case_officer"), what).content.decode()


def test_what_was_proposed_too_long_ago_is_not_confirmed(cast: Cast) -> None:
    propose(cast)
    Departure.objects.update(leaves_on=day(20))
    assert "minder dan vier weken" in settle(visit(cast, "case_officer"), "confirm").content.decode()
    assert Departure.objects.get().confirmed_at is None


def test_what_is_still_open_stands_there(cast: Cast, scene: Scene) -> None:
    reported(cast, scene.post)
    page = visit(cast, "directie").get(PAGE).content.decode()
    assert "1 zaak of inzageverzoek is open" in page


def test_the_word_is_read_by_who_decides_alone_until_it_is_decided(cast: Cast) -> None:
    propose(cast, words=WORDS)
    readers = set()
    for name in NAMES:
        client = visit(cast, name) if name != "anonymous" else Client()
        if WORDS in client.get(PAGE).content.decode():
            readers.add(name)
    assert readers == {"directie", "case_officer"}
