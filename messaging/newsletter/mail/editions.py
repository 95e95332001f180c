"""The mails that gather messages: the weekly newsletter, and what came in for who wants a mail per message."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from groups.models import NewsKind, Way
from groups.people.mail import CHOSE_OTHERWISE
from groups.people.services.contact_choices import ways_of
from messaging.newsletter.mail.composing import Composer
from messaging.newsletter.mail.gathering import gather
from messaging.newsletter.models import DigestEdition, EditionKind
from messaging.newsletter.services.forewords import foreword_to_send
from messaging.newsletter.services.register import SentPost, keep, note_leaving
from messaging.newsletter.services.sections import sections_for
from messaging.newsletter.services.went_over import NOBODY, went_over
from portal.core.models import OutboxItem
from portal.core.outbox import ToMake, Withheld

_WAYS = {EditionKind.WEEKLY.value: Way.WEEKLY, EditionKind.MESSAGE.value: Way.MESSAGE}
"""In which way somebody has to hear of something for it to stand in an edition of that kind."""


def render_edition(rows: Sequence[OutboxItem], now: datetime) -> Iterable[ToMake | Withheld]:
    """What each reader may see of the edition at this moment, set-wise; the register keeps which versions went in."""
    answers: dict[int, ToMake | Withheld] = {}
    editions = DigestEdition.objects.select_related("school").in_bulk(
        {row.subject_uid for row in rows}, field_name="uid"
    )
    for uid, letters in by_edition(rows).items():
        if edition := editions.get(uid):
            note_leaving(edition=edition, now=now)
            keep(_render(edition, letters, now, answers))
    return [answers.get(row.pk, Withheld("the edition is gone")) for row in rows]


def by_edition(rows: Sequence[OutboxItem]) -> dict[UUID, list[OutboxItem]]:
    """These rows, by the edition that each is about."""
    rows_of: dict[UUID, list[OutboxItem]] = defaultdict(list)
    for row in rows:
        rows_of[row.subject_uid].append(row)
    return rows_of


def _render(
    edition: DigestEdition,
    letters: Sequence[OutboxItem],
    now: datetime,
    answers: dict[int, ToMake | Withheld],
) -> list[SentPost]:
    readers = [letter.recipient_id for letter in letters if letter.recipient_id]
    ways = ways_of(users=readers, school=edition.school)
    way = _WAYS[edition.kind]
    wanting = {reader: {kind for kind in NewsKind if ways[reader][kind] == way} for reader in readers}
    is_weekly = way == Way.WEEKLY
    hearing = {reader for reader in readers if wanting[reader]}
    reminded = {reader for reader in hearing if is_weekly and ways[reader][NewsKind.ASKS] == Way.MESSAGE}
    changed = went_over(edition, now=now, users=readers) if is_weekly else NOBODY
    hearing |= {reader for reader, _ in changed.left}
    gathered = gather(edition, {reader: wanting[reader] for reader in hearing}, reminded, changed, now=now)
    sections = sections_for(edition, [*wanting], now) if is_weekly else {}
    foreword = foreword_to_send(edition.school, edition.name, now=now) if is_weekly else None
    composers: dict[str, Composer] = {}
    register: list[SentPost] = []
    for letter in letters:
        if letter.recipient is None or letter.recipient.pk not in hearing:
            answers[letter.pk] = Withheld(CHOSE_OTHERWISE)
        elif (entries := gathered.entries_for(letter.recipient.pk)) or letter.recipient.pk in sections:
            language = letter.recipient.language
            composer = composers.setdefault(language, Composer(edition, language, foreword))
            more = sections.get(letter.recipient.pk, ())
            has_news = bool(entries) or any(one.is_news for one in more)
            words = [one.words for one in more]
            answers[letter.pk] = partial(composer.compose, letter.recipient, entries, words, has_news=has_news)
            said = [entry.post for entry in entries if not entry.is_spared]
            register += [SentPost(letter.pk, letter.attempts, post.pk, post.version) for post in said]
        else:
            answers[letter.pk] = Withheld("nothing left that the reader may see")
    return register
