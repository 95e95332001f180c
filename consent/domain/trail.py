"""What is done in this app, in the words in which the directie reads it in the trail."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DONE: dict[str, str | Promise] = {
    "consent.changed": _("changed how consent works"),
    "consent.exported": _("took a list of consent along as a file"),
    "consent.forms_printed": _("printed forms for consent"),
    "round.opened": _("began to ask for consent"),
    "round.closed": _("stopped asking for consent"),
    "purpose.added": _("added something to ask consent for"),
    "purpose.changed": _("changed the words of what consent is asked for"),
    "purpose.retired": _("stopped asking consent for something"),
    "purpose.resumed": _("asks consent for something again"),
    "consent.reminded": _("reminded families about consent"),
}
