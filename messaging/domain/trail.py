"""What is done in this app, in the words in which the directie reads it in the trail."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DONE: dict[str, str | Promise] = {
    "post.published": _("placed a message"),
    "post.edited": _("changed a message"),
    "post.hidden": _("hid a message"),
    "post.shown": _("showed a message again"),
    "post.retracted": _("took a message back"),
    "post.removed": _("removed a message, with a copy in the dossier"),
    "reply.published": _("wrote a reply"),
    "reply.edited": _("changed a reply"),
    "reply.hidden": _("hid a reply"),
    "reply.shown": _("showed a reply again"),
    "reply.retracted": _("took a reply back"),
    "reply.removed": _("removed a reply, with a copy in the dossier"),
    "photo.removed": _("removed a photo"),
    "photo.denied": _("said that somebody is not on a photo"),
    "photos.judged": _("looked through photos"),
}
