"""A school comes to be: before its roster, or with it. Nobody but its staff sees anything of it until it opens."""

from groups.records.models.schools import Foundation, School
from portal.core import audit
from portal.core.actor import Actor


def begin_school(*, name: str, brin: str, dependance: str, by: Actor) -> School:
    """Make a school under the one foundation there is; otherwise under a foundation of the school's own name.

    For who runs the machine, and for a roster that names a school nobody knows.
    """
    foundations = list(Foundation.objects.all()[:2])
    foundation = foundations[0] if len(foundations) == 1 else Foundation.objects.create(name=name)
    school = School.objects.create(foundation=foundation, name=name, brin=brin, dependance=dependance)
    audit.note("school.begun", school, by=by)
    return school
