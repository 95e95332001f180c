"""How long what school told somebody is kept, and what the person reads of that (AVG 5, 1, e)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.models import SchoolYear, Telling, TellingAnswer
from groups.roles import Hat
from groups.told.services import answer
from messaging.writings.services.written import hide_written
from moderation.access_requests.services.access_requests import ask_access, close_request
from moderation.access_requests.services.told_terms import forget_told, term_of_telling
from moderation.cases.services.cases import close_case, hide_reported
from moderation.dossier.domain.terms import years_later
from moderation.dossier.services.dossier import change_terms
from moderation.models import Case
from moderation.tasks import forget_what_was_told
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.cast import Cast
from tests.moderation.reporting import reported, visit
from tests.scene import Scene

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def _nothing_told_before(scene: Scene) -> None:
    Telling.objects.all().delete()


def worn(user: Any, hat: str = Hat.STAFF, at: datetime | None = None) -> Actor:
    return Actor(user, hat, at or timezone.now())


def hidden(cast: Cast, scene: Scene) -> Telling:
    hide_written(written=scene.reply, by=worn(cast.teacher))
    return Telling.objects.get()


def gone_a_year_later() -> datetime:
    year = SchoolYear.objects.get(starts_at__lte=timezone.now(), ends_at__gt=timezone.now())
    return years_later(year.ends_at, 1)


def a_year(name: str, starts: datetime, ends: datetime) -> None:
    SchoolYear.objects.create(name=name, starts_at=starts, ends_at=ends, archive_until=ends)


def left(moment: datetime) -> int:
    forget_told(now=moment)
    return Telling.objects.count()


def test_it_goes_with_the_term_of_the_school_to_the_second(cast: Cast, scene: Scene) -> None:
    telling, ends = hidden(cast, scene), gone_a_year_later()
    assert term_of_telling(telling.uid) == ends
    assert left(ends - SECOND) == 1
    assert left(ends) == 0
    [event] = AuditEvent.objects.filter(verb="telling.forgotten")
    assert event.facts == {"tellings": 1}
    assert left(ends + SECOND) == 0
    assert AuditEvent.objects.filter(verb="telling.forgotten").count() == 1


def test_the_school_chooses_the_term_with_that_of_its_dossier(cast: Cast, scene: Scene) -> None:
    telling, ends = hidden(cast, scene), gone_a_year_later()
    terms = {"version": 1, "after_case": 4, "after_year": 3, "ground": "Afspraak met het bestuur."}
    change_terms(school=cast.linde, **terms, by=worn(cast.directie))
    assert term_of_telling(telling.uid) == years_later(ends, 2)
    assert left(ends) == 1


def test_an_answer_of_a_later_year_and_an_end_that_is_later_keep_it(cast: Cast, scene: Scene) -> None:
    telling, ends = hidden(cast, scene), gone_a_year_later()
    SchoolYear.objects.filter(starts_at__gt=timezone.now()).delete()
    a_year("2098", ends - timedelta(days=365), ends)
    later, longer = ends - timedelta(days=1), years_later(ends, 1)
    Telling.objects.update(until=later)
    assert term_of_telling(telling.uid) == longer
    Telling.objects.update(until=None)
    answer(telling, text="Nog een vraag.", by=worn(cast.mother, Hat.FAMILY, later))
    assert (term_of_telling(telling.uid), left(ends), left(longer)) == (longer, 1, 0)
    assert not TellingAnswer.objects.exists()


def test_an_open_case_keeps_it_and_its_term_begins_at_the_end(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.reply).case
    hide_reported(case=case, told="De toon kwetst.", by=worn(cast.directie))
    telling, ends = Telling.objects.get(), gone_a_year_later()
    assert term_of_telling(telling.uid) is None
    assert left(years_later(ends, 18)) == 1
    close_case(case=Case.objects.get(pk=case.pk), by=worn(cast.directie, Hat.ANY))
    over = years_later(Case.objects.get(pk=case.pk).closed_at, 2)
    assert (term_of_telling(telling.uid), left(over - SECOND), left(over)) == (over, 1, 0)


def test_what_somebody_asked_a_copy_of_stays(cast: Cast, scene: Scene) -> None:
    hidden(cast, scene)
    asked, ends = ask_access(school=cast.linde, by=worn(cast.mother, Hat.FAMILY)), gone_a_year_later()
    assert (asked.about, left(ends)) == (cast.mother, 1)
    close_request(asked=asked, reason="Ingetrokken.", by=worn(cast.directie, Hat.ANY))
    assert left(ends) == 0


def test_a_year_nobody_knows_yet_keeps_it(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    Telling.objects.update(told_at=datetime(1990, 1, 1, tzinfo=UTC))
    assert (term_of_telling(telling.uid), left(timezone.now())) == (None, 1)


def test_the_person_reads_until_when(cast: Cast, scene: Scene) -> None:
    telling, client = hidden(cast, scene), visit(cast, "mother")
    url = reverse("groups:telling", args=["family", telling.uid])
    page = client.get(url, headers={"accept-language": "en"}).content.decode()
    assert f"31 July {gone_a_year_later().year}." in page


def test_the_night_does_it(cast: Cast, scene: Scene) -> None:
    hidden(cast, scene)
    Telling.objects.update(told_at=timezone.now() - timedelta(days=3 * 365))
    a_year("lang", timezone.now() - timedelta(days=4 * 365), timezone.now() - timedelta(days=2 * 365))
    forget_what_was_told()
    assert not Telling.objects.exists()
