"""The people of the school as its directie finds them: children, who belongs to them, and the staff."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.models import Child, Group, Guardianship, Level, StaffMember
from groups.people.services.families import classes_by_child
from moderation.desk.services.desk import admissions_at, children_at, staff_at
from moderation.desk.views.facets import Facet
from moderation.desk.views.listing import DeskList, DeskRow, what_happened
from portal.core.addresses import address
from portal.core.request import SignedInRequest

SCHOOL = Facet(gettext_lazy("School"), "school", "school__uid", "school__name")
LEVEL_OF_ADULT = Facet(gettext_lazy("Authority"), "gezag", "level", words=dict(Level.choices))


class ChildList(DeskList[Child]):
    slug = "kinderen"
    name = gettext_lazy("Children")
    says = gettext_lazy("Every child of the school, with its group.")
    scope = staticmethod(children_at)
    has_page = False
    facets = (SCHOOL,)
    search_fields = ("first_name", "last_name")
    ordering = ("first_name", "last_name")

    def lines_of(self, request: SignedInRequest, rows: Sequence[Child]) -> list[DeskRow]:
        groups = classes_by_child((child.pk for child in rows), now=request.now)
        return [self._line(child, groups.get(child.pk)) for child in rows]

    def _line(self, child: Child, group: Group | None) -> DeskRow:
        links = [(address("groups:people_of_group", group.uid), _("The families of this group"))] if group else []
        return DeskRow(
            pk=child.pk, title=child.full_name, who=group.name if group else _("in no class now"), links=links
        )


class AdmissionList(DeskList[Guardianship]):
    slug = "verzorgers"
    name = gettext_lazy("Parents and admissions")
    says = gettext_lazy("Who belongs to which child, and who waits for you.")
    scope = staticmethod(admissions_at)
    facets = (LEVEL_OF_ADULT,)
    related = ("caregiver", "child")
    search_fields = ("caregiver__first_name", "caregiver__last_name", "child__first_name", "child__last_name")
    ordering = ("caregiver__first_name", "caregiver__last_name")

    def line_of(self, row: Guardianship) -> DeskRow:
        return DeskRow(
            pk=row.pk,
            title=row.caregiver.full_name,
            at=row.valid_from,
            who=_("with %(child)s") % {"child": row.child.full_name},
            tags=[("shield-check", str(Level(row.level).label))],
            links=[
                (address("groups:guardianship", row.uid), _("Look at it and decide")),
                what_happened(self.slug, row.uid),
            ],
        )


class StaffList(DeskList[StaffMember]):
    slug = "medewerkers"
    name = gettext_lazy("Staff")
    says = gettext_lazy("Who works here, and who of them is in.")
    scope = staticmethod(staff_at)
    facets = (SCHOOL,)
    search_fields = ("first_name", "last_name", "display_name", "function")
    ordering = ("first_name", "last_name")

    def line_of(self, row: StaffMember) -> DeskRow:
        return DeskRow(
            pk=row.pk,
            title=row.display_name or row.full_name,
            who=", ".join(filter(None, [row.full_name, row.function])),
            tags=[] if row.user_id else [("hourglass", _("not in yet"))],
            links=[(address("groups:staff_tasks", row.uid), _("Tasks")), what_happened(self.slug, row.uid)],
        )
