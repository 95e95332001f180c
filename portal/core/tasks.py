"""What Celery calls on the floor."""

from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.core import jobs, outbox


@jobs.task("core.sweep_outbox")
def sweep_outbox() -> None:
    outbox.sweep(now=timezone.now())


@jobs.task("core.clear_sessions")
def clear_sessions() -> None:
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
