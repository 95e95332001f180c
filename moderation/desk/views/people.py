"""The people of the school as its directie finds them: children, who belongs to them, and the staff."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from groups.models import Caregiver, Child, Group, Guardianship, Level, StaffMember
from groups.people.services.families import SOUGHT_OF_STAFF, classes_by_child
from groups.records.domain.names import PARTS
from moderation.desk.services.desk import (
    LISTED,
    admissions_of,
    admissions_waiting,
    caregivers_at,
    children_at,
    family_at,
    naming_child,
    staff_at,
    with_levels,
)
from moderation.desk.views.facets import SCHOOL, Facet, ManyFacet
from moderation.desk.views.listing import DeskList, DeskRow, Part, Row, only_for, since_words
from portal.core import access
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.confirming import confirmed_recently
from portal.core.request import SignedInRequest
from portal.core.searching import Abc
from portal.core.templatetags.kring import midway

IS_IN = {True: pgettext_lazy("somebody came in", "in"), False: gettext_lazy("not in yet")}
ARRIVES = {True: gettext_lazy("does not arrive"), False: gettext_lazy("was not refused")}
LEVEL_OF_ADULT = ManyFacet(gettext_lazy("Authority"), "gezag", "level", words={one.value: one.label for one in LISTED})
ADULT_IS_IN = Facet(gettext_lazy("In or not"), "binnen", "is_in", words=IS_IN)
MAIL_ARRIVES = Facet(gettext_lazy("E-mail"), "mail", "is_unreached", words=ARRIVES)
OF_CHILD = {
    "moeder": gettext_lazy("mother of %(child)s"),
    "vader": gettext_lazy("father of %(child)s"),
    "voogd": gettext_lazy("guardian of %(child)s"),
    "pleegouder": gettext_lazy("foster parent of %(child)s"),
}
BY_SURNAME = (Abc("last_name"), Abc("first_name"))
NUMBERED = "groep "
MOST_LETTERS = 50


class PeopleList(DeskList[Row]):
    """A list of people: its file has a name, and what is known of each in columns."""

    def cells(self, line: DeskRow) -> list[str]:
        return [str(line.title), *line.facts]


class ChildList(PeopleList[Child]):
    slug = "kinderen"
    columns = (gettext_lazy("Name"), gettext_lazy("Group"))
    name = gettext_lazy("Children")
    scope = staticmethod(children_at)
    has_page = False
    facets = (SCHOOL,)
    search_names = PARTS
    ordering = BY_SURNAME

    def lines_of(self, request: SignedInRequest, rows: Sequence[Child]) -> list[DeskRow]:
        groups = classes_by_child((child.pk for child in rows), now=request.now)
        return [self._line(child, groups.get(child.pk)) for child in rows]

    def _line(self, child: Child, group: Group | None) -> DeskRow:
        return DeskRow(
            pk=child.pk,
            title=child.full_name,
            lead=child.sort_name,
            url=address("groups:people_of_group", group.uid) if group else "",
            who=midway(group.name) if group else _("in no class now"),
            facts=(group.name if group else "",),
        )


class AdmissionList(PeopleList[Caregiver]):
    """Who belongs to which child, per family: everybody once, with all their children."""

    slug = "verzorgers"
    columns = (
        gettext_lazy("Name"),
        gettext_lazy("Family"),
        gettext_lazy("Relation"),
        gettext_lazy("Group"),
        gettext_lazy("Authority"),
        gettext_lazy("In or not"),
    )
    name = gettext_lazy("Parents and admissions")
    scope = staticmethod(caregivers_at)
    facets = (SCHOOL, LEVEL_OF_ADULT, ADULT_IS_IN, MAIL_ARRIVES)
    chosen_by = staticmethod(with_levels)
    search_names = PARTS
    ordering = (Abc("stands"), *BY_SURNAME)

    def routes(self) -> list[URLPattern]:
        """And letters for many at once, by somebody who proved again who it is."""
        printing = only_for(self.is_for, require_POST(confirmed_recently(self.print_view)))
        return [*super().routes(), path("brieven/", printing, name=f"{self.slug}_print")]

    def acts(self) -> list[dict[str, object]]:
        return [{"verb": {"label": _("Make letters")}, "url": reverse(f"desk:{self.slug}_print")}]

    @access.declares("The directie, proved again, about the own school only: letters for who is chosen.")
    def print_view(self, request: SignedInRequest) -> HttpResponse:
        """To the page that says for how many it is; who is in already gets none there."""
        rows = self.rows(request.actor).filter(pk__in=self._ticked(request))
        chosen = list(rows.values_list("uid", flat=True)[: MOST_LETTERS + 1])
        if 0 < len(chosen) <= MOST_LETTERS:
            return redirect(f"{address('groups:print_chosen')}?{urlencode({'wie': chosen}, doseq=True)}")
        words = _("That is too much at once. Choose at most %(most)s.") % {"most": MOST_LETTERS}
        messages.warning(request, words if chosen else _("Choose something in the list first."))
        return redirect(self.url_asked(request.POST.get("ask", "")))

    def holding(self, word: str, *, actor: Actor) -> Q:
        """The own name, or that of a child one stands with in this list."""
        return super().holding(word, actor=actor) | Q(naming_child(word, actor=actor))

    def waiting(self, request: SignedInRequest) -> list[DeskRow]:
        """About the own family somebody else of the directie decides."""
        rows = admissions_waiting(actor=request.actor)
        groups = classes_by_child((row.child_id for row in rows), now=request.now)
        lines = [
            DeskRow(
                pk=row.pk,
                title=row.caregiver.sort_name,
                url=address("groups:guardianship", row.uid),
                who=", ".join(filter(None, [_of_child(row), _groups([groups.get(row.child_id)])])),
                text=since_words(row.valid_from, request.now),
            )
            for row in rows
        ]
        return self.with_schools(request, lines, lambda: [row.child.school for row in rows])

    def lines_of(self, request: SignedInRequest, rows: Sequence[Caregiver]) -> list[DeskRow]:
        theirs: dict[int, list[Guardianship]] = defaultdict(list)
        families: dict[int, dict[int, Child]] = defaultdict(dict)
        for one in admissions_of(rows, actor=request.actor):
            theirs[one.caregiver_id].append(one)
            families[one.family][one.child_id] = one.child
        groups = classes_by_child({one.child_id for each in theirs.values() for one in each}, now=request.now)
        names = {key: _names(list(family.values())) for key, family in families.items()}
        return [self._line(row, theirs[row.pk], names[family_at(row.stands)], groups) for row in rows]

    def _line(self, row: Caregiver, theirs: Sequence[Guardianship], names: str, groups: Mapping[int, Group]) -> DeskRow:
        relations = _once(one.relation for one in theirs)
        levels = _once(_level(one) for one in theirs if one.level != Level.WITH_AUTHORITY)
        sits = _groups(groups.get(one.child_id) for one in theirs)
        return DeskRow(
            pk=row.pk,
            title=row.full_name,
            lead=row.sort_name,
            url=address(f"desk:{self.slug}_one", row.uid),
            family=_("Family of %(names)s") % {"names": names},
            facts=(names, relations, sits, _once(_level(one) for one in theirs), str(IS_IN[row.is_in])),
            who=" · ".join(filter(None, [relations, sits, levels, "" if row.is_in else str(IS_IN[False])])),
            parts=tuple(
                Part(one.uid, f"{one.child.full_name}: {_level(one)}", address("groups:guardianship", one.uid))
                for one in theirs
            ),
        )


def _of_child(row: Guardianship) -> str:
    words = OF_CHILD.get(row.relation, gettext_lazy("caregiver of %(child)s"))
    return str(words) % {"child": row.child.full_name}


def _level(row: Guardianship) -> str:
    return str(Level(row.level).label)


def _once(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, words)))


def _groups(groups: Iterable[Group | None]) -> str:
    """The groups of one person in a few words: "groep 1, 4, 7"."""
    names = sorted({midway(group.name) for group in groups if group})
    if all(name.startswith(NUMBERED) for name in names[:1] + names[-1:]):
        names[1:] = [name.removeprefix(NUMBERED) for name in names[1:]]
    return ", ".join(names)


def _names(children: list[Child]) -> str:
    """The children of one family: "Tess en Bram Bakker"; each by the whole name where their surnames differ."""
    *others, last = children
    same = all((child.prefix, child.last_name) == (last.prefix, last.last_name) for child in others)
    some = ", ".join(child.first_name if same else child.full_name for child in others)
    return _("%(some)s and %(last)s") % {"some": some, "last": last.full_name} if some else last.full_name


class StaffList(PeopleList[StaffMember]):
    """The list itself stands with the people: here are what happened to somebody, and the list as a file."""

    slug = "medewerkers"
    columns = (gettext_lazy("Name"), gettext_lazy("Known as"), gettext_lazy("Function"), gettext_lazy("In or not"))
    name = gettext_lazy("Staff")
    scope = staticmethod(staff_at)
    search_names = SOUGHT_OF_STAFF
    ordering = BY_SURNAME

    @property
    def url(self) -> str:
        return reverse("groups:staff")

    def routes(self) -> list[URLPattern]:
        return [route for route in super().routes() if route.name != self.slug]

    def line_of(self, row: StaffMember) -> DeskRow:
        return DeskRow(
            pk=row.pk,
            title=row.full_name,
            url=address(f"desk:{self.slug}_one", row.uid),
            who=" · ".join(word for word in (row.display_name, row.function) if word and word != row.full_name),
            tags=() if row.user_id else (("hourglass", str(IS_IN[False])),),
            up=address("groups:staff_member", row.uid),
            facts=(row.display_name, row.function, str(IS_IN[bool(row.user_id)])),
        )
