"""The mails that gather messages: the weekly newsletter, and what came in for who wants a mail per message."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from groups.models import Way
from groups.people.services.contact_choices import ways_of
from messaging.newsletter.mail.composing import Composer
from messaging.newsletter.mail.gathering import gather
from messaging.newsletter.models import DigestEdition, EditionKind
from messaging.newsletter.services.register import SentPost, keep
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld

_WAYS = {EditionKind.WEEKLY.value: Way.WEEKLY, EditionKind.MESSAGE.value: Way.MESSAGE}


def render_edition(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """What each reader may see of the edition at this moment, set-wise; the register keeps which versions went in."""
    answers: dict[int, Mail | Withheld] = {}
    register: list[SentPost] = []
    editions = DigestEdition.objects.select_related("school").in_bulk(
        {row.subject_uid for row in rows}, field_name="uid"
    )
    for uid, letters in _by_edition(rows).items():
        if edition := editions.get(uid):
            _render(edition, letters, now, answers, register)
    keep(register)
    return [answers.get(row.pk, Withheld("the edition is gone")) for row in rows]


def _by_edition(rows: Sequence[OutboxItem]) -> dict[UUID, list[OutboxItem]]:
    rows_of: dict[UUID, list[OutboxItem]] = defaultdict(list)
    for row in rows:
        rows_of[row.subject_uid].append(row)
    return rows_of


def _render(
    edition: DigestEdition,
    letters: Sequence[OutboxItem],
    now: datetime,
    answers: dict[int, Mail | Withheld],
    register: list[SentPost],
) -> None:
    readers = [letter.recipient_id for letter in letters if letter.recipient_id]
    ways = ways_of(users=readers, school=edition.school)
    wanting = [reader for reader in readers if ways[reader] == _WAYS[edition.kind]]
    gathered = gather(edition, wanting, now=now)
    composers: dict[str, Composer] = {}
    for letter in letters:
        if letter.recipient is None or ways[letter.recipient.pk] != _WAYS[edition.kind]:
            answers[letter.pk] = Withheld("the reader chose otherwise")
        elif entries := gathered.entries_for(letter.recipient.pk):
            language = letter.recipient.language
            composer = composers.setdefault(language, Composer(edition, language))
            answers[letter.pk] = composer.compose(letter.recipient, entries)
            register += [SentPost(letter.pk, letter.attempts, entry.post.pk, entry.post.version) for entry in entries]
        else:
            answers[letter.pk] = Withheld("nothing left that the reader may see")
