"""What Celery calls on the floor."""

from time import monotonic

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.core import codes, doctor, jobs, journal, outbox, places, tries
from portal.core.domain.outage import Outage
from portal.core.phones import devices

_mail_server_away = Outage(seconds=20)


@jobs.task("core.sweep_outbox")
def sweep_outbox() -> None:
    """Bells rung while the mail server hangs would each wait for it, and other work behind them."""
    if _mail_server_away.lasts(monotonic()):
        return
    if outbox.sweep(now=timezone.now()).server_is_away:
        _mail_server_away.begins(monotonic())


@jobs.task("core.sweep_phones")
def sweep_phones() -> None:
    """Apart from mail, so that neither waits for the other's servers."""
    outbox.sweep(lane=outbox.Lane.PHONE, now=timezone.now())


@jobs.task("core.show_work")
def show_work() -> None:
    """The clock rings, the queue carries it here, the worker does it: that all three work is a row."""
    doctor.note("work", doctor.Observation(), now=timezone.now())


@jobs.task("core.copy_journal")
def copy_journal() -> None:
    """What was taken away is outside the database within a minute."""
    journal.copy_or_close(now=timezone.now())


@jobs.task("core.clear_sessions")
def clear_sessions() -> None:
    """What is over at the doors: sessions, codes, tries, places nobody came in from for half a year, phones.

    With a session goes from which network and with which browser it was.
    """
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    standing = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(standing)).delete()
    for over in (codes, tries, places):
        over.forget(now=now)
    devices.forget_old(now=now)
