"""The policy page: every rule that is built is on it, nothing else is claimed, and what it says is what is set."""

import ast
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from consent.rounds.services.rules import change_rules
from groups.models import Group, School
from groups.roles import Hat
from groups.schools.services import change_school
from messaging.posts.services.replies import publish_reply
from moderation.frequency.services.frequency import change_norms
from moderation.promises.domain import CHAPTERS, PromiseLine
from moderation.promises.services.promises import account_of, claimed, is_built
from moderation.rules.services.acknowledging import confirmed_of, overview_of
from portal.core.actor import Actor
from tests.cast import Cast
from tests.layers import ROOT, modules
from tests.moderation.ruling import EVERYBODY, confirm, in_force, visitor
from tests.scene import Scene

LINES = [line for chapter in CHAPTERS for line in chapter.lines]
DOING = ("services", "policies", "querysets", "mail", "mailing")
"""Where a rule is carried out; what a model or a text mentions is not built by that alone."""
IN_PART = {
    "POL-07": "messaging.handins.services.handins",
    "POL-20": "messaging.videos.services.videos",
    "POL-65": "moderation.cases.services.measures",
}
"""Mentioned where a part of it is, and whole only with this module."""


def mentioned(text: str) -> set[str]:
    """The rules a docstring names: "POL-05, 06 and 08" are three."""
    found = re.findall(r"POL-(\d\d(?:(?:, | and | to )\d\d)*)", text)
    return {f"POL-{number}" for one in found for number in re.findall(r"\d\d", one)}


def docstrings(path: Path) -> str:
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, documented))


def carried_out() -> set[str]:
    found: set[str] = set()
    for path in modules(*DOING):
        found |= mentioned(docstrings(path)) if path.name != "promises.py" else set()
    # The starter text of the rules covers many that only people carry.
    return found - mentioned(docstrings(ROOT / "moderation/rules/services/protocols.py")) | {"POL-67"}


def test_every_rule_that_is_carried_out_is_on_the_page() -> None:
    partly = {rule for rule, whole in IN_PART.items() if not is_built(PromiseLine((), "", (whole,)))}
    assert carried_out() - claimed() - partly == set()


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line.ids))
def test_nothing_is_claimed_that_is_not_built(line: PromiseLine) -> None:
    """Each line names what carries it; it is there and speaks of the rule, or the line is not on the page."""
    if not is_built(line):
        assert not set(line.ids) & claimed()
        return
    sources = [str(import_module(name.partition(":")[0]).__file__) for name in line.carried_by]
    spoken = {rule for path in sources for rule in mentioned(Path(path).read_text())}
    assert set(line.ids) - spoken == set()


def test_a_rule_without_what_carries_it_is_not_on_the_page() -> None:
    assert not is_built(PromiseLine(("POL-99",), "", ("moderation.services.nowhere",)))
    assert not is_built(PromiseLine(("POL-99",), "", ("moderation.promises.services.promises:nothing",)))
    assert is_built(PromiseLine(("POL-70",), "", ("moderation.promises.services.promises:account_of",)))


def test_each_rule_stands_on_one_line() -> None:
    ids = [rule for line in LINES for rule in line.ids]
    assert sorted(ids) == sorted(set(ids))


def said(cast: Cast, rule: str) -> Any:
    return next(k for _, kept in account_of(cast.linde, now=timezone.now()).chapters for k in kept if rule in k.ids)


def test_settings_are_this_schools_and_since_when(cast: Cast) -> None:
    now = timezone.now().replace(microsecond=0)
    before = said(cast, "POL-61").settings[0]
    change_school(school=cast.linde, teachers_moderate=False, by=Actor(cast.directie, Hat.ANY, now))
    change_rules(
        school=cast.linde, version=1, may_download=True, by=Actor(cast.directie, Hat.ANY, now + timedelta(hours=1))
    )
    change_school(school=cast.berk, digest_hour=9, by=Actor(cast.directie_elsewhere, Hat.ANY, now))
    cast.linde.refresh_from_db()
    after, photos = said(cast, "POL-61").settings[0], said(cast, "POL-32").settings
    assert (before.since, after.since) == (None, now)
    assert before.words != after.words
    assert [one.since for one in photos] == [now + timedelta(hours=1), None]
    assert said(cast, "POL-51").settings[0].since is None


def test_figures_count_and_the_rules_in_force_are_named(cast: Cast) -> None:
    protocol = in_force(cast)
    confirm(cast, "teacher", "mother", protocol=protocol)
    with translation.override("en"):
        line = said(cast, "POL-67")
    assert line.figures == [f"2 of {len(EVERYBODY)} people confirmed"]
    assert line.settings[0].words == "Version 1 is in force."
    assert line.settings[0].since == protocol.effective_at
    assert line.settings[1].words.startswith("The MR consented on")


def test_the_directie_reads_it_and_finds_no_name(cast: Cast, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    protocol = in_force(cast)
    confirm(cast, "directie", protocol=protocol)
    body = visitor(cast, "directie").get(reverse("moderation:promises")).content.decode()
    assert "How we keep to our rules" in body
    assert "POL-67" in body
    assert "POL-99" not in body
    main = body.partition("<main")[2]
    assert "Berg" not in main
    assert "Adres" not in main


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (1, 2, "1 to 2 messages a week"),
        (2, 2, "2 messages a week"),
        (1, 1, "1 message a week"),
        (0, 2, "at most 2 messages a week"),
        (1, None, "at least 1 message a week"),
    ],
)
def test_what_is_asked_of_a_class_reads_as_on_its_own_page(
    cast: Cast, settings: Any, least: int, most: int | None, words: str
) -> None:
    settings.KRING_SECOND_FACTOR = False
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    change_norms(school=cast.linde, version=1, class_least=least, class_most=most, by=by)
    with translation.override("en"):
        assert said(cast, "POL-26").settings[0].words == f"We ask of a class: {words}."
    assert f"<b>{words}</b>" in visitor(cast, "directie").get(reverse("moderation:frequency")).content.decode()


def test_a_council_reads_it_in_its_own_school_year(cast: Cast) -> None:
    """The council stays readable until its archive closes; the figures are of the new year by then."""
    year = cast.mr.school_year
    reads = [
        cast.linde in School.objects.accounted_to(Actor(cast.council_member, Hat.ANY, at))
        for at in (year.ends_at - timedelta(seconds=1), year.ends_at)
    ]
    assert reads == [True, False]
    assert cast.mr in Group.objects.visible_to(Actor(cast.council_member, Hat.ANY, year.ends_at))


@pytest.mark.parametrize("more", [0, 20])
def test_the_page_asks_the_same_for_ten_times_as_much(
    cast: Cast, scene: Scene, settings: Any, django_assert_num_queries: Any, more: int
) -> None:
    """One question for all counts and choices, one for who confirmed; the rest belongs to every page."""
    settings.KRING_SECOND_FACTOR = False
    confirm(cast, "directie", protocol=in_force(cast))
    for number in range(more):
        publish_reply(post=scene.post, text=f"Dank {number}.", by=Actor(cast.mother, "family", timezone.now()))
    client, page = visitor(cast, "directie"), reverse("moderation:promises")
    client.get(page)
    with django_assert_num_queries(15):
        assert client.get(page).status_code == 200


def test_the_sums_are_those_of_the_list_with_the_names(cast: Cast) -> None:
    protocol = in_force(cast)
    confirm(cast, "directie", "teacher", "mother", protocol=protocol)
    overview = overview_of(protocol, now=timezone.now())
    assert confirmed_of(protocol, now=timezone.now()) == (overview.confirmed, overview.total) == (3, len(EVERYBODY))
