"""What a page says when nothing could be taken away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from messaging.removing.services.hard_copy import CopyFailedError
from messaging.removing.services.removal import MovedTooOftenError
from portal.core.request import SignedInRequest

NOT_NOW = (CopyFailedError, MovedTooOftenError)
"""What stands there still stands there, because no copy of it could be kept."""


def gone(request: SignedInRequest, url: str) -> HttpResponse:
    """A double click, the back button, or somebody who was first: one removal, one entry."""
    messages.info(request, _("This was removed already. The copy is in the dossier."))
    return redirect(url)


def not_now(request: SignedInRequest, url: str) -> HttpResponse:
    """Back to where it stands, with a word. Of the copy its writer hears nothing."""
    messages.error(request, _("It could not be taken away just now. Try again in a moment."))
    return redirect(url)
