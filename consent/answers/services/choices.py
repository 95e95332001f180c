"""What somebody may choose, about whom, and what it means today. Writes nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import compress
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import get_language

from consent.answers.models import Decision, Reluctance
from consent.answers.querysets import choosing_own_image
from consent.asking.domain.purposes import FOR_ADULTS, PICTURED, Basis, Says
from consent.asking.domain.standing import photos_since
from consent.asking.domain.words import ABOUT_ADULTS, YES_BEFORE, today
from consent.asking.models import ConsentRound, Purpose, PurposeText
from consent.clearances.models import Clearance
from groups.models import Child, Guardianship, School
from groups.records.domain.ages import born_until, decides_alone
from groups.records.querysets.periods import at_school_at
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.looking import holds


class PurposeWords(NamedTuple):
    """A version of a purpose's words, in the reader's language."""

    number: int
    title: str
    text: str


@dataclass(frozen=True)
class PurposeChoice:
    """One purpose as a reader finds it: the words, the own answer, what it means today. Retired, it takes a no only.

    `is_asked`: it waits for an answer; with an answer of before it is asked again. `is_shown` is None for who would
    read another parent's answer in it: it is told to who decides alone, and after an own no or one of the child.
    """

    purpose: Purpose
    words: PurposeWords
    says: str
    is_asked: bool
    is_shown: bool | None
    has_new_words: bool = False

    @property
    def is_otherwise(self) -> bool:
        """Whether today holds what the own answer does not say: a yes that waits or lapsed, a no of the child."""
        return self.is_shown is not None and self.is_shown != (self.says == Says.YES)

    @property
    def today(self) -> Promise | None:
        """What the answer itself does not tell: what holds today, or that a yes of before is asked again."""
        if self.is_otherwise:
            return today(self.purpose.key, is_shown=bool(self.is_shown))
        return YES_BEFORE if self.is_asked_again and self.says == Says.YES else None

    @property
    def is_objection(self) -> bool:
        return self.purpose.basis == Basis.OBJECTION

    @property
    def is_asked_again(self) -> bool:
        return self.is_asked and self.says != ""


@dataclass(frozen=True)
class PersonChoices:
    """The choices about one person at a school: a child, or without one the reader.

    Without `may_choose` there are none: the parents of a child of 16 read so, and a pupil who is younger.
    `would_rather_not`: the child itself, of an age at which its parents are told (POL-45). `is_shielded`: nothing is
    asked, because photos and the name of this child never go.
    """

    school: School
    child: Child | None
    choices: list[PurposeChoice]
    may_choose: bool
    lapses_at: datetime | None
    would_rather_not: bool = False
    is_shielded: bool = False

    @property
    def uid(self) -> UUID:
        return self.child.uid if self.child else self.school.uid

    @property
    def asked_again(self) -> list[PurposeChoice]:
        return [choice for choice in self.choices if choice.is_asked_again]

    @property
    def has_new_words(self) -> bool:
        return any(choice.has_new_words for choice in self.asked_again)


def children_cards(*, actor: Actor) -> list[PersonChoices]:
    """A card for each child over which `actor` has authority, in order of name (POL-43)."""
    children = _parented(actor=actor)
    open_to = {child.pk for child in children if not decides_alone(child.birth_on, now=actor.now)}
    answers = _of_children(children=list(open_to), actor=actor) if open_to else []
    beside = set(_decided_beside(children=list(open_to), actor=actor)) if open_to else set()
    return _cards_about(children, open_to, answers, actor.now, beside)


@compiled
def _parented(actor: Actor) -> QuerySet[Child]:
    return Child.objects.parented_by(actor.wearing(Hat.ANY)).select_related("school").in_name_order()


@compiled
def _of_children(children: list[int], actor: Actor) -> QuerySet:
    """What `actor` said last about each of these children, as one who decides."""
    latest = Decision.objects.made_by(actor).filter(child__in=children).latest_of_holders()
    return latest.standing(now=actor.now).order_by("pk")


@compiled
def _decided_beside(children: list[int], actor: Actor) -> QuerySet[Guardianship, int]:
    """Of these children, those about whom somebody else than `actor` decides too."""
    others = Guardianship.objects.deciding().active(now=actor.now).filter(child__in=children)
    return others.exclude(caregiver__user=actor.user.pk).values_list("child", flat=True)


def own_cards(*, actor: Actor) -> list[PersonChoices]:
    """The cards about `actor`: as a pupil, from the 16th birthday on, and as an adult at each school (POL-46).

    Of a school that was left too, while photos stand there.
    """
    attended = _attended(actor=actor)
    left = at_school_at(photos_since(actor.now)) & ~Q(school__in=attended)
    here = at_school_at(actor.now) | left
    pupil = list(Child.objects.filter(here, user=actor.user.pk).select_related("school"))
    open_to = {child.pk for child in pupil if decides_alone(child.birth_on, now=actor.now)}
    answers, elsewhere = _of_oneself(actor=actor), {child.school_id for child in pupil}
    schools = [school for school in attended if school.pk not in elsewhere]
    return _cards_about(pupil, open_to, answers, actor.now) + _adult_cards(actor, schools, answers)


@compiled
def _of_oneself(actor: Actor) -> QuerySet:
    return Decision.objects.made_by(actor).own().latest_own().with_settled(now=actor.now).order_by("pk")


@compiled
def _attended(actor: Actor) -> QuerySet[School]:
    """The schools where `actor` chooses about the own image as an adult."""
    here = choosing_own_image(now=actor.now).filter(user=actor.user.pk).values("group__school")
    return School.objects.filter(pk__in=here).order_by("name", "pk")


def _cards_about(
    children: Sequence[Child],
    open_to: Collection[int],
    answers: list,
    now: datetime,
    beside: Collection[int] = (),
) -> list[PersonChoices]:
    apart = _apart(children=[child.pk for child in children], now=now) if children else []
    shielded = {pk for pk, is_shielded, _ in apart if is_shielded}
    reluctant = {pk for pk, _, is_told in apart if is_told}
    open_to = set(open_to) - shielded
    choosing = [child for child in children if child.pk in open_to]
    asking = _Asking({child.school_id for child in choosing}, answers, now)
    shown = _shown_children(choosing, asking.keys, now)
    cards = []
    for child in children:
        may_choose = child.pk in open_to
        choices = asking.choices(child.school_id, child.pk, shown[child.pk]) if may_choose else []
        lapses_at, rather_not = asking.lapses_at(child.school_id), child.pk in reluctant & open_to
        if child.pk in beside:
            choices = [_without_others(choice, rather_not=rather_not) for choice in choices]
        is_shielded = child.pk in shielded
        cards.append(PersonChoices(child.school, child, choices, may_choose, lapses_at, rather_not, is_shielded))
    return cards


@compiled
def _apart(children: list[int], now: datetime) -> QuerySet[Child, tuple[int, bool, bool]]:
    """Of each of these children: does the school shield it, and does the family read that it would rather not?"""
    same = OuterRef("pk")
    return Child.objects.filter(pk__in=children).values_list(
        "pk",
        Exists(Child.objects.shielded(now=now).filter(pk=same)),
        Exists(Reluctance.objects.told_to_family(now=now).filter(child=same)),
    )


def _without_others(choice: PurposeChoice, *, rather_not: bool) -> PurposeChoice:
    """This choice without what another parent's answer can be read from."""
    said_no = choice.says == Says.NO or (rather_not and choice.purpose.key in PICTURED)
    return replace(choice, is_shown=False if said_no else None)


