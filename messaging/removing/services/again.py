"""What was taken away before a restore is taken away again (docs/adr/0055): with a new seal, or out of sight."""

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from messaging.asks.services.together import hand_on
from messaging.photos.models import Placement
from messaging.removing.services.removal import NotRemovedError, remove_anew
from messaging.writings.models import Writing, WritingState
from portal.core.journal import CopiedLine
from portal.core.replaying import ABSENT, BEFORE, DONE, NotDoneError, Replay, known_as, plainly, take, values_of

SHOWN = (WritingState.PUBLISHED,)


def written_again(line: CopiedLine, done: Replay) -> str:
    """A text: hidden, taken back or removed as it was; changed, it is hidden, as only the old words are here."""
    written = Writing.objects.filter(pk=line.key).first()
    if written is None:
        return ABSENT
    if written.state == WritingState.REMOVED:
        _know(written, line, done)
        return BEFORE
    if line.act != "taken":
        return _hide(written, done, line.at)
    values = values_of(Writing, line)
    if values["state"] != WritingState.REMOVED:
        with transaction.atomic():
            if values["state"] == WritingState.RETRACTED:
                hand_on(written)
            return take(written, values)
    if values["retracted_at"]:
        Writing.objects.filter(pk=written.pk).update(retracted_at=values["retracted_at"])
    return _remove(written, line, done)


def photo_again(line: CopiedLine, done: Replay) -> str:
    """A photo where it stood: left out by its writer, removed by the school, or described in other words."""
    placement = Placement.objects.select_related("image", "school").filter(pk=line.key).first()
    if placement is None:
        return ABSENT
    if line.said.get("dossier_entry_id") is None or placement.dossier_entry_id:
        _know(placement, line, done)
        return plainly(line, done)
    try:
        return _remove(placement, line, done)
    except NotDoneError:
        plainly(line, done)
        raise


def blurred_again(line: CopiedLine, done: Replay) -> str:
    """A photo that was made unrecognisable since: here it is as it was, and so it is left out wherever it stands."""
    if line.act == "gone":
        return plainly(line, done)
    left = Placement.objects.filter(image__pk=int(line.key), removed_at=None).update(removed_at=parse_datetime(line.at))
    return DONE if left else BEFORE


def _remove(content: Writing | Placement, line: CopiedLine, done: Replay) -> str:
    """With a copy sealed anew, by whoever did it. Without one it goes out of sight, and a person has to remove it."""
    seal = done.sealed.get(str(line.said["dossier_entry_id"]))
    try:
        remove_anew(
            content=content,
            reason=_("Was removed before the restore."),
            by=done.by(str(seal["sealed_by_uid"]) if seal else None),
        )
    except NotRemovedError as error:
        if isinstance(content, Writing):
            _hide(content, done, line.at)
        raise NotDoneError("it is out of sight; no copy could be made, so a person has to remove it") from error
    _know(content, line, done)
    return DONE


def _know(content: Writing | Placement, line: CopiedLine, done: Replay) -> None:
    """Which copy stands here for that of the lost database, also one that was sealed anew by a run that broke off: a
    certificate that follows calls it by that.
    """
    content.refresh_from_db(fields=["dossier_entry"])
    seal = done.sealed.get(str(line.said.get("dossier_entry_id")))
    if seal and content.dossier_entry:
        done.again[known_as(seal)] = content.dossier_entry


def _hide(written: Writing, done: Replay, at: str) -> str:
    if written.state not in SHOWN:
        return BEFORE
    since = parse_datetime(at)
    Writing.objects.filter(pk=written.pk).update(
        state=WritingState.HIDDEN, hidden_at=since, hidden_by=done.by(None).user
    )
    done.outcomes["hidden, as its newer words are lost"] += 1
    return DONE
