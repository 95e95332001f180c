"""Words for a page: a text, or one that is translated when it is shown; and names as a sentence has them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"


def listed(names: Sequence[str]) -> str:
    """ "Noor, Ilyas en Sam"; in the language of the reader, at the moment it is asked."""
    if len(names) < 2:
        return "".join(names)
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}
