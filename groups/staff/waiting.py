"""What comes back once a year, on the desk of the directie: who can see what, and who sits in the councils."""

from collections.abc import Mapping, Sequence

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.records.models.schools import Group, GroupKind, School
from groups.records.models.truth import CouncilSeat
from groups.records.querysets.schools import GroupQuerySet, SchoolQuerySet
from groups.roles import DIRECT
from groups.staff.services.councils import held_seats
from groups.staff.services.overview import EACH
from portal.core.actor import Actor
from portal.core.excerpts import Excerpt
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> SchoolQuerySet[School]:
    """Schools for which nobody signed for a year; a school that opened has a year for the first time."""
    rows: SchoolQuerySet[School] = School.objects.directed_by(actor)
    since = Coalesce("looked_over_at", "opened_at")
    over = ExpressionWrapper(since + Value(EACH), output_field=DateTimeField())
    return rows.annotate(signed_over=over).filter(signed_over__lte=actor.now)


def _lines(rows: Sequence[School], actor: Actor) -> Mapping[int, Line]:
    page = reverse("groups:overview")
    return {
        school.pk: Line(
            _("Who can see what: not looked at for a year"),
            "",
            gettext_lazy("Look"),
            f"{page}?school={school.uid}",
            school.name,
        )
        for school in rows
    }


def _this_year(actor: Actor) -> GroupQuerySet[Group]:
    """The councils of this year of the schools that `actor` directs."""
    year = {"school_year__starts_at__lte": actor.now, "school_year__ends_at__gt": actor.now}
    schools = School.objects.keys_of(actor, DIRECT)
    rows: GroupQuerySet[Group] = Group.objects.filter(school__in=schools, kind=GroupKind.COUNCIL, **year)
    return rows


def _empty_councils(actor: Actor) -> GroupQuerySet[Group]:
    """Those without anybody who belongs to the school still, in which somebody sat when the year before was over.

    Until the archive of that year closes: a council that is no more is not asked for without an end.
    """
    seats = held_seats(now=actor.now).filter(group=OuterRef("pk"))
    before = CouncilSeat.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=F("group__school_year__ends_at")),
        group__school=OuterRef("school"),
        group__roster_key=OuterRef("roster_key"),
        group__school_year__ends_at=OuterRef("school_year__starts_at"),
        group__school_year__archive_until__gt=actor.now,
    )
    return _this_year(actor).filter(~Exists(seats), Exists(before))


def _councils(rows: Sequence[Group], actor: Actor) -> Mapping[int, Line]:
    page = reverse("groups:council")
    return {
        group.pk: Line(
            _("%(council)s: nobody sits in it yet this school year") % {"council": group.name},
            "",
            gettext_lazy("Choose"),
            f"{page}?school={group.school.uid}",
            group.school.name,
        )
        for group in rows
    }


QUEUES = (
    Queue(
        "councils",
        "users",
        _empty_councils,
        Excerpt(Group, "name", "school__uid", "school__name"),
        _councils,
        since="school_year__starts_at",
        some=_this_year,
    ),
    Queue("overview", "eye", _rows, Excerpt(School, "uid", "name"), _lines, since="signed_over"),
)
