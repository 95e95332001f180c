"""The copy that answers an access request: what stays of each line, as one page of its own and as a PDF."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from messaging.writings.domain.naming import Names
from moderation.access_requests.domain import blackened
from moderation.access_requests.models import AccessCopy, AccessPassage, AccessRequest, Ground
from moderation.cases.services.people import named
from moderation.dossier.domain.copies import Passage
from moderation.dossier.domain.html_copies import read_html
from moderation.dossier.services.dossier import terms_of
from moderation.dossier.services.drawing import whole_page
from portal.core.domain import chain
from portal.core.dossier import CopyDamagedError


def make_copy(asked: AccessRequest, passages: Sequence[AccessPassage], *, now: datetime) -> bytes:
    """The copy as it will be given: a line that is kept back and a word that is made black are nowhere in it."""
    black = Names(tuple(asked.blackened))
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "asked": asked,
            "about": named(asked.about, asked.school, asked.side, now=now).name,
            "pieces": [
                (blackened(title, black), [_shown(one, asked, black) for one in lines])
                for (_number, title), lines in groupby(passages, key=lambda one: (one.piece, one.title))
            ],
            "terms": terms_of(asked.school),
            "now": now,
        }
        title = _("Copy after an access request")
        html = whole_page(f"{title} · {asked.school.name}", render_to_string("moderation/access_copy.html", context))
    return html.encode()


def _shown(passage: AccessPassage, asked: AccessRequest, black: Names) -> tuple[str, str]:
    """The line, or else why it is not there."""
    if not passage.ground:
        return blackened(passage.text, black), ""
    if passage.ground == Ground.OTHER:
        return "", blackened(asked.other_words, black).rstrip(".")
    return "", str(Ground(passage.ground).label)


def lines_in(content: bytes) -> list[Passage]:
    """What stands in a copy, read from its very bytes."""
    return [part for block in read_html(content.decode()) for part in block.parts if isinstance(part, Passage)]


def sealed_content(copy: AccessCopy) -> bytes:
    """The sealed bytes. Raises `CopyDamagedError` when they are not those that were approved."""
    content = bytes(copy.content)
    if chain.digest(content) != copy.digest:
        raise CopyDamagedError(copy.pk)
    return content


def draw_copy(copy: AccessCopy, *, language: str) -> bytes:
    """The sealed copy as a PDF. Raises `CopyDamagedError`."""
    from moderation.dossier.domain.pdf import draw  # noqa: PLC0415 - a second and 50 MB that no other page needs

    blocks = read_html(sealed_content(copy).decode())
    title = _("Copy after an access request")
    foot = (f"{copy.request.school.name} · {title}", f"SHA-256 {copy.digest}")
    return draw(blocks, title=title, foot=foot, language=language, made_at=copy.sealed_at)
