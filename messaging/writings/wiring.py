"""What this room registers: what is done with each kind of text, for the trail; how its writer is told of it.

And which names may not stand in the agenda either, nor leave it any more.
"""

from agenda.events.services import words
from groups.told.domain import kinds
from messaging.writings.models import Writing
from messaging.writings.services.names import names_refused, words_lost
from messaging.writings.views.finding import own_page
from portal.core import audit


def register() -> None:
    """Called once, when the rows are known."""
    for kind, model in Writing.kinds.items():
        audit.register({f"{kind}.{verb}": words for verb, words in model.words.done.items()})
    words.register(names_refused, words_lost)
    kinds.register_own_texts({kind: model.words.own for kind, model in Writing.kinds.items()}, own_page)
