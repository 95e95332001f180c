"""What this room registers with the floor: what it mails, lets wait and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from groups.told.domain import kinds
from moderation.access_requests.mail import render_access_requests, render_to_who_asked
from moderation.access_requests.models import AccessRequestGrant
from moderation.access_requests.services import rights
from moderation.access_requests.services.news import ACCESS_REQUEST, TO_WHO_ASKED
from moderation.access_requests.services.told_terms import term_of_telling
from moderation.access_requests.waiting import QUEUES
from portal.core import access, audit, menu, outbox, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "access_request.opened": _("wrote down an access request"),
    "access_request.drawn_up": _("drew up a copy for an access request"),
    "access_request.marked": _("went through the copy for an access request"),
    "access_request.submitted": _("gave a copy to a second person to read over"),
    "access_request.returned": _("gave a copy back to who drew it up"),
    "access_request.approved": _("approved a copy for an access request"),
    "access_request.printed": _("made a PDF of a copy for an access request"),
    "access_request.handed_over": _("gave the copy to who asked for it"),
    "access_request.extended": _("took more time for an access request"),
    "access_request.closed": _("closed an access request without a copy"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    rights_of_requests = access.Projection(
        AccessRequestGrant,
        access.GRANT,
        rights.access_request_rights,
        of=access.of_users_and_containers,
        reach=rights.requests_of_family,
        elsewhere=rights.requests_elsewhere,
        spares=rights.spared_by_requests,
    )
    access.register(rights_of_requests)
    outbox.register(ACCESS_REQUEST, render_access_requests)
    outbox.register(TO_WHO_ASKED, render_to_who_asked)
    audit.register(DONE)
    menu.register_own("/thuis/inzage/", "/school/inzage/")
    waiting.register(*QUEUES)
    kinds.register_term(term_of_telling)
