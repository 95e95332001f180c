"""What this room registers: what is done with each kind of text, for the trail, and how its writer is told of it."""

from groups.told.domain import kinds
from messaging.writings.models import Writing
from messaging.writings.views.finding import own_page
from portal.core import audit


def register() -> None:
    """Called once, when the rows are known."""
    for kind, model in Writing.kinds.items():
        audit.register({f"{kind}.{verb}": words for verb, words in model.words.done.items()})
    kinds.register_own_texts({kind: model.words.own for kind, model in Writing.kinds.items()}, own_page)
