"""For who wants no mail of their own about a conversation: a line in the weekly mail that something was said there."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import ContactChoice, NewsKind, Way
from groups.roles import Hat
from messaging.newsletter.models import DigestEdition
from messaging.newsletter.services.sections import Section, Words
from messaging.talks.models import ThreadGrant
from messaging.writings.models import Message, Seen
from portal.core.models import User


def readers(edition: DigestEdition, now: datetime) -> QuerySet[User]:
    """Who chose the weekly mail for this and is in a conversation where something was said."""
    weekly = ContactChoice.objects.wanting(Way.WEEKLY, kind=NewsKind.TALKS, school=edition.school)
    rights = ThreadGrant.objects.reading(_said(edition), now=now, hat=Hat.FAMILY)
    return User.objects.filter(weekly, pk__in=rights.values("user"))


def unread(edition: DigestEdition, users: Collection[int], now: datetime) -> Mapping[int, Words]:
    """In how many conversations each of them, of who chose so, has not read what others said in those days."""
    weekly = User.objects.filter(
        ContactChoice.objects.wanting(Way.WEEKLY, kind=NewsKind.TALKS, school=edition.school), pk__in=users
    )
    said = {message.pk: message for message in _said(edition)}
    rights: QuerySet = ThreadGrant.objects.filter(user__in=weekly).reading(list(said), now=now, hat=Hat.FAMILY)
    reading = set(rights.values_list("user", "message"))
    seen = set(Seen.objects.filter(user__in=weekly, writing__in=said).values_list("user", "writing"))
    threads: dict[int, set[int | None]] = defaultdict(set)
    for user, pk in reading - seen:
        if said[pk].author_id != user:
            threads[user].add(said[pk].thread_id)
    return {user: partial(_section, len(there)) for user, there in threads.items()}


def _said(edition: DigestEdition) -> QuerySet[Message]:
    return Message.objects.filter(
        thread__school=edition.school,
        state="published",
        published_at__gt=edition.window_from,
        published_at__lte=edition.cut_at,
    )


def _section(number: int) -> Section:
    """No name and no word of it: it is about a child."""
    words = ngettext(
        "In one conversation there is something you have not read.",
        "In %(number)s conversations there is something you have not read.",
        number,
    )
    url = settings.KRING_BASE_URL + reverse("messaging:threads", args=[Hat.FAMILY])
    return Section(_("Messages to you"), ((words % {"number": number}, url),))
