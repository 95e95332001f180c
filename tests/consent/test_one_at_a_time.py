"""Whoever changes what a school asks, or answers it, first waits for whoever is doing so (the races ask it of two)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child, decide_for_self
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import IMAGES, Says
from consent.asking.services.starting import start_consent
from consent.asking.services.texts import (
    add_purpose,
    change_purpose,
    require_everybody,
    resume_purpose,
    retire_purpose,
    write_text,
)
from consent.models import ConsentRound, Purpose
from consent.rounds.services.rounds import close_round, open_round
from consent.rounds.services.rules import change_rules
from groups.models import School
from groups.roles import Hat
from portal.core.actor import Actor
from tests.cast import Cast
from tests.consent import test_paper, test_paper_of_adults
from tests.consent.pages import begun
from tests.consent.test_school_pages import WORDS

HOW: dict[str, Any] = {"basis": "consent", "reach": "school", "requires_all": True}


@pytest.fixture(autouse=True)
def _own_disk(tmp_path: Any, settings: Any) -> None:
    settings.KRING_DATA_DIR = tmp_path


def by(cast: Cast, name: str = "directie") -> Actor:
    return Actor(cast.user(name), Hat.ANY, timezone.now())


def open_now(cast: Cast) -> ConsentRound:
    closes_on = timezone.now().date() + timedelta(days=14)
    return open_round(school=School.objects.get(pk=cast.linde.pk), closes_on=closes_on, by=by(cast))


OF_THE_SCHOOL: dict[str, Callable[[Cast, Purpose], object]] = {
    "begins": lambda cast, _: start_consent(school=cast.linde, by=by(cast)),
    "asks more": lambda cast, _: add_purpose(school=cast.linde, words=WORDS, by=by(cast), **HOW),
    "asks otherwise": lambda cast, images: change_purpose(purpose=images, version=1, by=by(cast), **HOW),
    "writes other words": lambda cast, images: write_text(purpose=images, version=1, words=WORDS, by=by(cast)),
    "asks it no more": lambda cast, images: retire_purpose(purpose=images, by=by(cast)),
    "asks it again": lambda cast, images: resume_purpose(purpose=images, by=by(cast)),
    "asks every parent": lambda cast, _: require_everybody(school=cast.linde, everybody=True, by=by(cast)),
    "changes its rules": lambda cast, _: change_rules(school=cast.linde, version=1, by=by(cast), yes_lapses=False),
    "opens a round": lambda cast, _: open_now(cast),
    "an adult answers": lambda cast, images: decide_for_self(
        school=cast.linde, answers={images: (Says.NO, 1)}, by=by(cast, "teacher")
    ),
    "an adult answered on paper": lambda cast, _: test_paper_of_adults.recorded(cast),
}
OF_ONE_CHILD: dict[str, Callable[[Cast, Purpose], object]] = {
    "a parent answers": lambda cast, images: decide_for_child(
        child=cast.child("Noor"), answers={images: (Says.NO, 1)}, by=by(cast, "mother")
    ),
    "a parent answered on paper": lambda cast, _: test_paper.recorded(cast),
    "a child would rather not": lambda cast, _: note_reluctance(child=cast.child("Noor"), note="", by=by(cast)),
    "a child changed its mind": lambda cast, _: end_reluctance(child=cast.child("Noor"), by=by(cast)),
}


def first_of_the_transaction(act: Callable[[], object]) -> str:
    """The statement that this begins to change something with."""
    with CaptureQueriesContext(connection) as asked:
        act()
    statements = [one["sql"] for one in asked.captured_queries]
    begun_at = next(n for n, sql in enumerate(statements) if sql.startswith(("SAVEPOINT", "BEGIN")))
    return statements[begun_at + 1]


def is_lock(sql: str, table: str, pk: int) -> bool:
    """SQLite, where one writes at a time, has no word for it."""
    one = re.search(rf'FROM "{table}" WHERE "{table}"."id" (?:= (\d+)|IN \((\d+)\))', sql)
    is_held = "FOR NO KEY UPDATE" in sql or connection.vendor == "sqlite"
    return bool(one and str(pk) in one.groups() and is_held)


@pytest.mark.parametrize("which", OF_THE_SCHOOL)
def test_whoever_changes_what_a_school_asks_holds_that_school_first(cast: Cast, which: str) -> None:
    images = begun(cast)[IMAGES]
    sql = first_of_the_transaction(lambda: OF_THE_SCHOOL[which](cast, images))
    assert is_lock(sql, "groups_school", cast.linde.pk), sql


def test_whoever_closes_a_round_holds_that_school_first(cast: Cast) -> None:
    begun(cast)
    opened = open_now(cast)
    sql = first_of_the_transaction(lambda: close_round(round=opened, by=by(cast)))
    assert is_lock(sql, "groups_school", cast.linde.pk), sql


@pytest.mark.parametrize("which", OF_ONE_CHILD)
def test_whoever_answers_about_a_child_holds_that_child_first(cast: Cast, which: str) -> None:
    images = begun(cast)[IMAGES]
    sql = first_of_the_transaction(lambda: OF_ONE_CHILD[which](cast, images))
    assert is_lock(sql, "groups_child", cast.child("Noor").pk), sql