def _adult_cards(actor: Actor, schools: Sequence[School], answers: list) -> list[PersonChoices]:
    asking = _Asking({school.pk for school in schools}, answers, actor.now)
    shown = _shown_adult(actor, schools, asking.keys & FOR_ADULTS)
    about = {school: _about_adult(asking.choices(school.pk, actor.user.pk, shown[school.pk])) for school in schools}
    return [
        PersonChoices(school, None, choices, may_choose=True, lapses_at=asking.lapses_at(school.pk))
        for school, choices in about.items()
    ]


def _about_adult(choices: Iterable[PurposeChoice]) -> list[PurposeChoice]:
    """What is asked of adults; the school's words are about a child, these are ours.

    Nothing that is asked no more: they are marked on a photo, or not on it, and it hides anyhow.
    """
    return [
        replace(choice, words=choice.words._replace(text=str(ABOUT_ADULTS[choice.purpose.key])))
        for choice in choices
        if choice.purpose.key in FOR_ADULTS and choice.purpose.retired_at is None
    ]


def is_waited_for(*, actor: Actor) -> bool:
    """Whether a school still waits for an answer of `actor` about an own child; one cheap question, on every feed."""
    return bool(_waiting(actor=actor, of_age=born_until(actor.now)))


@compiled
def _waiting(actor: Actor, of_age: date) -> QuerySet:
    """One guardianship for which `actor` has still to answer."""
    waiting = Purpose.objects.waiting_on(now=actor.now, of_age=of_age)
    return waiting.filter(caregiver__user=actor.user).values_list("pk")[:1]


