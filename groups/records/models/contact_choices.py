"""How each person wants to hear from a school."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from groups.records.models.schools import School
from groups.records.querysets.contact_choices import ContactChoiceQuerySet
from portal.core.taking import TakenAway


class Way(models.TextChoices):
    """How something of school reaches a parent by mail (POL-50)."""

    MESSAGE = "message", _("At once")
    WEEKLY = "weekly", _("In the weekly mail")
    NONE = "none", _("No mail")


class NewsKind(models.TextChoices):
    """What a parent chooses about, each by itself: what asks something, what tells something, and who writes."""

    ASKS = "asks", _("What you have to do or answer")
    STORIES = "stories", _("Stories of the group")
    SCHOOL = "school", _("News of the whole school")
    TALKS = "conversations", _("Messages to you")


NEWS = (NewsKind.ASKS, NewsKind.STORIES, NewsKind.SCHOOL)
"""What stands on the pages of groups; what is said in a conversation is written to this person."""
UNCHOSEN: Mapping[str, str] = {
    NewsKind.ASKS: Way.MESSAGE,
    NewsKind.STORIES: Way.WEEKLY,
    NewsKind.SCHOOL: Way.WEEKLY,
    NewsKind.TALKS: Way.MESSAGE,
}
"""What holds for who never chose: nothing that is asked is missed, and one mail a week for the rest."""
UNCHOSEN_ON_PHONE: Mapping[str, bool] = {
    NewsKind.ASKS: True,
    NewsKind.STORIES: False,
    NewsKind.SCHOOL: False,
    NewsKind.TALKS: True,
}
"""The same on a phone that was turned on: at once what is asked and who writes, and nothing else."""


class ContactChoice(models.Model):
    """How somebody wants to hear one kind of thing from a school; who never chose, as `UNCHOSEN` says.

    `on_phone`: whether own phones show it at once; None: as `UNCHOSEN_ON_PHONE` says.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_choices")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NewsKind.choices)
    way = models.CharField(max_length=10, choices=Way.choices)
    on_phone = models.BooleanField(null=True)
    chosen_at = models.DateTimeField()

    unchosen = UNCHOSEN
    unchosen_on_phone = UNCHOSEN_ON_PHONE
    takes_away = TakenAway(
        states={"way": ("weekly", "none")},
        flags={"on_phone": False},
        made={"way": "none"},
        same=("user", "school", "kind"),
    )
    objects: ClassVar[ContactChoiceQuerySet] = ContactChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "school", "kind"], name="groups_contactchoice_each_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.way}"
