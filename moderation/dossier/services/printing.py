"""A hard copy as a PDF, made when somebody asks for it and kept nowhere."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from groups.models import School
from moderation.dossier.domain.copies import Block, CopiedPicture, Part
from moderation.dossier.models import DossierReading
from moderation.dossier.services.dossier import copy_for, note
from moderation.dossier.services.drawing import blocks_of
from portal.core.actor import Actor
from portal.core.media.decoding import Developed, Refused, develop_all
from portal.core.models import DossierEntry


class PhotosLaterError(Exception):
    """The photos of the copy cannot be turned over now; the copy itself can be read."""


def print_copy(reading: DossierReading, *, language: str, by: Actor) -> bytes | None:
    """The copy behind an open reading of one's own as a PDF, which is written down; None when it was destroyed.

    Raises `PermissionDenied`, `CopyDamagedError`, `PhotosLaterError`.
    """
    from moderation.dossier.domain.pdf import draw  # noqa: PLC0415 - a second and 50 MB that no other page needs

    content = copy_for(reading, by=by)
    if content is None:
        return None
    entry = reading.entry
    blocks = _with_jpegs(blocks_of(content))
    note("printed", entry, by=by, reading=str(reading.uid))
    title = _("Copy %(number)s from the dossier") % {"number": entry.number}
    return draw(blocks, title=title, foot=_foot(entry), language=language, made_at=by.now)


def _foot(entry: DossierEntry) -> tuple[str, str]:
    school = School.objects.get(uid=entry.school_uid)
    number = _("%(school)s · dossier, copy %(number)s") % {"school": school.name, "number": entry.number}
    return number, f"SHA-256 {entry.payload_digest}"


def _with_jpegs(blocks: Sequence[Block]) -> list[Block]:
    """A PDF knows no WebP; like any photo these are turned over in the locked child."""
    waiting = [
        part.data
        for block in blocks
        for part in block.parts
        if isinstance(part, CopiedPicture) and part.data is not None
    ]
    made = iter(develop_all(waiting, kind="jpeg")) if waiting else iter(())
    return [replace(block, parts=tuple(_with_jpeg(part, made) for part in block.parts)) for block in blocks]


def _with_jpeg(part: Part, made: Iterator[Developed | Refused]) -> Part:
    """A photo gets the next that was made, any other part stays."""
    if not isinstance(part, CopiedPicture) or part.data is None:
        return part
    answer = next(made)
    if isinstance(answer, Developed):
        return replace(part, data=answer.renditions[0].data)
    if answer.reason == "later":
        raise PhotosLaterError
    return replace(part, data=None)
