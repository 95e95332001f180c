"""What the journal says, done again in an older database. It only ever takes away, and twice is once.

A row that is not here needs nothing. Where a table wants more than its columns, an app registers who does it.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.utils import timezone, translation

from portal.core import dossier
from portal.core.actor import Actor
from portal.core.journal import CopiedLine, Said
from portal.core.models import DossierEntry, DossierKind, User
from portal.core.taking import TakenAway, taken_of

log = logging.getLogger("kring.journal")
DONE, BEFORE, ABSENT = "done", "before", "absent"
NOBODY = "nobody@nobody.invalid"


class NotDoneError(Exception):
    """It is out of sight, but not taken away as it was; the text says what a person has to do."""


@dataclass
class Replay:
    """One reading of a journal: what became of each line, and what a line needs of those before it."""

    now: datetime
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    sealed: dict[str, Said] = field(default_factory=dict)
    """What later lines call by key: the seals that the lost database had."""
    again: dict[str, DossierEntry] = field(default_factory=dict)
    """By the uid of such a seal, the one that was made anew."""

    def by(self, uid: str | None) -> Actor:
        """Who did it; somebody whom this database does not know is nobody."""
        user = User.objects.filter(uid=uid).first() if uid else None
        return Actor(user or nobody(), "staff", self.now)


Handler = Callable[[CopiedLine, Replay], str]
_handlers: dict[str, Handler] = {}


def register(place: str, handler: Handler) -> None:
    """Called from `AppConfig.ready`: who does again what was taken away in this table."""
    _handlers[place] = handler


def nobody() -> User:
    """The account that stands for whoever is not known any more; it cannot come in."""
    user = User.objects.filter(email=NOBODY).first()
    if user is None:
        user = User.objects.create_user(NOBODY, is_active=False)
    return user


def replay(lines: Iterable[CopiedLine | None], *, now: datetime) -> Replay:
    """Every line in a transaction of its own, so that one that fails keeps no other from being done."""
    done = Replay(now)
    with translation.override(settings.LANGUAGE_CODE):
        for line in lines:
            if line is None:
                done.outcomes["unreadable"] += 1
                continue
            try:
                done.outcomes[_once(line, done)] += 1
            except (NotDoneError, DatabaseError, models.ProtectedError, ValueError, LookupError) as error:
                log.warning("journal %s %s %s: %s", line.act, line.place, line.key, type(error).__name__)
                why = str(error) if isinstance(error, NotDoneError) else type(error).__name__
                done.failed.append(f"{line.act} {line.place} {line.key}: {why}")
    return done


def _once(line: CopiedLine, done: Replay) -> str:
    handler = _handlers.get(line.place, plainly)
    return handler(line, done)


def plainly(line: CopiedLine, done: Replay) -> str:
    """As the table says of itself."""
    model = _tables()[line.place]
    rows = model._base_manager.filter(pk=line.key)
    with transaction.atomic():
        if line.act == "gone":
            return DONE if rows.delete()[0] else ABSENT
        if line.act == "made":
            return _make(model, line)
        row = rows.first()
        if row is None:
            return ABSENT
        if line.act.startswith("replaced "):
            return _replace(row, line.act.removeprefix("replaced "))
        return take(row, values_of(model, line))


def take(row: models.Model, values: Said) -> str:
    """Put what takes away into a row that has it not yet."""
    taken = _taken(type(row))
    changes = dict(_taking(row, taken, values))
    if not changes:
        return BEFORE
    changes |= {name: values[name] for name in taken.keeps if values.get(name) not in (None, LOST)}
    changes |= {name: text(values) for name, text in taken.says.items()}
    type(row)._base_manager.filter(pk=row.pk).update(**changes)
    return DONE


def _taking(row: models.Model, taken: TakenAway, values: Said) -> Iterable[tuple[str, object]]:
    yield from _ending(row, taken, values)
    for name, order in taken.states.items():
        mine, theirs = getattr(row, name), values.get(name)
        if theirs in order and (mine not in order or order.index(mine) < order.index(theirs)):
            yield name, theirs
    for name, value in taken.flags.items():
        if values.get(name) is value and getattr(row, name) is not value:
            yield name, value
    for name in taken.emptied:
        if name in values and values[name] is None and getattr(row, name) is not None:
            yield name, None


def _ending(row: models.Model, taken: TakenAway, values: Said) -> Iterable[tuple[str, object]]:
    for name in taken.ends:
        mine, theirs = getattr(row, name), values.get(name)
        if theirs is not None and (mine is None or theirs < mine):
            yield name, theirs


def _replace(row: models.Model, name: str) -> str:
    stand_in = _taken(type(row)).replaced[name].format(row)
    if getattr(row, name) == stand_in:
        return BEFORE
    type(row)._base_manager.filter(pk=row.pk).update(**{name: stand_in})
    return DONE


def _make(model: type[models.Model], line: CopiedLine) -> str:
    """A row that takes away, unless it is here; what it is about may not be, and then it is about nothing."""
    taken, values = _taken(model), values_of(model, line)
    needed = {one.name for one in model._meta.concrete_fields if not one.null} | set(taken.about)
    if any(values[name] is LOST for name in needed & values.keys()):
        return ABSENT
    values = {name: None if value is LOST else value for name, value in values.items()}
    same = {name: values.get(name) for name in (taken.same or ("uid",))}
    if row := model._base_manager.filter(**same).first():
        return take(row, values)
    model._base_manager.create(**values | {name: text(values) for name, text in taken.says.items()})
    return DONE


LOST = object()
"""Stands for a row that a line is about and that is not here."""


def values_of(model: type[models.Model], line: CopiedLine) -> Said:
    """What a line says, as values of the fields. Whoever did it and is not known any more is nobody."""
    columns = {one.column: one for one in model._meta.concrete_fields}
    return {columns[name].name: _value(columns[name], value) for name, value in line.said.items() if name in columns}


def _value(column: models.Field, written: object) -> object:
    if written is None:
        return None
    if isinstance(column, models.ForeignKey):
        row = column.related_model._base_manager.filter(pk=written).first()
        if row is None and column.name.endswith("_by"):
            return nobody()
        return LOST if row is None else row
    value = column.to_python(written)
    if isinstance(value, datetime) and timezone.is_naive(value):
        return value.replace(tzinfo=UTC)
    return value


def _taken(model: type[models.Model]) -> TakenAway:
    taken = taken_of(model._meta.concrete_model or model)
    if taken is None:
        raise LookupError(model._meta.label)
    return taken


def _tables() -> dict[str, type[models.Model]]:
    return {one._meta.db_table: one for one in apps.get_models() if not one._meta.proxy and taken_of(one)}


def sent(line: CopiedLine, done: Replay) -> str:
    """A mail that went out: known here it is settled, and unknown it is kept as sent, so that it never goes twice."""
    model = _tables()[line.place]
    with transaction.atomic():
        values = values_of(model, line)
        if row := model._base_manager.filter(dedupe_key=values["dedupe_key"]).first():
            return take(row, values)
        if any(value is LOST for value in values.values()):
            return ABSENT
        address = {} if values["recipient"] else {"address": NOBODY}
        model._base_manager.create(**values | address)
        return DONE


def sealed(line: CopiedLine, done: Replay) -> str:
    """A seal of the lost database: kept for the removal that follows; a certificate destroys that copy again."""
    done.sealed[line.key] = line.said
    if line.said["kind"] != DossierKind.CERTIFICATE:
        return BEFORE
    subject = str(line.said["subject_uid"])
    entry = DossierEntry.objects.filter(uid=subject).first() or done.again.get(_hex(subject))
    if entry is None:
        return ABSENT
    if not hasattr(entry, "payload"):
        return BEFORE
    with transaction.atomic():
        reason = str(translation.gettext("Was destroyed before the restore."))
        dossier.destroy(entry, reason=reason, by=done.by(str(line.said["sealed_by_uid"])))
    return DONE


def _hex(uid: object) -> str:
    """PostgreSQL writes a uid with strokes, SQLite without."""
    return str(uid).replace("-", "")


def known_as(said: Said) -> str:
    return _hex(said["uid"])


register("core_outboxitem", sent)
register("core_dossierentry", sealed)
