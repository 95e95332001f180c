"""Gives each child of a school its colour, as soon as the school knows whose child it is."""

from groups.records.domain.colours import COLOURS, colours_of
from groups.records.models.people import Child
from groups.records.models.schools import School
from groups.records.models.truth import Guardianship


def give_colours(school: School) -> None:
    """To children without one, in the order in which they came; a colour that was given stays."""
    children = dict(Child.objects.filter(school=school).order_by("pk").values_list("pk", "colour"))
    families = Guardianship.objects.filter(child__school=school).values_list("caregiver", "child")
    given = colours_of(children, families) if 0 in children.values() else {}
    for colour in COLOURS:
        mine = [child for child, one in given.items() if one == colour]
        if mine:
            Child.objects.filter(pk__in=mine).update(colour=colour)
