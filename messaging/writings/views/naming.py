"""Names of children in a message that came in: shown where they stand, with a box for what is no child."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from messaging.writings.domain.naming import Names, TextPart, pieces_of

NOT_CHILD = "not_child"


def refuse_names(form: Any, names: Sequence[str], texts: Sequence[str]) -> None:
    """Say which names stand in what was typed, and where: `form.names`, `form.named_lines`."""
    form.names = names
    form.named_lines = _lines([line for text in texts for line in text.splitlines()], names)
    form.add_error(None, _("Names of children stand in it without a yes of their parents. Take the names out."))


def _lines(lines: Sequence[str], names: Sequence[str]) -> list[list[TextPart]]:
    """The lines with one of the names in them, cut so that the names can be marked."""
    looked_for = Names(tuple(names))
    mentioned = ((line, looked_for.mentioned_in(line)) for line in lines)
    return [pieces_of(line, mentions) for line, mentions in mentioned if mentions]
