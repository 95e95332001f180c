"""What Celery calls: has some school's newsletter closed, and which photos were left lying?"""

from django.utils import timezone

from messaging.services.editions import send_due_editions
from messaging.services.images import sweep_uploads
from portal.core import jobs


@jobs.task("messaging.send_digests")
def send_digests() -> None:
    """Asked every five minutes; asking twice, or late, makes one newsletter."""
    send_due_editions(now=timezone.now())


@jobs.task("messaging.sweep_uploads")
def sweep_photos() -> None:
    """Every hour; a photo that nobody placed within a day goes."""
    sweep_uploads(now=timezone.now())
