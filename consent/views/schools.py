"""Which of the own schools a page of the directie is about."""

from dataclasses import dataclass
from typing import Any

from groups.models import School
from portal.core.request import SignedInRequest, chosen_of


@dataclass(frozen=True)
class Place:
    """The school of a page, the way to the own other ones, and the question mark that keeps it chosen."""

    school: School
    options: list[dict[str, Any]]

    @property
    def ask(self) -> str:
        return f"?school={self.school.uid}" if len(self.options) > 1 else ""


def place_of(request: SignedInRequest) -> Place:
    """The asked one of the schools this person directs, or the first; whoever directs none gets 404."""
    schools = list(School.objects.directed_by(request.actor).order_by("name", "pk"))
    found = chosen_of(schools, request.GET.get("school"))
    options = [
        {"label": each.name, "url": f"{request.path}?school={each.uid}", "current": each == found} for each in schools
    ]
    return Place(found, options)
