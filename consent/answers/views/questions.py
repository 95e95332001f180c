"""A page of questions: what each school asks, with a row for everybody it is about."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.answers.forms import ChoicesForm, Tap
from consent.answers.services.choices import PersonChoices, PurposeChoice, PurposeWords
from consent.answers.services.decisions import Answers, TextChangedError
from consent.asking.domain.purposes import Basis, Says
from consent.asking.models import Purpose, Reach
from groups.models import School
from portal.core.request import SignedInRequest
from portal.core.words import listed

BLOCKS: dict[str, Promise] = {
    Reach.GROUPS: gettext_lazy("Inside the school"),
    Reach.SCHOOL: gettext_lazy("In the whole school"),
    Reach.EVERYBODY: gettext_lazy("Outside the school"),
}
MOST_NAMES = 3
"""Of more children than these the number stands there instead of their names."""


class Returned(NamedTuple):
    """What came in and was not kept, by card; and the purposes whose words were changed meanwhile."""

    answers: Mapping[UUID, Answers]
    changed: Collection[Purpose]


class Page(NamedTuple):
    """A page of questions: its address, whom it is about, how it is drawn, and what keeps answers."""

    url_name: str
    cards: Callable[[], list[PersonChoices]]
    draw: Callable[[Sequence[PersonChoices], Returned | None, int], HttpResponse]
    keep: Callable[[PersonChoices, Answers], object]


def answered(request: SignedInRequest, page: Page, uids: Collection[str]) -> HttpResponse:
    """One tap about who stand on these cards: kept for each apart, and back to the question.

    Or the page again, with what was kept and what not: one child may have turned 16 meanwhile, and not the other.
    """
    everybody = page.cards()
    cards = [card for card in everybody if str(card.uid) in uids]
    if not cards:
        raise Http404
    if request.method != "POST":
        return redirect(page.url_name)
    form = ChoicesForm(request.POST, cards=[card for card in cards if card.may_choose])
    if any(card.may_choose for card in cards) and not form.is_valid():
        return page.draw(everybody, None, 422)
    tap = form.cleaned_data["tap"] if form.is_valid() else Tap({}, [], [])
    saved, returned, status = _keep(page, cards, tap)
    _say(request, saved, tap, are_all=len(saved) == len(cards))
    if status:
        return page.draw(page.cards(), returned, status)
    return redirect(f"{reverse(page.url_name)}#{_place(cards[0].school, tap)}")


def _keep(page: Page, cards: Iterable[PersonChoices], tap: Tap) -> tuple[list[PersonChoices], Returned | None, int]:
    """For whom it was kept; what was not, because words were changed; and the status of what went wrong, or 0."""
    saved: list[PersonChoices] = []
    refused: dict[UUID, Answers] = {}
    changed: set[Purpose] = set()
    status = 0
    for card in cards:
        answers = tap.answers.get(card.uid, {})
        try:
            page.keep(card, answers)
        except TextChangedError as error:
            refused[card.uid] = answers
            changed.update(error.purposes)
            status = 409
        except PermissionDenied:
            status = status or 403
        else:
            saved.append(card)
    return saved, Returned(refused, changed) if refused else None, status


def _say(request: HttpRequest, saved: Sequence[PersonChoices], tap: Tap, *, are_all: bool) -> None:
    """What was kept and for whom, what stays a no, and what was a no and is none any more."""
    names = [card.child.first_name for card in saved if card.child]
    if tap.turned:
        words = {"names": listed(tap.turned)}
        messages.info(request, _("%(names)s: this was no, and is yes now.") % words)
    if any(tap.answers.get(card.uid) for card in saved) or (saved and not tap.left):
        several = len(names) > 1 or not are_all
        words = {"names": listed(names)}
        text = (
            _("Saved for %(names)s. It counts from now on.") % words if several else _("Saved. It counts from now on.")
        )
        messages.success(request, text)
    if saved and tap.left:
        words = {"what": listed(tap.left)}
        messages.info(request, _("An earlier no stays: %(what)s.") % words)


def _place(school: School, tap: Tap) -> str:
    """The one question, or the block of questions, or what this school asks."""
    purposes = {purpose for answers in tap.answers.values() for purpose in answers}
    if len(purposes) == 1:
        return str(purposes.pop().uid)
    reaches = {purpose.reach for purpose in purposes}
    return f"{school.uid}-{reaches.pop()}" if len(reaches) == 1 else str(school.uid)


class Row(NamedTuple):
    """One person at a question. `chosen`: what came in and was not kept."""

    card: PersonChoices
    choice: PurposeChoice
    chosen: str


@dataclass(frozen=True)
class PurposeQuestion:
    """One purpose, and a row for everybody it is asked about. `is_changed`: its words are new since they were read."""

    purpose: Purpose
    words: PurposeWords
    rows: Sequence[Row]
    is_changed: bool

    @property
    def is_objection(self) -> bool:
        return self.purpose.basis == Basis.OBJECTION

    @property
    def is_asked(self) -> bool:
        """Whether an answer about somebody is waited for."""
        return any(row.choice.is_asked for row in self.rows)

    @property
    def has_new_words(self) -> bool:
        return self.is_changed or any(row.choice.is_asked_again and row.choice.has_new_words for row in self.rows)

    @property
    def all_say(self) -> str:
        """The answer that was given about everybody; empty where they differ or are not there yet."""
        answers = {row.choice.says for row in self.rows}
        return answers.pop() if len(answers) == 1 else ""


@dataclass(frozen=True)
class ReachBlock:
    """The questions with one reach: who sees it is the same for all of them."""

    reach: str
    title: Promise
    who: Promise
    questions: Sequence[PurposeQuestion]

    @property
    def has_no(self) -> bool:
        """Whether somebody said no here: a yes to everything leaves that."""
        return any(row.choice.says == Says.NO for question in self.questions for row in question.rows)


@dataclass(frozen=True)
class Asked:
    """What one school asks about some people: one form. `are_several`: a tap may be about all of them at once."""

    school: School
    cards: Sequence[PersonChoices]
    blocks: Sequence[ReachBlock]
    is_returned: bool

    @property
    def whom(self) -> str:
        return _whom([card.child.first_name for card in self.cards if card.child])

    @property
    def are_several(self) -> bool:
        return len(self.cards) > 1

    @property
    def is_asked_again(self) -> bool:
        return any(card.asked_again for card in self.cards)

    @property
    def has_new_words(self) -> bool:
        return any(card.has_new_words for card in self.cards)

    @property
    def lapses_at(self) -> datetime | None:
        return self.cards[0].lapses_at


@dataclass(frozen=True)
class Progress:
    """How many questions have an answer about everybody, and the first that has none."""

    questions: Sequence[PurposeQuestion]

    @property
    def total(self) -> int:
        return len(self.questions)

    @property
    def done(self) -> int:
        return sum(not question.is_asked for question in self.questions)

    @property
    def next(self) -> PurposeQuestion | None:
        return next((question for question in self.questions if question.is_asked), None)


def asked_at_schools(cards: Sequence[PersonChoices], returned: Returned | None) -> list[Asked]:
    """What is asked, a school at a time, in the order in which its people stand; nothing where nothing is."""
    schools: dict[School, list[PersonChoices]] = {}
    for card in cards:
        if card.choices:
            schools.setdefault(card.school, []).append(card)
    return [_asked(school, people, returned) for school, people in schools.items()]


def progress_of(asked: Iterable[Asked]) -> Progress:
    """Over all schools; what needs no yes, or is asked no more, waits for no answer."""
    questions = [question for one in asked for block in one.blocks for question in block.questions]
    return Progress([one for one in questions if not (one.is_objection or one.purpose.retired_at)])


def _asked(school: School, cards: Sequence[PersonChoices], returned: Returned | None) -> Asked:
    came_in = returned if returned and any(card.uid in returned.answers for card in cards) else None
    questions = [_question(choice, cards, came_in) for choice in cards[0].choices]
    blocks = [
        ReachBlock(reach, title, Reach(reach).label, here)
        for reach, title in BLOCKS.items()
        if (here := [question for question in questions if question.purpose.reach == reach])
    ]
    return Asked(school, cards, blocks, came_in is not None)


def _question(asked: PurposeChoice, cards: Sequence[PersonChoices], returned: Returned | None) -> PurposeQuestion:
    rows = []
    for card in cards:
        came_in = returned.answers.get(card.uid, {}).get(asked.purpose) if returned else None
        [choice] = [one for one in card.choices if one.purpose == asked.purpose]
        rows.append(Row(card, choice, came_in[0].value if came_in else ""))
    return PurposeQuestion(asked.purpose, asked.words, rows, returned is not None and asked.purpose in returned.changed)


def _whom(names: Sequence[str]) -> str:
    """ "Noor en Ilyas", and of many "Alle 5 kinderen"."""
    if len(names) > MOST_NAMES:
        return _("All %(count)s children") % {"count": len(names)}
    return listed(names)
