"""Whether a text praises somebody: only what every pupil can reach is highlighted in a group (POL-22). Pure."""

import re

PRAISE = re.compile(
    r"\b(knap|gewonnen|winna|wint|won|kampioen|prijs|medaille|beker|beste|trots|gefeliciteerd|proficiat|diploma|talent"
    r"|record|snelste|hoogste|geslaagd|uitblink)\w*",
    re.IGNORECASE,
)
"""How schools praise, in Dutch. It offers a question only: a word too many costs a glance."""


def praises(text: str) -> bool:
    """Whether one of these words stands in it."""
    return PRAISE.search(text) is not None
