"""What families answered to what a message asks."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from groups.models import Child
from messaging.asks.domain import CHOSE, DONE, MAYBE, NO, PASS, YES, GivenAnswer
from messaging.asks.querysets import AskAnswerQuerySet, HelperQuerySet, OfAMessageQuerySet, VoterQuerySet
from messaging.writings.models import Writing
from portal.core.taking import TakenAway

PHONE_LIMIT = 30


class AskAnswer(models.Model):
    """One person's answer about one child. What stands for the child follows from all of them (`domain.what_stands`).

    `user` gave it, which nobody reads: a no stays until its giver changes it. A tick (`done`) and "not this time"
    (`pass`) are their giver's only. `chosen`: the places of what was chosen, from one on, with spaces between. `heads`:
    with how many they come.
    """

    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="ask_answers")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=5, choices=[(one, one) for one in (YES, NO, MAYBE, DONE, CHOSE, PASS)])
    chosen = models.CharField(max_length=24, blank=True, default="", db_default="")
    heads = models.PositiveSmallIntegerField(default=0, db_default=0)
    answered_at = models.DateTimeField()

    takes_away = TakenAway(gone=True)
    objects: ClassVar[AskAnswerQuerySet] = AskAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["writing", "child", "user"], name="messaging_askanswer_one_each")
        ]

    def __str__(self) -> str:
        return f"{self.answer} to {self.writing_id}"

    @property
    def said(self) -> GivenAnswer:
        return said_in(self.answer, self.chosen, self.heads)


def said_in(answer: str, chosen: str, heads: int) -> GivenAnswer:
    """What the columns of an answer say."""
    return GivenAnswer(answer, tuple(map(int, chosen.split())), heads)


class Voter(models.Model):
    """That somebody voted, so that nobody votes twice. No moment, and no way to what was chosen.

    `writing`: the first of those that were written together, which stands for all of them.
    """

    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="voters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[VoterQuerySet] = VoterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writing", "user"], name="messaging_voter_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.writing_id}"


class VoteTally(models.Model):
    """How often something was chosen. Counted up; there is no row for what one person chose."""

    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="tallies")
    option = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writing", "option"], name="messaging_votetally_once")]

    def __str__(self) -> str:
        return f"{self.option}: {self.count}"


class Helper(models.Model):
    """Somebody who signed on for a task: on a place of it, or waiting in the order of the rows where `place` is empty.

    `writing`: the first of those that were written together; `task`: its place in the list, from one on. Each place is
    taken once, whoever comes in the same second. `phone`: where this person wants the others of this task to see it;
    gone the day after.
    """

    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="helpers")
    task = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    phone = models.CharField(max_length=PHONE_LIMIT, blank=True)

    takes_away = TakenAway(gone=True, replaced={"phone": ""})
    objects: ClassVar[HelperQuerySet] = HelperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["writing", "task", "place"], name="messaging_helper_place_once"),
            models.UniqueConstraint(fields=["writing", "task", "user"], name="messaging_helper_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.task} of {self.writing_id}"


class EventSeat(models.Model):
    """One of the places where there is room for so many: of a child that comes, and of who comes with it.

    `writing`: the first of those that were written together. Each place is taken once, whoever answers in the same
    second.
    """

    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="event_seats")
    number = models.PositiveSmallIntegerField()
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[OfAMessageQuerySet] = OfAMessageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writing", "number"], name="messaging_eventseat_once")]

    def __str__(self) -> str:
        return f"{self.number} of {self.writing_id}"