class _Asking:
    """What these schools ask, with somebody's own answers: three questions, however many people it is about."""

    def __init__(self, schools: Collection[int], answers: list, now: datetime) -> None:
        self._purposes: dict[int, list[Purpose]] = defaultdict(list)
        for purpose in Purpose.objects.refusable(now=now).filter(school__in=schools):
            self._purposes[purpose.school_id].append(purpose)
        self._words = present_words(purpose.pk for asked in self._purposes.values() for purpose in asked)
        self._answers = {(row.child_id or row.adult_id, row.purpose_id): row for row in answers}
        rounds = ConsentRound.objects.open(now=now).filter(school__in=schools, lapses=True)
        self._lapses: dict[int, datetime] = dict(rounds.values_list("school", "closes_at"))

    @property
    def keys(self) -> set[str]:
        return {purpose.key for asked in self._purposes.values() for purpose in asked}

    def lapses_at(self, school: int) -> datetime | None:
        return self._lapses.get(school)

    def choices(self, school: int, person: int, shown: Collection[str]) -> list[PurposeChoice]:
        return [self._choice(purpose, person, purpose.key in shown) for purpose in self._purposes[school]]

    def _choice(self, purpose: Purpose, person: int, is_shown: bool) -> PurposeChoice:
        answer, words = self._answers.get((person, purpose.pk)), self._words[purpose.pk]
        return PurposeChoice(
            purpose,
            words,
            says=answer.says if answer else "",
            is_asked=_is_asked(purpose) and (answer is None or not answer.is_settled),
            is_shown=is_shown,
            has_new_words=answer is not None and answer.text_version != words.number,
        )


def _is_asked(purpose: Purpose) -> bool:
    return purpose.basis == Basis.CONSENT and purpose.retired_at is None


def present_words(purposes: Iterable[int]) -> dict[int, PurposeWords]:
    """The words that are read today, by purpose."""
    texts = PurposeText.objects.filter(purpose__in=list(purposes)).order_by("number")
    return {text.purpose_id: in_language(text) for text in texts}


def in_language(text: PurposeText) -> PurposeWords:
    """These words in the language of the page; Dutch unless somebody reads English."""
    language = "en" if (get_language() or "").startswith("en") else "nl"
    return PurposeWords(text.number, getattr(text, f"title_{language}"), getattr(text, f"text_{language}"))


def _shown_adult(actor: Actor, schools: Iterable[School], keys: Collection[str]) -> dict[int, set[str]]:
    """For what `actor` may be shown at each of these schools."""
    asked, here = tuple(sorted(keys)), [school.pk for school in schools]
    return _keys_shown(asked, _adult_shown(schools=here, keys=asked, actor=actor) if here else ())


@compiled
def _adult_shown(schools: list[int], keys: tuple[str, ...], actor: Actor) -> QuerySet:
    rules = [holds(Clearance.objects.shows_adult(key, adult="me", school="pk", now=actor.now)) for key in keys]
    return School.objects.filter(pk__in=schools).annotate(me=Value(actor.user.pk)).values_list("pk", *rules)


def _shown_children(children: Collection[Child], keys: Collection[str], now: datetime) -> dict[int, set[str]]:
    """For what each of these children may be shown now, by the rule that every photo asks."""
    asked, about = tuple(sorted(keys)), [child.pk for child in children]
    return _keys_shown(asked, _children_shown(children=about, keys=asked, now=now) if about else ())


@compiled
def _children_shown(children: list[int], keys: tuple[str, ...], now: datetime) -> QuerySet:
    rules = [holds(Clearance.objects.shows_child(key, child="pk", now=now)) for key in keys]
    return Child.objects.filter(pk__in=children).values_list("pk", *rules)


def _keys_shown(keys: Sequence[str], rows: Iterable[tuple]) -> dict[int, set[str]]:
    return {pk: set(compress(keys, shown)) for pk, *shown in rows}
