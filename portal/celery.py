"""The Celery app: Redis in production, an in-memory broker inside the one serving process when embedded.

The schedule stands in code, so that nobody can switch the nightly check off by accident. Correctness never
depends on a task arriving: what matters is a row first, and a sweep finds what a lost broker forgot.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("kring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep-outbox": {"task": "core.sweep_outbox", "schedule": 60.0},
    "check-access": {"task": "groups.check_access", "schedule": crontab(hour=2, minute=40)},
    "remove-unproved-accounts": {"task": "groups.remove_unproved_accounts", "schedule": crontab(hour=2, minute=50)},
    "clear-sessions": {"task": "core.clear_sessions", "schedule": crontab(hour=3, minute=10)},
}
