"""What of the audit trail the directie reads at the desk, and what is done in this app, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OPEN_KINDS: dict[str, str | Promise] = {
    "post": _("a message"),
    "reply": _("a reply"),
    "photo": _("a photo"),
    "group": _("a group"),
    "guardianship": _("a parent and a child"),
    "caregiver": _("a parent"),
    "child": _("a child"),
    "staff": _("a member of staff"),
    "school": _("the school"),
    "roster_upload": _("the roster"),
    "purpose": _("what consent is asked for"),
    "consent_round": _("a round of consent"),
    "protocol": _("our rules"),
    "evaluation": _("the questionnaire"),
    "bulk_act": _("work at the desk"),
    "export": _("a list to take along"),
}
"""Kinds of things whose events every directie of the school reads, each in words."""

SCOPED_KINDS: dict[str, str | Promise] = {
    "case": _("a case"),
    "dossier": _("the dossier"),
    "access_request": _("an access request"),
}
"""Kinds of which one reads the events of those things only that one may see themselves."""

WITHHELD = frozenset({"protocol.acknowledged", "photo.rather_not", "photo.all_right", "letter.used"})
"""What one person did or answered, which the directie reads where it belongs or not at all."""

DONE: dict[str, str | Promise] = {
    "frequency.checked": _("counted what groups placed"),
    "frequency.changed": _("changed how often we want to place something"),
    "dossier.removal": _("put a copy into the dossier"),
    "dossier.certificate": _("destroyed a copy; the certificate stays"),
    "dossier.read": _("read a copy in the dossier"),
    "dossier.printed": _("made a PDF of a copy in the dossier"),
    "dossier.checked": _("checked the dossier"),
    "dossier.terms_changed": _("changed how long copies stay"),
    "dossier.destruction_proposed": _("proposed to destroy a copy"),
    "dossier.destruction_withdrawn": _("took that proposal back"),
    "case.reported": _("reported something"),
    "case.closed": _("closed a case"),
    "case.reopened": _("opened a case again"),
    "case.measure": _("wrote down a measure"),
    "case.letter": _("wrote a letter"),
    "case.file_opened": _("opened the file of a person"),
    "case.addressed": _("spoke to somebody"),
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
    "protocol.draft_started": _("began a new text of the rules"),
    "protocol.draft_written": _("changed the text of the rules"),
    "protocol.put_in_force": _("put the rules in force"),
    "protocol.reminded": _("reminded people of the rules"),
    "protocol.exported": _("took the list of who knows the rules along as a file"),
    "evaluation.opened": _("opened the questionnaire"),
    "evaluation.closed": _("closed the questionnaire"),
    "desk.begun": _("began something with many things at once"),
    "desk.exported": _("took a list along as a file"),
}
"""What is done in this app, in words; every other app has its own."""
