"""What families answered to what a message asks."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from groups.models import Child
from messaging.asks.domain import DONE, MAYBE, NO, YES
from messaging.asks.querysets import AskAnswerQuerySet
from messaging.writings.models import Writing
from portal.core.taking import TakenAway


class AskAnswer(models.Model):
    """One person's answer about one child. What stands for the child follows from all of them (`domain.stands`).

    `user` gave it, which nobody reads: a no stays until its giver changes it. A tick (`done`) is its giver's
    only.
    """

    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="ask_answers")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=5, choices=[(one, one) for one in (YES, NO, MAYBE, DONE)])
    answered_at = models.DateTimeField()

    takes_away = TakenAway(gone=True)
    objects: ClassVar[AskAnswerQuerySet] = AskAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["writing", "child", "user"], name="messaging_askanswer_one_each")
        ]

    def __str__(self) -> str:
        return f"{self.answer} to {self.writing_id}"
