"""What school keeps about one person, gathered for an access request: as plain lines, once, with few questions."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agenda.models import CalendarAddress
from groups.models import Caregiver, Child, StaffMember, Telling
from groups.roles import Hat
from messaging.models import WritingVersion
from messaging.writings.domain.naming import Names, fold
from messaging.writings.domain.text import words_with
from moderation.access_requests.domain import lines_of, named_in
from moderation.access_requests.models import AccessRequest, Ground
from moderation.cases.models.cases import Case
from moderation.cases.services.looking import photos_told
from moderation.dossier.domain.copies import CopiedPicture, Passage
from moderation.dossier.models import DossierPiece
from moderation.dossier.services.dossier import open_copies
from moderation.dossier.services.drawing import blocks_of
from moderation.kind_words.models import ParentWord
from moderation.kind_words.querysets import KEPT_FOR
from moderation.kind_words.services.words import words_to
from portal.core.actor import Actor
from portal.core.domain.moments import at_school

PEOPLE: tuple[Any, ...] = (Child, Caregiver, StaffMember)
SHORTEST = 2
DAY_BEFORE = timedelta.resolution
IN_THE_CASE = ("kind_word", "word", "letter")


@dataclass(frozen=True)
class Piece:
    """A thing about somebody: what it is and when, and its lines; all kept back on a `ground` until somebody lets them
    stand.
    """

    title: str
    lines: list[str]
    ground: str = ""


@dataclass(frozen=True)
class Found:
    """Cases, hard copies, what somebody was told, kind words; `stood` is another one as soon as anything of it is."""

    cases: Sequence[Case]
    copies: Sequence[DossierPiece]
    texts: dict[int, str]
    tellings: Sequence[Telling]
    words: Sequence[ParentWord]
    calendars: Sequence[CalendarAddress]
    withheld: Sequence[Telling]
    about: int

    @property
    def stood(self) -> str:
        rows = [
            [case.pk, case.version, case.written and (case.written.version, case.written.state)]
            + [[row.pk for row in rows_of.all()] for rows_of in (case.measures, case.letters, case.notes)]
            for case in self.cases
        ]
        tellings = [[telling.pk, [answer.pk for answer in telling.answers.all()]] for telling in self.tellings]
        others = [[row.pk for row in found] for found in (self.words, self.calendars)]
        return sha256(repr([rows, [copy.pk for copy in self.copies], tellings, others]).encode()).hexdigest()


def find_pieces(asked: AccessRequest, *, actor: Actor) -> Found:
    """What there is about the person of a request, as far as `actor` handles it; the reports are not among it.

    Of the side that asks: who works at a school and has a child there asks for each apart (POL-15).
    """
    cases = Case.objects.led_by(actor.wearing(Hat.ANY)).filter(school=asked.school_id, about=asked.about_id)
    cases = cases.filter(side=asked.side)
    rows = cases.with_told(actor).select_related("group", "writing", "photo__writing")
    case_rows = list(rows.prefetch_related("measures", "letters", "notes").oldest_first())
    copies = DossierPiece.objects.visible_to(actor.wearing(Hat.ANY)).of_school(asked.school)
    sealed = copies.written_by(asked.about, asked.side).filter(payload__isnull=False).order_by("number")
    texts = _texts(case_rows, asked.about_id)
    tellings, withheld = _tellings(asked, [case.uid for case in case_rows])
    calendars = CalendarAddress.objects.visible_to(Actor(asked.about, asked.side, actor.now))
    words = _kind_words(asked, actor.now)
    return Found(case_rows, list(sealed), texts, tellings, words, list(calendars), withheld, asked.about_id)


def _kind_words(asked: AccessRequest, now: datetime) -> list[ParentWord]:
    """Kind words that the person said at this school, and those that the person still reads, as family (POL-66).

    The other one is in no copy: not who said it, nor to whom. What may not pass between the two any more is not read.
    """
    if asked.side != Hat.FAMILY:
        return []
    person = Actor(asked.about, Hat.FAMILY, now)
    read = [word.pk for word in words_to(person)]
    mine = Q(said_by=asked.about_id, said_at__gt=now - KEPT_FOR) | Q(pk__in=read)
    return list(ParentWord.objects.filter(mine, school=asked.school_id).order_by("said_at", "pk"))


def _tellings(asked: AccessRequest, cases: Sequence[UUID]) -> tuple[list[Telling], list[Telling]]:
    """What the person was told at this school, on this side, and what not yet; of cases those that are in the copy.

    Not what was told to whom the account was taken for: see `TellingQuerySet.meant`. What is not told yet is kept back
    whoever it is meant for.
    """
    rows = Telling.objects.filter(to=asked.about_id, school=asked.school_id, hat=asked.side)
    here = rows.filter(Q(case_uid__isnull=True) | Q(case_uid__in=cases))
    told = here.filter(withheld_because="").meant().prefetch_related("answers").order_by("told_at", "pk")
    return list(told), list(here.exclude(withheld_because=""))


def _texts(cases: Iterable[Any], writer: int) -> dict[int, str]:
    """By case what its person wrote, as it was reported first; what was removed is in its hard copy."""
    own = [case for case in cases if case.written and case.written.author_id == writer]
    standing = [case for case in own if not case.written.dossier_entry_id]
    rows = WritingVersion.objects.filter(writing__in=[case.written for case in standing]) if standing else []
    versions = {(row.writing_id, row.number): row for row in rows}
    reported = {case.pk: versions.get((case.written.pk, case.told_version), case.written) for case in standing}
    return {case: words_with(row.title, row.text) for case, row in reported.items()}


def gather_pieces(material: Found, *, by: Actor) -> list[Piece]:
    """The words of it, in the language of the school. Opening hard copies for it is written down.

    What the person is not told yet is kept back until who draws it up lets it stand, and no title says it.
    Raises `PermissionDenied`, `CopyDamagedError`.
    """
    with translation.override(settings.LANGUAGE_CODE):
        photos = photos_told(material.cases, actor=by)
        silent = {(one.case_uid, one.told_at) for one in material.withheld}
        gathered = [_case(case, material.texts, len(photos[case.pk]), silent) for case in material.cases]
        pieces = list(chain.from_iterable(gathered))
        opened = open_copies(pieces=material.copies, reason=_("An access request"), by=by)
        tellings = [piece for telling in material.tellings for piece in _told(telling)]
        kind = [_kind_word(word, said=word.said_by_id == material.about) for word in material.words]
        calendars = [_calendar(address) for address in material.calendars]
        unsaid = {one.about_uid for one in material.withheld}
        sealed = [_copy(copy, opened[copy.pk], unsaid) for copy in material.copies if copy.pk in opened]
        copies = list(chain.from_iterable(sealed))
        return pieces + tellings + kind + calendars + copies


def _case(case: Any, texts: dict[int, str], photos: int, silent: Collection[tuple]) -> Iterator[Piece]:
    what = case.get_kind_display()
    ended = _("Handled on %(day)s.") % {"day": _day(case.closed_at)} if case.closed_at else _("Not handled yet.")
    place = _("It stood in: %(group)s.") % {"group": case.group.name} if case.group else ""
    about = " ".join(filter(None, [f"{what}.", place, ended]))
    yield Piece(_("A case of %(day)s") % {"day": _day(case.opened_at)}, [about])
    if case.pk in texts or photos:
        yield Piece(_("What stood there"), [*lines_of(texts.get(case.pk, "")), *_named_photos(photos)])
    for one in case.measures.all():
        until = [_("Up to and including %(day)s.") % {"day": _day(one.until - DAY_BEFORE)}] if one.until else []
        number = [_("Letter of the board: %(number)s") % {"number": one.letter_number}] if one.letter_number else []
        words = [*until, *number, *lines_of(one.words), *lines_of(one.why_outside)]
        if (case.uid, one.decided_at) in silent:
            yield _unsaid(one.decided_at, [f"{one.get_kind_display()}.", *words])
        else:
            yield Piece(f"{one.get_kind_display()}, {_day(one.decided_at)}", words)
    for one in case.letters.all():
        yield Piece(_("A letter of %(day)s") % {"day": _day(one.written_at)}, [one.title, *lines_of(one.text)])
    for one in case.notes.all():
        yield Piece(_("A kind word of %(day)s") % {"day": _day(one.written_at)}, lines_of(one.text))


def _told(telling: Telling) -> Iterator[Piece]:
    """What the person read about it; letters and kind words of a case are among those of the case."""
    if telling.case_uid is None or telling.kind not in IN_THE_CASE:
        day = {"day": _day(telling.told_at)}
        yield Piece(_("What school told on %(day)s") % day, [telling.heading, *lines_of(telling.words)])
    for one in telling.answers.all():
        yield Piece(_("What was written back on %(day)s") % {"day": _day(one.written_at)}, lines_of(one.text))


def _kind_word(word: ParentWord, *, said: bool) -> Piece:
    title = _("A kind word that was sent on %(day)s") if said else _("A kind word of another parent, of %(day)s")
    return Piece(title % {"day": _day(word.said_at)}, lines_of(word.text))


def _calendar(address: CalendarAddress) -> Piece:
    """That there is an address at which a calendar reads the person's agenda; which one, nobody knows any more."""
    title = _("An address for the own calendar, made on %(day)s") % {"day": _day(address.made_at)}
    named = _("The first name of the child stands in it.") if address.names_children else _("It names no child.")
    return Piece(title, [named])


