"""Forms that are sent once: double click, retry and the back button make one row (W1, W10).

Other words in the same form are another one. Example: the office types over a form of Noor's mother, goes back, chooses
her father and his answers: his are kept as well.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import connection
from django.db.models import QuerySet

from portal.core.domain.chain import digest
from portal.core.models import Submission, User

AGAIN = timedelta(minutes=10)


class AlreadySubmittedError(Exception):
    """The same form came in before; carries what the first one made."""

    def __init__(self, subject_kind: str, subject_uid: UUID) -> None:
        super().__init__(subject_kind)
        self.subject_kind = subject_kind
        self.subject_uid = subject_uid


def claim(
    *,
    user: User,
    key: UUID,
    subject_kind: str,
    subject_uid: UUID,
    now: datetime,
    said: object = None,
    same: QuerySet | None = None,
    taken_back: QuerySet | None = None,
) -> None:
    """Claim the form's key inside the transaction of its write; raises `AlreadySubmittedError` for the second.

    `said` is what the form holds, the same value each time it holds the same: with another value it is another form.
    `same` finds what `user` placed there in the same words: within ten minutes of its `published_at` that is the same
    form too, sent after Back under a new key. `taken_back` finds what `user` took back there since: that does not
    stand any more, and the same form places it anew.
    """
    first_words = same.filter(published_at__gt=now - AGAIN).order_by("pk").first() if same is not None else None
    if first_words:
        raise AlreadySubmittedError(subject_kind, first_words.uid)
    subject = {"subject_kind": subject_kind, "subject_uid": subject_uid, "created_at": now, "said": _digest(said)}
    each = key
    while not _is_first(Submission(user=user, key=each, **subject)):
        first = Submission.objects.get(user=user, key=each)
        if first.said not in ("", subject["said"]):
            each = key_of(each, said)
        elif taken_back is not None and taken_back.filter(uid=first.subject_uid).exists():
            each = uuid5(each, str(first.subject_uid))
        else:
            raise AlreadySubmittedError(first.subject_kind, first.subject_uid)


def key_of(key: UUID, said: object) -> UUID:
    """The key of the form with this key, where it holds something else than it did the first time."""
    return uuid5(key, _digest(said))


def _digest(said: object) -> str:
    return digest(repr(said).encode())


def _is_first(claimed: Submission) -> bool:
    """Whether it was put there now. One statement: a refused one would end the transaction that it is part of."""
    fields = [field for field in Submission._meta.local_concrete_fields if not field.primary_key]
    statement = (
        f"INSERT INTO {Submission._meta.db_table} ({', '.join(str(field.column) for field in fields)}) "  # noqa: S608
        f"VALUES ({', '.join('%s' for _ in fields)}) ON CONFLICT (user_id, key) DO NOTHING"
    )
    values = [field.get_db_prep_save(field.value_from_object(claimed), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount == 1


def is_claimed(*, user: User, key: str) -> bool:
    """Whether a form of this person with this key came in; what is no key counts as none."""
    try:
        return Submission.objects.filter(user=user, key=UUID(key)).exists()
    except ValueError:
        return False
