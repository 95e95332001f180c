"""`manage.py seed_demo`: fill an empty database with two invented schools and a month of messages."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from moderation.promises.services.promise_checks import check_promises
from portal.demo import seed_people
from portal.demo.seed_agenda import fill_agenda
from portal.demo.seed_cases import report_and_handle
from portal.demo.seed_consent import ask_families, ask_pupils
from portal.demo.seed_frequency import count_weeks
from portal.demo.seed_letters import send_newsletters
from portal.demo.seed_posts import SchoolMonth
from portal.demo.seed_rules import make_rules
from portal.demo.seed_talk import hold_conversations
from portal.demo.seed_urgent import follow_what_all_had_to_read, send_what_could_not_wait

Made = TypeVar("Made")


class Command(BaseCommand):
    help = "Fills the trial version; does nothing when its schools are there already."

    def handle(self, *args: object, **options: object) -> None:
        if seed_people.is_seeded():
            self.stdout.write("The trial version is filled already.")
            return
        with transaction.atomic():
            self._seed()

    def _seed(self) -> None:
        now = timezone.now()
        schools = self._timed("schools from their files", seed_people.import_schools, now=now)
        self._timed("first people invited", seed_people.invite_first_people, schools)
        self._timed("staff came in", seed_people.let_staff_in, schools)
        self._timed("directie decided", seed_people.decide_about_caregivers, schools)
        self._timed("schools opened", seed_people.open_schools, schools)
        self._timed("caregivers came in", seed_people.let_caregivers_in, schools)
        months = [SchoolMonth(seeded, now=now) for seeded in schools]
        for what, act in (
            ("messages placed", SchoolMonth.place_posts),
            ("messages answered", SchoolMonth.answer_posts),
            ("questions answered", SchoolMonth.answer_asks),
            ("chosen, and who comes", SchoolMonth.choose_and_come),
            ("messages seen", SchoolMonth.mark_posts_seen),
        ):
            self._timed(what, _for_each, months, act)
        for seeded in schools:
            self._timed("what could not wait", send_what_could_not_wait, seeded, now=now)
            self._timed("conversations held", hold_conversations, seeded, now=now)
            self._timed("consent asked", ask_families, seeded, now=now)
            self._timed("rules confirmed", make_rules, seeded, now=now)
            self._timed("agenda filled", fill_agenda, seeded, now=now)
            self._timed("reports handled", report_and_handle, seeded, now=now)
        self._timed("what all had to read", follow_what_all_had_to_read, now=now)
        older = self._timed("a school of older pupils", seed_people.begin_with_older_pupils, now=now)
        self._timed("its consent asked", ask_pupils, older, now=now)
        self._timed("a pupil came in", seed_people.let_a_pupil_in, older)
        self._timed("newsletters sent", send_newsletters, schools, now=now)
        for seeded in schools:
            self._timed("weeks counted", count_weeks, seeded, now=now)
        self._timed("a new school begins", seed_people.begin_with_a_new_school, now=now)
        self._timed("promises looked at", check_promises, now=now)

    def _timed(self, what: str, act: Callable[..., Made], *args: object, **fields: object) -> Made:
        start = perf_counter()
        outcome = act(*args, **fields)
        self.stdout.write(f"{what}: {perf_counter() - start:.1f} s")
        return outcome


def _for_each(months: list[SchoolMonth], act: Callable[[SchoolMonth], None]) -> None:
    for month in months:
        act(month)
