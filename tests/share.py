"""How much a run tries of what is drawn by lot or done many times: all of it, or with `--shared` a share.

The night tries all, on both engines (docs/adr/0056). How large the share is says the profile that the run chose.
"""

from typing import Any

import pytest
from hypothesis import settings

WHOLE = 100
LONG = settings.default.max_examples > 1000  # type: ignore[union-attr]
"""With `run.py test --long`: the sizes that take hours."""


def share(whole: int) -> int:
    """Of so many turns, those for this run; one at least."""
    part = min(settings.default.max_examples, WHOLE)  # type: ignore[union-attr]
    return -(-whole * part // WHOLE)


def at_night(*values: object) -> Any:
    """These parameters of a test, for the night alone."""
    return pytest.param(*values, marks=pytest.mark.nightly)


def is_shared() -> bool:
    """Whether the other engine has the rest of what is dealt out between the two."""
    return share(WHOLE) < WHOLE
