"""The Celery app: Redis in production, an in-memory broker inside the one serving process when embedded.

The schedule stands in code, so that nobody can switch the nightly check off by accident. Correctness never
depends on a task arriving: what matters is a row first, and a sweep finds what a lost broker forgot.
"""

import json
import logging
import os
from datetime import datetime
from pathlib import Path
from threading import Thread
from time import sleep

from celery import Celery
from celery.beat import Scheduler
from celery.schedules import crontab
from celery.signals import worker_init, worker_ready, worker_shutting_down
from django.utils.module_loading import import_string

from portal.core import stopping
from portal.core.whole import write_whole

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

log = logging.getLogger("kring")
app = Celery("kring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep-outbox": {"task": "core.sweep_outbox", "schedule": 60.0},
    "sweep-phones": {"task": "core.sweep_phones", "schedule": 60.0},
    "show-work": {"task": "core.show_work", "schedule": 60.0},
    "copy-journal": {"task": "core.copy_journal", "schedule": 30.0},
    # A minute after each five: a message of the last second before a cut is in.
    "send-digests": {"task": "messaging.send_digests", "schedule": crontab(minute="1-59/5")},
    "begin-chairs": {"task": "messaging.begin_chairs", "schedule": crontab(minute="2-59/5")},
    "mail-consent-rounds": {"task": "consent.mail_rounds", "schedule": crontab(minute="4-59/10")},
    # Every day, one mail a week: a Monday on which the machine was off is made up for.
    "mail-dossier-heads": {"task": "moderation.mail_dossier_heads", "schedule": crontab(hour=6, minute=15)},
    # Every hour: a week that ended while the machine was off is recorded, and teachers are told within their hours.
    "check-frequency": {"task": "moderation.check_frequency", "schedule": crontab(minute=25)},
    "tell-of-left-cases": {"task": "moderation.tell_of_left_cases", "schedule": crontab(minute=45)},
    "check-access": {"task": "groups.check_access", "schedule": crontab(hour=2, minute=40)},
    "remove-unproved-accounts": {"task": "groups.remove_unproved_accounts", "schedule": crontab(hour=2, minute=50)},
    "ring-forgotten-rosters": {"task": "groups.ring_forgotten_rosters", "schedule": 60.0},
    "ring-forgotten-acts": {"task": "moderation.ring_forgotten_acts", "schedule": 60.0},
    "hold-planned": {"task": "messaging.hold_planned", "schedule": 60.0},
    "follow-refusals": {"task": "messaging.follow_refusals", "schedule": 60.0},
    "forget-parent-words": {"task": "moderation.forget_parent_words", "schedule": crontab(hour=3, minute=55)},
    "forget-told": {"task": "moderation.forget_told", "schedule": crontab(hour=3, minute=45)},
    "return-left-drafts": {"task": "messaging.return_left", "schedule": crontab(hour=3, minute=30)},
    "forget-kept": {"task": "messaging.forget_kept", "schedule": crontab(hour=3, minute=50)},
    "remind-of-asks": {"task": "messaging.remind_of_asks", "schedule": crontab(minute="3-59/10")},
    "follow-essentials": {"task": "messaging.follow_essentials", "schedule": crontab(minute="8-59/10")},
    "forget-answers": {"task": "messaging.forget_answers", "schedule": crontab(hour=3, minute=55)},
    "forget-events": {"task": "agenda.forget_events", "schedule": crontab(hour=4, minute=5)},
    "sweep-uploads": {"task": "messaging.sweep_uploads", "schedule": crontab(minute=35)},
    "sweep-rosters": {"task": "groups.sweep_rosters", "schedule": crontab(minute=20)},
    "check-dossier": {"task": "moderation.check_dossier", "schedule": crontab(day_of_week=0, hour=4, minute=15)},
    "check-media": {"task": "messaging.check_media", "schedule": crontab(day_of_week=0, hour=4, minute=35)},
    "check-promises": {"task": "moderation.check_promises", "schedule": crontab(hour=3, minute=25)},
    "clear-sessions": {"task": "core.clear_sessions", "schedule": crontab(hour=3, minute=10)},
}


def _alive(name: str) -> None:
    import_string("portal.core.doctor.signs.alive_now")(name)  # by name: models are loaded by then


PAUSE = 10.0
"""Seconds; the row itself is written each half minute."""


class Clock(Scheduler):
    """Beat, which writes down that it goes on each time it looks whether something is due: once a minute or more.

    When each last went stands in a file, so that what was due while the machine was off is made up for. Celery's own
    way to keep it held up every thread of the process for a minute where the disk is full, and was the end of beat.
    """

    def __init__(self, *args: object, schedule_filename: str, **kwargs: object) -> None:
        self._kept = Path(schedule_filename)
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Work is shown at once: a Kring that just began is not red for a minute."""
        self.merge_inplace(self.app.conf.beat_schedule)
        self.install_default_entries(self.schedule)
        for name, moment in _moments_in(self._kept).items():
            if entry := self.schedule.get(name):
                entry.last_run_at = moment
        self.sync()
        import_string("portal.core.jobs.ring")("core.show_work")

    def sync(self) -> None:
        """A disk that is full keeps no task from its turn."""
        moments = {name: entry.last_run_at.isoformat() for name, entry in self.schedule.items()}
        try:
            write_whole(self._kept, json.dumps(moments))
        except OSError as error:
            log.warning("beat: when each went was not kept, %s", error.strerror)

    def tick(self, *args: object, **kwargs: object) -> float:
        _alive("beat")
        return float(super().tick(*args, **kwargs))


def _moments_in(kept: Path) -> dict[str, datetime]:
    """When each went, by name; nothing where that cannot be read."""
    try:
        stored = json.loads(kept.read_bytes())
        return {name: datetime.fromisoformat(at).astimezone(app.timezone) for name, at in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


app.conf.beat_scheduler = Clock


def _say_that_the_worker_lives(**_: object) -> None:
    """From a thread of its own: with work that takes long, and with a broker that is away, it lives all the same."""

    def say() -> None:
        while True:
            _alive("worker")
            sleep(PAUSE)

    Thread(target=say, name="kring-alive", daemon=True).start()


def _settle_down(**_: object) -> None:
    """Before it forks; the models are loaded by then."""
    import_string("portal.core.loaded.settle_down")()


worker_init.connect(_settle_down)
worker_ready.connect(_say_that_the_worker_lives)
worker_shutting_down.connect(stopping.tell)
