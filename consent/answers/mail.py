"""The mails about consent, made when they leave: what was chosen, and what is still asked. No child in a subject."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from consent.answers.models import Decision
from consent.answers.services.choices import in_language
from consent.asking.domain.rounds import RoundMail
from consent.asking.models import ConsentRound, Purpose, PurposeText
from consent.asking.querysets import deciding_guardianships
from consent.asking.services.letters import asked_about_oneself, waiting_in
from groups.models import Child, School
from portal.core.domain.moments import SLOT
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld
from portal.core.words import listed

SUBJECTS: dict[str, Promise] = {
    RoundMail.OPENED: gettext_lazy("%(school)s asks: what may we show?"),
    RoundMail.HALF_WAY: gettext_lazy("%(school)s asks: do you still want to choose?"),
    RoundMail.LAST_DAY: gettext_lazy("%(school)s asks: will you choose today?"),
    RoundMail.ENTRY: gettext_lazy("%(school)s asks: what may we show?"),
    RoundMail.REMINDER: gettext_lazy("%(school)s asks: do you still want to choose?"),
}
Texts = Mapping[tuple[int, int], PurposeText]


def render_receipts(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """What each reader chose at a school within ten minutes, as it stood at their end; about children still theirs."""
    ends = {row.pk: _end_of(row) for row in rows}
    users = [row.recipient_id for row in rows if row.recipient_id]
    chosen = _chosen(users, since=min(ends.values()) - SLOT, until=max(ends.values()), now=now)
    texts = _texts({decision.purpose_id for decision in chosen})
    for row in rows:
        end = ends[row.pk]
        there = [one for one in chosen if (one.recorded_by_id, one.school.uid) == (row.recipient_id, row.school_uid)]
        mine = [one for one in there if end - SLOT <= one.decided_at < end]
        yield _receipt(row.recipient, mine, texts) if mine and row.recipient else Withheld("not theirs any more")


def _end_of(row: OutboxItem) -> datetime:
    return datetime.fromtimestamp(int(row.dedupe_key.rsplit(":", 1)[1]), UTC)


def _chosen(users: Collection[int], *, since: datetime, until: datetime, now: datetime) -> list[Decision]:
    """The answers these users gave themselves in that time, in order; none about a child that is no longer theirs."""
    rows = Decision.objects.filter(recorded_by__in=users, decided_at__gte=since, decided_at__lt=until, paper=None)
    theirs = set(Child.objects.visible_pairs(users, now=now))
    return [
        row
        for row in rows.select_related("child", "school", "purpose").order_by("pk")
        if row.caregiver_id is None or (row.recorded_by_id, row.child_id) in theirs
    ]


def _receipt(reader: User, chosen: Sequence[Decision], texts: Texts) -> Mail:
    with translation.override(reader.language):
        people: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
        # Who chose about nobody but himself is staff or a pupil, mostly: that mail says "je".
        is_about_children = any(one.caregiver_id for one in chosen)
        yourself = _("Yourself") if is_about_children else pgettext("to staff", "Yourself")
        for one in chosen:
            name = one.child.first_name if one.child else yourself
            title = in_language(texts[one.purpose_id, one.text_version]).title
            people[name][one.purpose_id] = (title, one.says)
        heading = _("What you chose in Kring") if is_about_children else _("Your own image in Kring")
        context = {
            "heading": heading,
            "is_about_children": is_about_children,
            "people": [(name, list(answers.values())) for name, answers in people.items()],
            "url": _link("consent:choices" if is_about_children else "consent:own_choices"),
            **_of_school(chosen[-1].school),
        }
        return _mail("consent_receipt", heading, context)


@dataclass(frozen=True)
class _AskedOf:
    """What a round, or a school of somebody who came in, asks of these readers: children by name, by reader.

    `about_themselves`: of these readers a yes about the own image is asked again.
    """

    school: School
    round: ConsentRound | None
    waiting: dict[int, list[str]]
    everybody: dict[int, list[str]]
    answers: dict[int, dict[str, list[tuple[tuple[int, int], str]]]]
    about_themselves: set[int]

    def is_over(self, now: datetime) -> bool:
        return self.round is not None and self.round.closes_at <= now

    @property
    def purposes(self) -> set[int]:
        """Of the answers, which are named with the words that were read."""
        return {words[0] for names in self.answers.values() for asked in names.values() for words, _ in asked}


def render_letters(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """A letter that asks, only to who decides at `now`; after the opening only to who has still to answer.

    About the own image only to whose yes is asked again.
    """
    users = [row.recipient_id for row in rows if row.recipient_id]
    asked = {uid: _asked(uid, users, now) for uid in dict.fromkeys(row.subject_uid for row in rows)}
    texts = _texts(purpose for what in asked.values() for purpose in what.purposes)
    for row in rows:
        what, letter = asked[row.subject_uid], RoundMail(row.kind)
        readers = what.everybody if letter == RoundMail.OPENED else what.waiting
        is_family = row.recipient_id in readers
        if row.recipient and (is_family or row.recipient_id in what.about_themselves) and not what.is_over(now):
            yield _letter(letter if is_family else RoundMail.OPENED, row.recipient, what, texts, is_family=is_family)
        else:
            yield Withheld("answered, over, or not theirs any more")


def _asked(uid: UUID, users: Collection[int], now: datetime) -> _AskedOf:
    opened = ConsentRound.objects.filter(uid=uid).select_related("school").first()
    school = opened.school if opened else School.objects.get(uid=uid)
    waiting = waiting_in(opened, now=now) if opened else Purpose.objects.asked().waiting_on(now=now)
    theirs = set(Child.objects.filter(school=school).visible_pairs(users, now=now))
    return _AskedOf(
        school,
        opened,
        _by_reader(waiting.filter(child__school=school), users, theirs),
        _by_reader(deciding_guardianships(now=now).filter(child__school=school), users, theirs),
        _answers(school, users, theirs, now),
        set(asked_about_oneself(opened, now=now).filter(pk__in=users).values_list("pk", flat=True))
        if opened
        else set(),
    )


def _by_reader(guardianships: QuerySet, users: Collection[int], theirs: set[object]) -> dict[int, list[str]]:
    rows = guardianships.filter(caregiver__user__in=users).order_by("child__first_name", "child")
    subjects: dict[int, list[str]] = defaultdict(list)
    for user, child, name in rows.values_list("caregiver__user", "child", "child__first_name"):
        if (user, child) in theirs:
            subjects[user].append(name)
    return subjects


def _answers(
    school: School, users: Collection[int], theirs: set[object], now: datetime
) -> dict[int, dict[str, list[tuple[tuple[int, int], str]]]]:
    """The present answers of each reader, by child: which words, and what was said."""
    rows = Decision.objects.filter(child__school=school, caregiver__user__in=users, purpose__retired_at=None)
    rows = rows.of_holders(now=now).latest_of_holders().order_by("child__first_name", "child", "purpose__position")
    answers: dict[int, dict[str, list[tuple[tuple[int, int], str]]]] = defaultdict(lambda: defaultdict(list))
    columns = ("caregiver__user", "child", "child__first_name", "purpose", "text_version", "says")
    for user, child, name, purpose, number, says in rows.values_list(*columns):
        if (user, child) in theirs:
            answers[user][name].append(((purpose, number), says))
    return answers


def _letter(letter: RoundMail, reader: User, asked: _AskedOf, texts: Texts, *, is_family: bool) -> Mail:
    with translation.override(reader.language):
        names = asked.waiting.get(reader.pk, [])
        answers = asked.answers.get(reader.pk, {}) if is_family and letter == RoundMail.OPENED else {}
        subject = " ".join((str(SUBJECTS[letter]) % {"school": asked.school.name}).split())
        context = {
            "heading": subject,
            "names": listed(names),
            "is_waiting": bool(names),
            "people": [
                (name, [(in_language(texts[words]).title, says) for words, says in answer])
                for name, answer in answers.items()
            ],
            "last_day": asked.round.closes_at - timedelta.resolution if asked.round else None,
            "lapses": bool(asked.round and asked.round.lapses),
            "is_family": is_family,
            "is_about_oneself": reader.pk in asked.about_themselves,
            "own_url": _link("consent:own_choices"),
            "url": _link("consent:choices" if is_family else "consent:own_choices"),
            **_of_school(asked.school),
        }
        return _mail("consent_letter", subject, context)


def _texts(purposes: Iterable[int]) -> Texts:
    texts = PurposeText.objects.filter(purpose__in=set(purposes))
    return {(text.purpose_id, text.number): text for text in texts}


def _of_school(school: School) -> dict[str, str]:
    return {"school": school.name, "school_phone": school.phone}


def _link(name: str) -> str:
    return settings.KRING_BASE_URL + reverse(name)


def _mail(template: str, subject: str, context: Mapping[str, object]) -> Mail:
    return Mail(
        subject=subject,
        text=render_to_string(f"emails/{template}.txt", context),
        html=render_to_string(f"emails/{template}.html", context),
    )
