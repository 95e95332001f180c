"""The pages about how often groups place something: who reads which, and what stands there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from groups.models import Group
from groups.roles import Hat
from messaging.models import Post
from moderation.frequency.services.frequency import check_due_weeks
from moderation.models import FrequencyNorms, FrequencyWeek
from moderation.promises.services.promises import account_of
from portal.core.actor import Actor
from tests.cast import NAMES, SIGN_IN, Cast, each
from tests.messaging.conftest import Town
from tests.moderation.ruling import visitor
from tests.moderation.weeks import TUESDAY, W46, W48, WEDNESDAY, at, begun

Place = Callable[..., Post]
PAGE, CSV, NORMS, FIGURES = (
    reverse(f"moderation:{name}") for name in ("frequency", "frequency_csv", "norms", "figures")
)
ASKED = {"version": "1", "class_least": "1", "class_most": "3", "school_least": "", "school_most": ""}


@pytest.fixture(autouse=True)
def _one_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture
def weeks(town: Town, place: Place) -> Town:
    """Groep 4 and its parallel: seven weeks are recorded."""
    parallel = town.add_group("g4b", "Groep 4 B")
    Group.objects.filter(pk__in=[parallel.pk, town.group["g4"].pk]).update(year_level="4")
    begun(place)
    for hour in (9, 10, 11):
        place(now=at(W46, TUESDAY, hour))
    check_due_weeks(now=timezone.now())
    return town


def reader(town: Town, name: str) -> Client:
    user = town.user[name]
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=SIGN_IN)
    return client


@pytest.mark.parametrize("name", each([name for name in NAMES if name not in ("anonymous", "inactive")]))
def test_whose_weeks_somebody_sees_is_whose_figures_there_are(cast: Cast, name: str) -> None:
    """The rows, the groups on the page and the page itself say the same."""
    now, user = timezone.now(), cast.user(name)
    for group in Group.objects.filter(kind="class"):
        FrequencyWeek.objects.create(
            school=group.school, group=group, year=2020, week=1, posts=1, school_days=5, norm_min=1, norm_max=2,
            verdict="within", checked_at=now,
        )  # fmt: skip
    rows = set(FrequencyWeek.objects.visible_to(Actor(user, Hat.ANY, now)).values_list("group", flat=True))
    page = visitor(cast, name).get(FIGURES)
    shown = {one.group.pk for one in page.context["figures"].groups} if page.status_code == 200 else set()
    assert rows == {pk for pk in shown if Group.objects.get(pk=pk).kind == "class"}
    assert page.status_code == (200 if rows else 404)
    assert (
        set(Group.objects.managed_by(Actor(user, Hat.ANY, now)).filter(kind="class").values_list("pk", flat=True))
        == rows
    )


def test_parallel_classes_stand_together(weeks: Town) -> None:
    page = reader(weeks, "Petra").get(PAGE)
    overview = page.context["overview"]
    assert [[line.group.name for line in level] for level in overview.levels] == [["Groep 7"], ["Groep 4", "Groep 4 B"]]
    assert [str(week) for week in overview.weeks] == [f"2026-W{number}" for number in range(41, 47)]
    line = next(line for line in overview.lines if line.group.name == "Groep 4")
    assert (line.asked, line.within) == (6, 0)
    body = page.content.decode()
    assert body.count('<svg class="weeks"') == 3
    assert "Nothing yet this week:" in body
    assert "1 to 2 messages a week" in body
    assert "style=" not in body


def test_earlier_weeks_are_a_page_away(weeks: Town) -> None:
    client = reader(weeks, "Petra")
    late = client.get(f"{PAGE}?tot=2026-W44").context["overview"]
    assert (str(late.weeks[-1]), late.earlier, str(late.later), late.silent) == ("2026-W44", None, "2026-W46", [])
    for wrong in ("2026-W60", "0001-W01", "x"):
        assert client.get(f"{PAGE}?tot={wrong}").status_code == 404
    assert client.get(f"{PAGE}?tot=9999-W52").context["overview"].later is None
    assert client.get(f"{PAGE}?tot=2030-W01").context["overview"].later is None


def test_the_file_says_what_the_page_says(weeks: Town) -> None:
    lines = reader(weeks, "Petra").get(CSV).content.decode("utf-8-sig").splitlines()
    assert "Groep 4;2026-W46;3;5;1;2;more than asked" in lines
    assert len(lines) == 1 + 6 * FrequencyWeek.objects.filter(year=2026, week=46).count()


def test_without_a_week_the_page_says_when(town: Town) -> None:
    assert "No week counted yet" in reader(town, "Petra").get(PAGE).content.decode()


def test_what_is_asked_is_set_on_a_page(town: Town) -> None:
    client = reader(town, "Petra")
    assert client.post(NORMS, {**ASKED, "class_most": "0"}).status_code == 422
    refused = client.post(NORMS, {**ASKED, "class_least": "4"})
    assert (refused.status_code, "less than what you ask at least" in refused.content.decode()) == (422, True)
    assert not FrequencyNorms.objects.exists()
    assert client.post(NORMS, {**ASKED, "staff_least": "1"})["Location"] == PAGE
    row = FrequencyNorms.objects.get()
    assert (row.class_least, row.class_most, row.school_least, row.school_most, row.staff_least) == (1, 3, 0, None, 1)
    meanwhile = client.post(NORMS, {**ASKED, "class_most": "5"})
    assert (meanwhile.status_code, "changed in the meantime" in meanwhile.content.decode()) == (409, True)


def test_the_policy_page_says_so(weeks: Town) -> None:
    weeks.school.refresh_from_db()
    with translation.override("en"):
        promises = account_of(weeks.school, now=timezone.now()).chapters
    kept = next(k for _, lines in promises for k in lines if "POL-26" in k.ids)
    assert [one.since for one in kept.settings] == [None]
    assert kept.figures == ["0 of 18 weeks of a class were as asked"]


def test_the_pages_ask_as_much_for_three_groups_as_for_one(
    weeks: Town, place: Place, django_assert_num_queries: Any
) -> None:
    client = reader(weeks, "Petra")
    counted = []
    for number in range(2):
        for page, queries in ((PAGE, 16), (FIGURES, 16)):
            client.get(page)
            with django_assert_num_queries(queries):
                counted.append(client.get(page))
        for extra in ("a", "b"):
            weeks.add_group(f"{number}{extra}", f"Groep {number}{extra}")
        weeks.sync()
        FrequencyWeek.objects.all().delete()
        check_due_weeks(now=at(W48, WEDNESDAY))
    assert len(counted[3].context["figures"].groups) > len(counted[1].context["figures"].groups)
