"""What Celery calls: newsletters that closed, photos that were left lying, and a no that has to be followed."""

from django.utils import timezone

from messaging.asks.services.answering import forget_answers
from messaging.asks.services.helping import forget_phones
from messaging.asks.services.reminders import remind_helpers, remind_of_asks
from messaging.handins.services.handins import return_left
from messaging.handins.services.leaving import hold_planned
from messaging.keeping.services import forget_old
from messaging.newsletter.services.editions import bundle_begun, send_due_editions
from messaging.photos.services.images import sweep_uploads
from messaging.photos.services.refusals import follow_refusals
from messaging.photos.services.soundness import check_media, note_flaws, try_to_keep
from messaging.talks.services.newcomers import begin_chairs
from messaging.urgent.services.following import follow_essentials, tell_shown_again
from portal.core import jobs


@jobs.task("messaging.send_digests")
def send_digests() -> None:
    """Asked every five minutes; asking twice, or late, makes one newsletter."""
    send_due_editions(now=timezone.now())


@jobs.task("messaging.sweep_uploads")
def sweep_photos() -> None:
    """Every hour; a photo that nobody placed within a day goes. First whether they can be kept at all."""
    try_to_keep(now=timezone.now())
    sweep_uploads(now=timezone.now())


@jobs.task("messaging.check_media")
def check_all_media() -> None:
    """Every Sunday; every file of every photo is read."""
    note_flaws(check_media(now=timezone.now()), now=timezone.now())


@jobs.task("messaging.forget_kept")
def forget_kept() -> None:
    """Every day; an unsent text that nobody went on with for thirty days goes."""
    forget_old(now=timezone.now())


@jobs.task("messaging.return_left")
def return_left_drafts() -> None:
    """Every day; a draft that waits when its school year is over goes back to its writer."""
    return_left(now=timezone.now())


@jobs.task("messaging.forget_answers")
def forget_old_answers() -> None:
    """Every day; what was answered to something of a year ago goes, and numbers of who helped yesterday."""
    forget_answers(now=timezone.now())
    forget_phones(now=timezone.now())


@jobs.task("messaging.remind_of_asks")
def remind_who_did_not_answer() -> None:
    """Every ten minutes of the day before; asking twice, or late, makes one mail. Who helps tomorrow hears it too."""
    remind_of_asks(now=timezone.now())
    remind_helpers(now=timezone.now())


@jobs.task("messaging.follow_essentials")
def follow_what_all_have_to_read() -> None:
    """Every ten minutes; asking twice, or late, makes one mail and one row on the desk."""
    follow_essentials(now=timezone.now())


@jobs.task("messaging.hold_planned")
def hold_what_was_planned() -> None:
    """Every minute; what its writer may not publish any more at its moment waits for the directie. And of what has
    begun, or is shown again, who is to hear of it by now.
    """
    hold_planned(now=timezone.now())
    bundle_begun(now=timezone.now())
    tell_shown_again(now=timezone.now())


@jobs.task("messaging.begin_chairs")
def open_begun_chairs() -> None:
    """Every five minutes; who comes later reads on from the moment of the task without it, and more once it ran."""
    begin_chairs(now=timezone.now())


@jobs.task("messaging.follow_refusals")
def tell_about_refusals() -> None:
    """Rung after an answer and every minute; the photos are away already, only the receipt waits for this."""
    follow_refusals(now=timezone.now())