def _copy(copy: DossierPiece, content: bytes, unsaid: Collection[UUID | None]) -> Iterator[Piece]:
    blocks = blocks_of(content)
    own = [part for block in blocks if block.is_own for part in block.parts if isinstance(part, Passage)]
    lines = dict.fromkeys(line for part in own for line in lines_of(part.text))
    photos = _named_photos(sum(isinstance(part, CopiedPicture) for block in blocks for part in block.parts))
    title = _("Removed on %(day)s, kept as copy %(number)s") % {"day": _day(copy.sealed_at), "number": copy.number}
    why = [_("Why it was removed:"), *lines_of(copy.reason)]
    is_unsaid = copy.subject_uid in unsaid
    yield Piece(title, [*lines, *photos, *([] if is_unsaid else why)])
    if is_unsaid:
        yield _unsaid(copy.sealed_at, why)


def _unsaid(at: datetime, lines: list[str]) -> Piece:
    """What the person is not told yet: a heading that says nothing of what it was, and all of it kept back."""
    return Piece(_("What school decided on %(day)s") % {"day": _day(at)}, lines, Ground.INQUIRY)


def _named_photos(count: int) -> list[str]:
    return [_("Photo %(number)s, not in this copy.") % {"number": number} for number in range(1, count + 1)]


def _day(moment: datetime) -> str:
    return date_format(at_school(moment), "j F Y")


def names_of_others(asked: AccessRequest, texts: Sequence[str]) -> list[str]:
    """Names of other people of the school that stand in these texts, as the school writes them; three questions.

    A first or last name alone counts with its capital only. The names of the person itself are not among them.
    """
    words = {word for text in texts for word in _words(fold(text))}
    known: dict[str, str] = {}
    own = {fold(part) for part in (asked.about.name, *asked.about.name.split())}
    for model in PEOPLE:
        for row in model.objects.filter(school=asked.school_id):
            names = _names_of(row)
            if row.user_id == asked.about_id:
                own |= {fold(name) for name in names}
            known |= {fold(name): name for name in names if words.intersection(_words(fold(name))[:1])}
    others = {name: shown for name, shown in known.items() if len(name) >= SHORTEST and name not in own}
    looked_for = Names(tuple(others))
    return sorted(others[name] for name in {name for text in texts for name in named_in(text, looked_for)})


def _names_of(row: Any) -> list[str]:
    last = " ".join(filter(None, [row.prefix, row.last_name]))
    return [*filter(None, {row.full_name, row.first_name, row.last_name, last, getattr(row, "display_name", "")})]


def _words(folded: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded)
