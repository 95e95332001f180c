"""May this person change, take back, hide, show or remove this text? Each answer is a queryset asked for one row."""

from django.db.models import Model, QuerySet, Value

from groups.roles import Hat
from messaging.writings.models import Writing
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.permitting import among, permits


def can_edit(actor: Actor, written: Writing) -> bool:
    """The author: a post at any time while he may publish in the group, a reply or message for fifteen minutes."""
    return permits(actor, "editable_by", written)


def can_retract(actor: Actor, written: Writing) -> bool:
    """The author, any time."""
    return permits(actor, "retractable_by", written)


def can_hide(actor: Actor, written: Writing) -> bool:
    """POL-61: the group's administrators and the directie hide."""
    return permits(actor, "hideable_by", written)


def can_show(actor: Actor, written: Writing) -> bool:
    """POL-61: they show it again as well; what the directie hid only the directie."""
    return permits(actor, "showable_by", written)


def can_remove(actor: Actor, content: Model) -> bool:
    """POL-61, 62: a text, or a photo where it stands: group administrators and the directie; a message of a
    conversation when it was reported."""
    return permits(actor, "removable_by", content)


def acts_open(actor: Actor, *, turning: Writing | None, taking: Model | None) -> set[str]:
    """Asked at once: "turn" when `actor`, as staff, may hide or show again the one; "take", may remove the other."""
    turn = "showable_by" if turning and turning.is_hidden else "hideable_by"
    return set(_acts_open(turning=turning, turn=turn, taking=taking, actor=actor)) if turning or taking else set()


@compiled
def _acts_open(turning: Writing | None, turn: str, taking: Model | None, actor: Actor) -> QuerySet[Model, str]:
    staff = actor.wearing(Hat.STAFF)
    asked = [("turn", turning, turn, staff), ("take", taking, "removable_by", actor)]
    found = [among(rule, one, by).order_by().values_list(Value(act), flat=True) for act, one, rule, by in asked if one]
    return found[0].union(*found[1:], all=True)
