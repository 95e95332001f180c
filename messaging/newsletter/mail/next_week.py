"""What is in the agenda in the seven days after a weekly mail, below its messages."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from functools import partial, reduce
from operator import or_

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agenda.models import Event
from agenda.planning.domain import Dated, in_order
from agenda.planning.services.together import agenda_of_families
from groups.models import NEWS, ContactChoice, Way
from groups.roles import Hat
from messaging.newsletter.models import DigestEdition
from messaging.newsletter.services.sections import Section, Words
from portal.core.domain.moments import at_school
from portal.core.models import User

DAYS = timedelta(days=7)


def readers(edition: DigestEdition, now: datetime) -> QuerySet[User]:
    """Who has the weekly mail for some news of this school, and something in the agenda of those days."""
    first, last = _days(edition)
    events = Event.objects.filter(school=edition.school).between(first, last)
    pairs = events.visible_pairs(User.objects.all(), now=now, hat=Hat.FAMILY)
    return _who_has_news(edition).filter(pk__in=pairs.values_list("reader", flat=True))


def _who_has_news(edition: DigestEdition) -> QuerySet[User]:
    """Who has the weekly mail for some news of this school, and not for conversations alone."""
    wanting = ContactChoice.objects.wanting
    return User.objects.filter(reduce(or_, (wanting(Way.WEEKLY, kind=kind, school=edition.school) for kind in NEWS)))


def coming(
    edition: DigestEdition, users: Collection[int], now: datetime, *, hat: Hat = Hat.FAMILY
) -> Mapping[int, Words]:
    """By reader in this hat what is coming, days off among it. Of families only to who has news in this mail."""
    first, last = _days(edition)
    if hat == Hat.FAMILY:
        users = list(_who_has_news(edition).filter(pk__in=users).values_list("pk", flat=True))
    agenda = agenda_of_families(users, school=edition.school, first=first, last=last, now=now, hat=hat)
    return {user: partial(_section, tuple(in_order(dated)), first, hat) for user, dated in agenda.items() if dated}


def _days(edition: DigestEdition) -> tuple[date, date]:
    day = at_school(edition.cut_at).date()
    return day + timedelta(days=1), day + DAYS


def _section(dated: tuple[Dated, ...], first: date, hat: Hat) -> Section:
    return Section(_("In the agenda"), tuple((_words(one, first), _url(one, hat)) for one in dated))


def _words(one: Dated, first: date) -> str:
    """The day, the hour, what it is and where."""
    day = date_format(max(one.first_day, first), _("l j F"))
    clock = render_to_string("agenda/_clock.html", {"at": one}).strip()
    words = f"{', '.join(filter(None, (day, clock)))}: {' · '.join(filter(None, (str(one.title), one.place)))}"
    if one.is_off:
        return _("%(what)s (no school)") % {"what": words}
    return _("%(what)s (cancelled)") % {"what": words} if one.is_cancelled else words


def _url(one: Dated, hat: Hat) -> str:
    path = reverse(one.page, args=[hat, one.uid]) if one.page else reverse("agenda:coming", args=[hat])
    return settings.KRING_BASE_URL + path
