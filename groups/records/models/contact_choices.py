"""How each person wants to hear from a school."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from groups.records.models.schools import School
from groups.records.querysets import ContactChoiceQuerySet
from portal.core.taking import TakenAway


class Way(models.TextChoices):
    """How news of school reaches a parent (POL-50); what somebody writes to that parent alone is mailed always."""

    WEEKLY = "weekly", _("One mail a week")
    MESSAGE = "message", _("A mail for each message")
    NONE = "none", _("No mail with news")


class ContactChoice(models.Model):
    """How somebody wants to hear from a school; who never chose gets the weekly newsletter."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_choices")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    way = models.CharField(max_length=10, choices=Way.choices)
    chosen_at = models.DateTimeField()

    takes_away = TakenAway(states=("way", ("weekly", "none")), made={"way": "none"}, same=("user", "school"))
    objects: ClassVar[ContactChoiceQuerySet] = ContactChoiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "school"], name="groups_contactchoice_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.way}"
