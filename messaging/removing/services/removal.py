"""Removing what stands there, never without its hard copy in the dossier (POL-61, 62; docs/adr/0015).

The copy is made outside the transaction, from one version. The short transaction holds the school and the content,
compares, seals, and only then lets go of the words. Moved meanwhile: prepared again.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.models import Group
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from groups.told.services import Said
from messaging.asks.domain import until_typed
from messaging.asks.services.holding import hold_together
from messaging.asks.services.news import tell_gone
from messaging.asks.services.together import hand_on
from messaging.keeping.services import ALT, OTHER_MOMENT, keep_called_back
from messaging.photos.models import Placement
from messaging.photos.services.blurring import forget_reported
from messaging.photos.services.placements import pictures_of
from messaging.posts.services.posts import planned_for
from messaging.removing.services.hard_copy import Content, CopyFailedError, NotRemovedError, Prepared, prepare, standing
from messaging.writings.domain.text import CONTENT
from messaging.writings.models import Post, Writing, WritingState
from messaging.writings.policies import can_remove, can_retract
from messaging.writings.services.telling import tell_writer
from messaging.writings.services.written import Row, locked
from portal.core import access, audit, dossier
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import DossierEntry
from portal.core.transitions import holding, move

ATTEMPTS = 3

__all__ = [
    "AlreadyRemovedError",
    "CopyFailedError",
    "MovedTooOftenError",
    "NotRemovedError",
    "clear_report",
    "note_report",
    "remove_photo",
    "remove_written",
    "retract_written",
]


class MovedTooOftenError(NotRemovedError):
    """It was changed each time while its copy was made; nothing was removed."""

    sentence = gettext_lazy("Somebody is changing this right now, so nothing was removed. Try again in a moment.")


class AlreadyRemovedError(PermissionDenied):
    """Somebody removed it before: one removal has one entry. Carries that entry."""

    def __init__(self, entry: DossierEntry | None) -> None:
        super().__init__()
        self.entry = entry


def remove_written(*, written: Writing, reason: str, said: Said | None = None, by: Actor) -> DossierEntry:
    """Remove a text with everything that stands in it; its hard copy is sealed first (POL-61, 62).

    Who may: group administrators and the directie; a message of a conversation when it was reported. For everybody
    else a fixed sentence stands there. Its writer is told, with what is `said` for the writer, without the `reason`. A
    twin that was written together stays where it is. Call it outside a transaction. Raises
    `PermissionDenied`, `AlreadyRemovedError`, `CopyFailedError`, `MovedTooOftenError`: then nothing was removed.
    """

    def may(current: Writing) -> bool:
        return by.hat == Hat.STAFF and can_remove(by.wearing(Hat.ANY), current)

    return _remove(written, reason=reason, by=by, may=may, let_go=partial(_empty, said=said))


def remove_photo(*, placement: Placement, reason: str, said: Said | None = None, by: Actor) -> DossierEntry:
    """Remove one photo from where it stands, with its hard copy; its writer cannot put it back there (POL-61, 62).

    From that second nobody finds it there, page nor bytes; who placed it is told. Raises what `remove_written` raises.
    """

    def may(current: Placement) -> bool:
        return by.hat == Hat.STAFF and can_remove(by.wearing(Hat.ANY), current)

    return _remove(placement, reason=reason, by=by, may=may, let_go=partial(_take_down, said=said))


def remove_anew(*, content: Content, reason: str, by: Actor) -> DossierEntry:
    """After a restore: what was removed before is removed again, with a new seal. Who wrote it was told then.

    `by` is who decided then, and nobody is asked anew. Raises `CopyFailedError`, `MovedTooOftenError`.
    """
    quietly: Callable[..., None] = _take_down if isinstance(content, Placement) else _empty
    return _remove(content, reason=reason, by=by, may=lambda _: True, let_go=partial(quietly, is_told=False))


def retract_written(*, written: Row, by: Actor) -> Row:
    """Take an own text back at any time: nobody reads it any more; the row and its versions stay. Who answered what it
    asks hears that it is gone.

    Under report it is removed with its hard copy; its writer, and everybody else, sees no difference (POL-62).
    Raises `PermissionDenied`, and under report `CopyFailedError` or `MovedTooOftenError`.
    """
    with holding(written, by=by, lock=locked, may=can_retract) as current:
        if current.reported_at is None:
            tell_gone(current, by=by)
            hand_on(current)
            move(
                current, WritingState.RETRACTED, by=by, verb=f"{current.kind}.retracted", also={"retracted_at": by.now}
            )
            return current
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Taken back by its writer while somebody had reported it.")

    def may(one: Any) -> bool:
        return can_retract(by, one)

    def let_go(one: Any, entry: DossierEntry, by: Actor) -> None:
        tell_gone(one, by=by)
        one.retracted_at = by.now
        _empty(one, entry, by)

    _remove(current, reason=reason, by=by, may=may, let_go=let_go)
    written.refresh_from_db()
    return written


def note_report(*, written: Row, now: datetime) -> None:
    """A case about this text was opened; with a case about a photo, the text it stands in. The first moment stays.

    For the app that knows of cases; this one only keeps it, in the caller's transaction. From now on the text may be
    removed by who handles such a case, and `retract_written` seals a copy before the text goes.
    """
    with transaction.atomic():
        current = locked(written)
        if current.reported_at is None:
            current.reported_at = now
            current.save(update_fields=["reported_at"])


def clear_report(*, written: Row) -> None:
    """The last open case about this text was closed: its writer may take it back as any other text."""
    with transaction.atomic():
        current = locked(written)
        if current.reported_at is not None:
            current.reported_at = None
            current.save(update_fields=["reported_at"])
            forget_reported(Placement.objects.filter(writing=current.pk))


def _remove(
    content: Any,
    *,
    reason: str,
    by: Actor,
    may: Callable[[Any], bool],
    let_go: Callable[[Any, DossierEntry, Actor], None],
) -> DossierEntry:
    _demand_present(content._meta.default_manager.get(pk=content.pk))
    access.demand(may(content))
    for _attempt in range(ATTEMPTS):
        prepared = prepare(content, reason=reason, by=by)
        try:
            entry = _seal_and_let_go(content, prepared, reason, by, may, let_go)
        except DatabaseError as error:
            raise CopyFailedError from error
        if entry:
            return entry
    raise MovedTooOftenError


def _seal_and_let_go(
    content: Any,
    prepared: Prepared,
    reason: str,
    by: Actor,
    may: Callable[[Any], bool],
    let_go: Callable[[Any, DossierEntry, Actor], None],
) -> DossierEntry | None:
    """The short transaction; None when the content is not what the copy shows any more."""
    with transaction.atomic():
        hold_schools(content.school_id)
        current = _held(content)
        _demand_present(current)
        access.demand(may(current))
        if standing(current) != prepared.stood:
            return None
        entry = dossier.seal(prepared.copy, school_uid=current.school.uid, reason=reason, by=by)
        let_go(current, entry, by)
        here = Q(pk=current.pk) if isinstance(current, Placement) else Q(writing=current.pk)
        forget_reported(Placement.objects.filter(here))
    return entry


def _held(content: Any) -> Any:
    """The row as it is now, and the text that a photo stands in, until the end of the transaction."""
    if isinstance(content, Placement):
        locked(content.writing)
    return type(content)._default_manager.select_for_update().get(pk=content.pk)


def _demand_present(current: Content) -> None:
    if current.dossier_entry_id:
        raise AlreadyRemovedError(current.dossier_entry)


def _empty(written: Any, entry: DossierEntry, by: Actor, said: Said | None = None, *, is_told: bool = True) -> None:
    """The row says nothing any more: what nobody can read, no page can let out."""
    hand_on(written)
    gone = {"removed_at": by.now, "dossier_entry": entry, "retracted_at": written.retracted_at}
    gone |= {**Writing.takes_away.replaced, "html": "", "written_together": None}
    verb = f"{written.kind}.removed"
    move(written, WritingState.REMOVED, by=by, verb=verb, facts={"entry": entry.number}, also=gone)
    if is_told:
        tell_writer("removed", written, said=said, by=by)


def _take_down(
    placement: Placement, entry: DossierEntry, by: Actor, said: Said | None = None, *, is_told: bool = True
) -> None:
    placement.removed_at, placement.dossier_entry, placement.alt = by.now, entry, ""
    placement.save(update_fields=["removed_at", "dossier_entry", "alt"])
    audit.record(
        "photo.removed",
        by=by,
        subject_kind="photo",
        subject_uid=placement.image.uid,
        school_uid=placement.school.uid,
        entry=entry.number,
    )
    if is_told:
        tell_writer("photo_removed", placement.writing, said=said, by=by)


class TooLateToCallBackError(Exception):
    """Its moment has come: people may have read it. It can still be taken back, or changed."""


def call_back(*, post: Post, by: Actor) -> None:
    """Undo placing before anybody read it: it and what was written together with it are gone, as if never placed.

    So is what was held before its moment, also when that moment came: nobody read it since. Words and photos are kept
    where their writer wrote them. What a colleague reported meanwhile is sealed first; its writer sees no difference.
    Call it outside a transaction. Raises `TooLateToCallBackError`, and what `retract_post` raises.
    """
    with transaction.atomic():
        hold_together(post)
        current = locked(post)
        access.demand(can_retract(by, current))
        twins = list(Post.objects.retractable_by(by).together_with(current).select_related("group").order_by("pk"))
        if any(twin.placed_at <= by.now and not twin.is_held for twin in twins):
            raise TooLateToCallBackError
        sent = _as_sent(current, [twin.group for twin in twins], now=by.now)
        if not any(twin.reported_at for twin in twins):
            _call_back(current, sent, by)
            return
    _call_back(current, sent, by)


def _call_back(post: Post, sent: MultiValueDict, by: Actor) -> None:
    retract_post(post=post, by=by, together=True)
    keep_called_back(sent=sent, by=by)


def _as_sent(post: Post, groups: Iterable[Group], *, now: datetime) -> MultiValueDict:
    """The form that placed it, with the moment that was chosen where it is further than one can call back."""
    pictures = pictures_of(post)
    sent = MultiValueDict(
        {
            "groep": [str(group.uid) for group in groups],
            "photo": [str(one.uid) for one in pictures],
            **{name: [str(getattr(post, name) or "")] for name in CONTENT},
            "answer_by": [str(until_typed(post.ask_on, post.answer_by) or "")],
            **{f"{ALT}{one.uid}": [one.alt] for one in pictures},
        }
    )
    if planned_for(post.placed_at, now=now):
        sent.update({"when": OTHER_MOMENT, "at": f"{at_school(post.placed_at):%Y-%m-%dT%H:%M}"})
    return sent


def retract_post(*, post: Post, by: Actor, together: bool = False) -> list[Post]:
    """Take an own post back at any time; `together` takes back all posts written together with it.

    Those under report first, each by itself, because a copy of each is made. Raises what `retract_written` raises.
    """
    access.demand(can_retract(by, post))
    mine = Post.objects.retractable_by(by)
    chosen = list((mine.together_with(post) if together else mine.filter(pk=post.pk)).order_by("pk"))
    reported = [one for one in chosen if one.reported_at]
    removed = [retract_written(written=one, by=by) for one in reported]
    with transaction.atomic():
        others = [one for one in chosen if not one.reported_at]
        return removed + [retract_written(written=one, by=by) for one in others]
