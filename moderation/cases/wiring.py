"""What this room registers with the floor: what it mails, shows in the menu, lets wait and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from groups.told.domain import kinds
from groups.told.services import ANSWERED
from messaging.writings.addresses import REPORT
from moderation.cases.domain.told import TOLD
from moderation.cases.mail import render_answered, render_handled, render_opened
from moderation.cases.menu import ENTRIES
from moderation.cases.models.cases import CaseGrant
from moderation.cases.services import news, rights
from moderation.cases.waiting import QUEUES
from portal.core import access, addresses, audit, menu, outbox, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "case.reported": _("reported something"),
    "case.closed": _("closed a case"),
    "case.reopened": _("opened a case again"),
    "case.measure": _("wrote down a measure"),
    "case.letter": _("wrote a letter"),
    "case.file_opened": _("opened the file of a person"),
    "case.addressed": _("spoke to somebody"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    rights_of_cases = access.Projection(
        CaseGrant,
        access.GRANT,
        rights.case_rights,
        of=access.of_users_and_containers,
        reach=rights.cases_of_family,
        elsewhere=rights.cases_elsewhere,
        spares=rights.spared_by_cases,
    )
    access.register(rights_of_cases)
    outbox.register(news.CASE_OPENED, render_opened)
    outbox.register(news.REPORT_HANDLED, render_handled)
    outbox.register(ANSWERED, render_answered)
    menu.register(*ENTRIES)
    menu.register_own("/meldingen/")
    addresses.register(REPORT, "moderation:report")
    audit.register(DONE)
    waiting.register(*QUEUES)
    kinds.register(TOLD)
