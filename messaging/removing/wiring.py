"""What this room registers: what its acts tell people, and how they are done again after a restore."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.told.domain import kinds
from groups.told.domain.kinds import ToldKind, ToldWords
from messaging.removing.services.again import blurred_again, photo_again, written_again
from portal.core import replaying

STILL = ToldWords(
    _("Everything else. You read and write as always."),
    pgettext_lazy("to staff", "Everything else. You read and write as always."),
)
TOLD = {
    "hidden": ToldKind(
        ToldWords(_("What you wrote is away for now"), pgettext_lazy("to staff", "What you wrote is away for now")),
        ToldWords(_("Nobody reads it now. Within a week it is decided what becomes of it.")),
        STILL,
    ),
    "shown": ToldKind(
        ToldWords(_("What you wrote is back"), pgettext_lazy("to staff", "What you wrote is back")),
        ToldWords(_("Whoever could read it reads it again.")),
    ),
    "removed": ToldKind(
        ToldWords(_("What you wrote was taken away"), pgettext_lazy("to staff", "What you wrote was taken away")),
        ToldWords(_("Nobody reads it any more. School keeps a copy, which opens for a reason only.")),
        STILL,
    ),
    "photo_out": ToldKind(
        ToldWords(
            _("A photo with your message was taken away"),
            pgettext_lazy("to staff", "A photo with your message was taken away"),
        ),
        ToldWords(_("Somebody on it may not be shown. Nobody sees the photo there any more.")),
        STILL,
    ),
    "photo_removed": ToldKind(
        ToldWords(
            _("A photo with your message was taken away"),
            pgettext_lazy("to staff", "A photo with your message was taken away"),
        ),
        ToldWords(_("Nobody sees it there any more. School keeps a copy, which opens for a reason only.")),
        STILL,
    ),
}


def register() -> None:
    """Called once, when the rows are known."""
    kinds.register(TOLD)
    replaying.register("messaging_writing", written_again)
    replaying.register("messaging_placement", photo_again)
    replaying.register("messaging_image", blurred_again)
