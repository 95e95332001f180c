"""What Celery calls: the heads of the dossiers, cases left alone, how often groups place, work begun at the desk."""

from django.utils import timezone

from moderation.access_requests.services.news import tell_of_left_requests
from moderation.access_requests.services.told_terms import forget_told
from moderation.cases.services.news import tell_of_left_cases
from moderation.cases.services.telling import tell_of_left_answers
from moderation.desk.services.bulk import ring_forgotten_acts, work_on_act
from moderation.dossier.services.dossier_heads import mail_heads
from moderation.dossier.services.soundness import check_dossiers
from moderation.frequency.services.frequency import check_due_weeks
from moderation.frequency.services.frequency_hints import hint_teachers
from moderation.kind_words.services.words import forget_words
from moderation.promises.services.promise_checks import check_promises
from portal.core import jobs


@jobs.task("moderation.mail_dossier_heads")
def mail_dossier_heads() -> None:
    """Asked every day; one mail a week."""
    mail_heads(now=timezone.now())


@jobs.task("moderation.check_dossier")
def check_the_dossiers() -> None:
    """Every week, and noted for the doctor."""
    check_dossiers(now=timezone.now())


@jobs.task("moderation.check_frequency")
def check_frequency() -> None:
    """Asked every hour: what ended is recorded once, and a teacher is told once a week at most."""
    now = timezone.now()
    check_due_weeks(now=now)
    hint_teachers(now=now)


@jobs.task("moderation.check_promises")
def check_the_promises() -> None:
    check_promises(now=timezone.now())


@jobs.task("moderation.work_on_act")
def work_on_bulk_act(act: int) -> None:
    work_on_act(act=act, now=timezone.now())


@jobs.task("moderation.ring_forgotten_acts")
def ring_forgotten() -> None:
    ring_forgotten_acts(now=timezone.now())


@jobs.task("moderation.forget_parent_words")
def forget_parent_words() -> None:
    """Every day; kind words of parents go after thirty days, and nobody reads them any more by then."""
    forget_words(now=timezone.now())


@jobs.task("moderation.forget_told")
def forget_what_was_told() -> None:
    """Every day; what school told somebody goes when its term is over."""
    forget_told(now=timezone.now())


@jobs.task("moderation.tell_of_left_cases")
def tell_of_left() -> None:
    """Who takes over a case, a request for access or what was written back finds it at once; the mail follows within
    the hour.
    """
    tell_of_left_cases(now=timezone.now())
    tell_of_left_requests(now=timezone.now())
    tell_of_left_answers(now=timezone.now())
