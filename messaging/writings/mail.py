"""What mails and phones say alike: who wrote, in one line."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def joined_names(names: Iterable[str]) -> str:
    """Each once. A name from the roster never starts a header of its own."""
    once = list(dict.fromkeys(names))
    if len(once) < 2:
        return _one_line("".join(once))
    return _one_line(_("%(some)s and %(last)s") % {"some": ", ".join(once[:-1]), "last": once[-1]})


def _one_line(words: str) -> str:
    return " ".join(words.split())
