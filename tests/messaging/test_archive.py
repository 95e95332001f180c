"""The weekly mails that went, once more in Kring: what of them this reader may read now (POL-50)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from groups.people.services.shields import shield_child
from messaging.models import DigestEdition, Post
from messaging.newsletter.models import Foreword
from messaging.newsletter.services.forewords import moment_of, write_foreword
from messaging.removing.services.removal import retract_written
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.weekly import weekly_mails
from tests.rows import SINCE

Place = Callable[..., Post]
Browser = Callable[[str], Client]
LAST_YEAR = SINCE - timedelta(days=365)


@pytest.fixture
def went(town: Town, cut: datetime, place: Place) -> DigestEdition:
    """A week of four messages, one of them to two groups, with a word of the directie above its mail."""
    week = moment_of(town.school).week_to_come(NOW)
    petra = Actor(town.user["Petra"], STAFF, NOW)
    write_foreword(school=town.school, week=week, text="Een mooie <b>week</b>.", is_quiet=False, by=petra)
    place("Anna", "g4", title="Herfst op tafel")
    place("Joost", "g7", title="Op de fiets")
    place("Petra", "g4", "g7", title="Twee groepen samen")
    weekly_mails(cut)
    place("Anna", "g4", title="Van de week erna", now=cut + timedelta(hours=1))
    return DigestEdition.objects.get(kind="weekly", school=town.school, cut_at=cut)


def week_of(browser_of: Browser, name: str, went: DigestEdition, hat: str = FAMILY) -> str:
    return page_text(browser_of(name).get(url("week", hat, went.uid)))


def test_a_family_finds_what_is_for_it_once_under_the_word_of_that_week(
    town: Town, browser_of: Browser, went: DigestEdition
) -> None:
    listed = browser_of("Lotte").get(url("weeks", FAMILY)).content.decode()
    assert url("week", FAMILY, went.uid) in listed
    page = week_of(browser_of, "Lotte", went)
    assert 0 < page.index("Een mooie &lt;b&gt;week&lt;/b&gt;.") < page.index("Herfst op tafel")
    assert page.count("Twee groepen samen") == 1
    assert not any(words in page for words in ("Op de fiets", "Van de week erna"))


def test_staff_finds_what_its_groups_read(browser_of: Browser, went: DigestEdition) -> None:
    assert {"Herfst op tafel", "Op de fiets"} <= {
        words for words in ("Herfst op tafel", "Op de fiets") if words in week_of(browser_of, "Petra", went, STAFF)
    }
    assert "Op de fiets" not in week_of(browser_of, "Anna", went, STAFF)
    weekly = browser_of("Petra").get("/school/weeknieuws/").content.decode()
    assert url("week", STAFF, went.uid) in weekly


def test_what_was_taken_back_since_is_not_in_it(town: Town, browser_of: Browser, went: DigestEdition) -> None:
    post = Post.objects.get(title="Herfst op tafel")
    retract_written(written=post, by=Actor(town.user["Anna"], STAFF, NOW + timedelta(days=1)))
    assert "Herfst op tafel" not in week_of(browser_of, "Lotte", went)


@pytest.mark.parametrize("when", [timedelta(minutes=1), timedelta(days=3)])
@pytest.mark.parametrize(("name", "hat"), [("Lotte", FAMILY), ("Anna", STAFF)])
def test_a_word_with_a_name_that_may_not_be_used_any_more_is_not_in_it(
    town: Town, cut: datetime, place: Place, browser_of: Browser, when: timedelta, name: str, hat: str
) -> None:
    week, petra = moment_of(town.school).week_to_come(NOW), town.user["Petra"]
    write_foreword(
        school=town.school, week=week, text="Noor won de finale.", is_quiet=False, by=Actor(petra, STAFF, NOW)
    )
    place("Anna", "g4", title="Herfst op tafel")
    shield_child(child=town.child["Noor"], reason="blijfhuis", by=Actor(petra, STAFF, NOW + when))
    weekly_mails(cut)
    edition = DigestEdition.objects.get(kind="weekly", school=town.school, cut_at=cut)
    with time_machine.travel(cut + timedelta(days=4), tick=False):
        page = week_of(browser_of, name, edition, hat)
    assert ("Noor won" in page, "Herfst op tafel" in page) == (False, True)


def test_who_belongs_to_no_group_there_finds_none(town: Town, browser_of: Browser, went: DigestEdition) -> None:
    town.add_user("Vreemde")
    for name in ("Vreemde", "Agnieszka"):
        stranger = browser_of(name)
        assert url("week", FAMILY, went.uid) not in stranger.get(url("weeks", FAMILY)).content.decode()
        assert stranger.get(url("week", FAMILY, went.uid)).status_code == 404
    assert browser_of("Lotte").get(url("week", STAFF, went.uid)).status_code == 404


@pytest.mark.parametrize(("name", "hat"), [("Lotte", FAMILY), ("Anna", STAFF), ("Petra", STAFF)])
def test_who_came_this_year_reads_nothing_of_the_years_before(
    town: Town, browser_of: Browser, went: DigestEdition, name: str, hat: str
) -> None:
    before = _a_year_before(town, went)
    newcomer = browser_of(name)
    listed = newcomer.get(url("weeks", hat)).content.decode()
    assert url("week", hat, went.uid) in listed
    assert url("week", hat, before.uid) not in listed
    assert newcomer.get(url("week", hat, before.uid)).status_code == 404
    if name == "Petra":
        assert url("week", hat, before.uid) not in newcomer.get("/school/weeknieuws/").content.decode()


def test_who_was_here_last_year_reads_its_weeks_until_the_archive_closes(
    town: Town, browser_of: Browser, went: DigestEdition
) -> None:
    before = _a_year_before(town, went)
    year = rows.school_year("2025-2026", LAST_YEAR, SINCE, went.cut_at + timedelta(days=40))
    child = rows.child(town.school, "Bram", rows.group(town.school, year, "g3"), since=LAST_YEAR)
    town.child["Bram"] = child
    rows.caregiver(town.school, "Hanna", child, user=town.add_user("Hanna"), since=LAST_YEAR)
    town.sync()
    assert "Juf Els is ernstig ziek." in week_of(browser_of, "Hanna", before)
    with time_machine.travel(year.archive_until, tick=False):
        assert browser_of("Hanna").get(url("week", FAMILY, before.uid)).status_code == 404


def _a_year_before(town: Town, went: DigestEdition) -> DigestEdition:
    then = went.cut_at - timedelta(days=364)
    by = {"written_by": town.user["Petra"], "author_name": "Petra", "written_at": then}
    Foreword.objects.create(school=town.school, week="2025-W47", text="Juf Els is ernstig ziek.", **by)
    window = {"window_from": then - timedelta(days=7), "cut_at": then, "made_at": then}
    return DigestEdition.objects.create(school=town.school, kind="weekly", name="2025-W47", **window)


def test_a_bundle_of_ten_minutes_is_no_weekly_mail(browser_of: Browser, went: DigestEdition) -> None:
    went.kind = "message"
    went.save()
    assert browser_of("Lotte").get(url("week", FAMILY, went.uid)).status_code == 404


def test_an_empty_list_and_an_empty_week_say_so(town: Town, browser_of: Browser, went: DigestEdition) -> None:
    Post.objects.update(state="retracted")
    town.school.forewords.all().delete()
    assert "Niets voor u in deze week" in week_of(browser_of, "Lotte", went)
    went.delete()
    assert "Nog geen weeknieuws" in page_text(browser_of("Lotte").get(url("weeks", FAMILY)))


def test_as_many_questions_for_a_full_week_as_for_an_empty_one(
    browser_of: Browser, went: DigestEdition, place: Place
) -> None:
    def asked() -> int:
        client = browser_of("Lotte")
        client.get(url("week", FAMILY, went.uid))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url("week", FAMILY, went.uid))
        return len(queries)

    before = asked()
    for number in range(5):
        place("Anna", "g4", title=f"Nog {number}", now=went.cut_at - timedelta(minutes=number + 1))
    assert asked() == before <= 15
