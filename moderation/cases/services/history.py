"""What was done about a case, in order of time: measures, letters, kind words, and what was taken away or put back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.told.models import Telling
from groups.told.querysets import TellingQuerySet
from moderation.cases.models.cases import Case
from moderation.cases.models.measures import KindNote, Letter, Measure, MeasureKind
from moderation.cases.services.looking import CaseTurn, Involved
from moderation.cases.services.telling import told_in_cases
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.words import Words

DONE: dict[str, Words] = {
    "hidden": gettext_lazy("Taken away for now"),
    "shown": gettext_lazy("Put back"),
    "removed": gettext_lazy("Taken away for good"),
    "photo_removed": gettext_lazy("Photo taken away for good"),
}
"""What happened to the text itself; it is known by what its writer was told about it."""
SAME = {
    "removed": MeasureKind.REMOVAL,
    "photo_removed": MeasureKind.REMOVAL,
    "eased": MeasureKind.RESTORED,
}


@dataclass(frozen=True)
class Deed:
    """One thing that was done, by whom; `telling`: what the person reads about it, or why not yet."""

    at: datetime
    what: str
    by: str = ""
    measure: Measure | None = None
    letter: Letter | None = None
    note: KindNote | None = None
    telling: Telling | None = None

    @property
    def said(self) -> str:
        """What the person reads of why, or why that is not told yet."""
        return (self.telling.words or self.telling.withheld_because) if self.telling else ""


def history_of(
    case: Case, *, involved: Involved, letters: Iterable[Letter], notes: Iterable[KindNote], actor: Actor
) -> list[Deed]:
    """What was done, as far as `actor` reads it, the first thing first; each with what its person was told then."""
    turns = [Deed(turn.at, _what_turned(turn, case), turn.by) for turn in involved.turns]
    return _in_order([*_deeds(involved.measures, letters, notes, _tellings(case, actor)), *turns])


def histories_of(file: Sequence[Case], *, actor: Actor) -> dict[int, list[Deed]]:
    """By case of a file the same, but for who closed it: with what its person was told, and wrote back.

    Each measure with its `signed_decided_by`; two questions for any number of cases.
    """
    told = list(_told_in(cases=[case.uid for case in file], actor=actor)) if file else []
    prefetch_related_objects(told, "answers")
    by_case: dict[UUID | None, list[Telling]] = defaultdict(list)
    for telling in told:
        by_case[telling.case_uid].append(telling)
    return {
        case.pk: _in_order(_deeds(case.measures.all(), case.letters.all(), case.notes.all(), by_case[case.uid]))
        for case in file
    }


def _in_order(deeds: Iterable[Deed]) -> list[Deed]:
    return sorted(deeds, key=lambda one: one.at)


def _deeds(
    measures: Iterable[Measure], letters: Iterable[Letter], notes: Iterable[KindNote], tellings: Iterable[Telling]
) -> list[Deed]:
    telling_of = {_key(one): one for one in tellings}
    rows: list[Deed] = []
    for measure in measures:
        telling = telling_of.pop((measure.kind, measure.decided_at), None)
        rows.append(
            Deed(
                measure.decided_at,
                measure.get_kind_display(),
                measure.signed_decided_by,
                measure=measure,
                telling=telling,
            )
        )
    for letter in letters:
        telling = telling_of.pop(("letter", letter.written_at), None)
        by = telling.author_name if telling else ""
        rows.append(Deed(letter.written_at, letter.title, by, letter=letter, telling=telling))
    for note in notes:
        telling = telling_of.pop(("word", note.written_at), None) or telling_of.pop(
            ("kind_word", note.written_at), None
        )
        rows.append(Deed(note.written_at, _("A kind word"), note.author_name, note=note, telling=telling))
    return [*map(_of_text, telling_of.values()), *rows]


def _what_turned(turn: CaseTurn, case: Case) -> str:
    if not turn.is_closing:
        return _("Opened again")
    return _("What was reported was not true") if case.is_untrue and turn.at == case.closed_at else _("Handled")


def _key(telling: Telling) -> tuple[str, datetime]:
    return str(SAME.get(telling.kind, telling.kind)), telling.told_at


def _tellings(case: Case, actor: Actor) -> list[Telling]:
    """What was told in this case, as far as `actor` reads it; and what was done to the same text without a case."""
    found = _told(case_uid=case.uid, written=case.written.uid if case.written else None, actor=actor)
    prefetch_related_objects(found, "answers")
    return found


@compiled
def _told(case_uid: UUID, written: UUID | None, actor: Actor) -> TellingQuerySet[Telling]:
    about = Q(pk__in=told_in_cases(actor).filter(case_uid=case_uid).values("pk"))
    if written:
        about |= Q(case_uid__isnull=True, about_uid=written, kind__in=DONE)
    return Telling.objects.filter(about).order_by("told_at", "pk")


@compiled
def _told_in(cases: list[UUID], actor: Actor) -> TellingQuerySet[Telling]:
    return told_in_cases(actor).filter(case_uid__in=cases).order_by("told_at", "pk")


def _of_text(telling: Telling) -> Deed:
    """Of what was told without a case who handles this one reads that it was done, and nothing of what was said."""
    what = str(DONE.get(telling.kind, telling.heading))
    return Deed(telling.told_at, what, telling.author_name, telling=telling if telling.case_uid else None)
