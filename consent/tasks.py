"""What Celery calls: has a round something to say to families, or did somebody come in who was not asked yet?"""

from django.utils import timezone

from consent.asking.services import letters
from portal.core import jobs


@jobs.task("consent.mail_rounds")
def mail_rounds() -> None:
    """Asked every ten minutes; asking twice, or late, makes one mail."""
    letters.mail_rounds(now=timezone.now())
