"""What Celery calls: what is long over goes."""

from django.utils import timezone

from agenda.events.services.events import forget_events
from portal.core import jobs


@jobs.task("agenda.forget_events")
def forget_old_events() -> None:
    """Every day; what was over a year ago goes."""
    forget_events(now=timezone.now())
