"""`manage.py doctor [--json]`: how Kring itself does, in plain words, and what to do about what is wrong."""

import json
import signal
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from threading import Event

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import doctor
from portal.core.doctor import Diagnosis, LookCost, Observation, alarm, examine
from portal.core.doctor.answering import as_json
from portal.core.doctor.findings import checks

WELL, ILL, NOBODY_IS_SERVED = 0, 1, 2


class Command(BaseCommand):
    help = "Exit status 0: all is well, 1: something is red, 2: the database is away."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the same lines for a program")
        parser.add_argument("--alarm", action="store_true", help="look, and tell IT what has to be told")
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on doing so until SIGTERM")
        parser.add_argument("--state", type=Path, default=settings.KRING_DATA_DIR / "alarm.json", help="what was told")
        parser.add_argument("--try-alarm", action="store_true", help="send one message by each way there is")
        noted = [check.name for check in checks(LookCost.NOTED)]
        parser.add_argument("--note", choices=noted, help="it was done, and well: write that down")
        parser.add_argument("--failed", default="", metavar="STEP", help="with --note: it was not, and this is where")

    def handle(self, *args: object, note: str | None, state: Path, every: float | None, **options: object) -> None:
        if note:
            self._note(note, str(options["failed"]))
        elif options["try_alarm"]:
            self._try_alarm()
        elif options["alarm"]:
            self._watch(state, every)
        else:
            self._tell(examine(now=timezone.now(), kept_for=timedelta()).report(), in_json=bool(options["json"]))

    def _note(self, name: str, failed: str) -> None:
        doctor.note(name, Observation(failed), now=timezone.now())
        self.stdout.write(_("Written down."))

    def _watch(self, state: Path, every: float | None) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if every is None:
            memory = alarm.load(state)
            alarm.look(memory, now=timezone.now())
            alarm.save(memory, state)
        else:
            alarm.serve(stop, state=state, every=every)

    def _try_alarm(self) -> None:
        failed = alarm.send(alarm.trial())
        for way in alarm.ways():
            what = failed.get(way) or _("sent. Did it arrive?")
            self.stdout.write(f"{way}: {what}")
        if failed or not alarm.ways():
            raise CommandError(_("Not every way works, or there is none. See docs/operations.md, The doctor."))

    def _tell(self, report: Diagnosis, *, in_json: bool) -> None:
        self.stdout.write(json.dumps(as_json(report), ensure_ascii=False, indent=1) if in_json else page(report))
        if report.red:
            raise SystemExit(NOBODY_IS_SERVED if report.database_is_away else ILL)


def page(report: Diagnosis) -> str:
    """One line for each thing; what is red comes first, with what to do about it under it."""
    number = len(report.red)
    asks = ngettext("%(count)s thing asks for you.", "%(count)s things ask for you.", number) % {"count": number}
    lines = [
        f"Kring · {settings.KRING_BASE_URL} · {date_format(timezone.localtime(report.at), 'l j F Y G.i')}",
        asks if number else _("Everything works."),
        "",
    ]
    for finding in report.findings:
        sign = _("RED") if finding.is_red else _("good")
        lines.append(f"{sign:<6} {finding.words}")
        lines += [f"{'':<6} → {finding.do}"] if finding.is_red else []
    return "\n".join(lines)
