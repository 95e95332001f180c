"""Forms that are sent once: double click, retry and the back button make one row (W1, W10)."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from portal.core.models import Submission, User


class AlreadySubmittedError(Exception):
    """The same form came in before; carries what the first one made."""

    def __init__(self, subject_kind: str, subject_uid: UUID) -> None:
        super().__init__(subject_kind)
        self.subject_kind = subject_kind
        self.subject_uid = subject_uid


def claim(*, user: User, key: UUID, subject_kind: str, subject_uid: UUID, now: datetime) -> None:
    """Claim the form's key inside the transaction of its write; raises `AlreadySubmittedError` for the second."""
    try:
        with transaction.atomic():
            Submission.objects.create(
                user=user, key=key, subject_kind=subject_kind, subject_uid=subject_uid, created_at=now
            )
    except IntegrityError:
        first = Submission.objects.get(user=user, key=key)
        raise AlreadySubmittedError(first.subject_kind, first.subject_uid) from None
