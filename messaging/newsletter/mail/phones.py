"""What a phone shows of new messages: the group and who wrote, and nothing of what it says."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import translation

from groups.models import NEWS
from groups.people.services.contact_choices import shown_on_phones
from groups.roles import Hat
from messaging.newsletter.mail.editions import by_edition
from messaging.newsletter.mail.gathering import LetterEntry, gather
from messaging.newsletter.models import DigestEdition
from messaging.writings.mail import joined_names
from messaging.writings.models import Seen
from portal.core.models import OutboxItem, User
from portal.core.outbox import Push, Withheld


def render_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """What each reader may see of the edition at this moment and has not had on a screen; one notice for all of it."""
    answers: dict[int, Push | Withheld] = {}
    uids = {row.subject_uid for row in rows}
    editions = DigestEdition.objects.select_related("school").in_bulk(uids, field_name="uid")
    for uid, letters in by_edition(rows).items():
        if edition := editions.get(uid):
            answers |= _answers(edition, letters, now)
    return [answers.get(row.pk, Withheld("the edition is gone")) for row in rows]


def _answers(edition: DigestEdition, letters: Sequence[OutboxItem], now: datetime) -> dict[int, Push | Withheld]:
    readers = [letter.recipient_id for letter in letters if letter.recipient_id]
    shown = shown_on_phones(users=readers, school=edition.school)
    gathered = gather(edition, {reader: kinds & set(NEWS) for reader, kinds in shown.items()}, now=now)
    entries = {reader: gathered.entries_for(reader) for reader in readers}
    posts = {entry.post.pk for theirs in entries.values() for entry in theirs}
    seen = set(Seen.objects.filter(user__in=readers, writing__in=posts).values_list("user", "writing"))
    answers: dict[int, Push | Withheld] = {}
    for letter in letters:
        reader = letter.recipient
        left = [one for one in entries[reader.pk] if (reader.pk, one.post.pk) not in seen] if reader else []
        nothing = Withheld("nothing left that the reader may see and has not seen")
        answers[letter.pk] = _push(edition, reader, left) if reader and left else nothing
    return answers


def _push(edition: DigestEdition, reader: User, entries: Sequence[LetterEntry]) -> Push:
    groups = dict.fromkeys(group.name for entry in entries for group in entry.groups)
    with translation.override(reader.language):
        feed = reverse("messaging:feed", args=[Hat.FAMILY])
        return Push(
            title=next(iter(groups)) if len(groups) == 1 else edition.school.name,
            body=joined_names(entry.post.author_name for entry in entries),
            path=reverse("messaging:post", args=[Hat.FAMILY, entries[0].post.uid]) if len(entries) == 1 else feed,
            tag=f"messages-{edition.uid}",
            language=reader.language,
        )
