"""Answers about photos in the running demo: `python -m tests.e2e.answers`, in the demo's environment.

Each line it reads is a list in JSON: `["juf@…", ["Tess"], ["Yusuf"]]`. Everybody of the group of that person and its
staff says yes, but for the children named first, who may be of another group too; the children named last are of
another group and say yes as well. It prints the first names in the group. Written as rows: a page for each of fifty
parents would be another test.
"""

import json
import sys

import django

from groups.roles import Hat
from portal.core.actor import Actor

django.setup()

from django.utils import timezone  # noqa: E402

from consent.asking.domain.purposes import IMAGES, Says  # noqa: E402
from consent.asking.services.starting import start_consent  # noqa: E402
from consent.models import Clearance, Decision, Purpose, PurposeText, Reluctance  # noqa: E402
from groups.models import Child, Group, Guardianship, StaffAssignment  # noqa: E402
from groups.roles import Role  # noqa: E402
from portal.core import access  # noqa: E402
from portal.core.models import User  # noqa: E402


def answer(persona: str, refusing: list[str], agreeing: list[str]) -> list[str]:
    """For the class that `persona` (an address) teaches; the first names in it, in order."""
    now = timezone.now()
    group = Group.objects.writable_by(Actor(User.objects.get(email=persona), "staff", now)).get(kind="class")
    directie = User.objects.filter(staff_records__assignments__role=Role.DIRECTIE, staff_records__school=group.school)
    start_consent(school=group.school, by=Actor(directie[0], Hat.ANY, now))
    purpose = Purpose.objects.get(school=group.school, key=IMAGES)
    text = PurposeText.objects.filter(purpose=purpose).latest("number").number
    said = {"school": group.school, "purpose": purpose, "text_version": text, "decided_at": now}
    children = Child.objects.enrolled_in([group], now=now)
    Reluctance.objects.filter(child__in=children, ended_at=None).update(ended_at=now, ended_by=directie[0])
    asked = children | Child.objects.filter(school=group.school, first_name__in=refusing + agreeing)
    holders = Guardianship.objects.active(now=now).filter(child__in=asked, level="with_authority")
    for held in holders.select_related("child", "caregiver"):
        says = Says.NO if held.child.first_name in refusing else Says.YES
        Decision.objects.create(
            **said,
            child=held.child,
            caregiver=held.caregiver,
            says=says,
            recorded_by=held.caregiver.user or directie[0],
        )
    for task in StaffAssignment.objects.active(now=now).filter(group=group, staff__user__isnull=False):
        user = task.staff.user
        Decision.objects.create(**said, adult=user, says=Says.YES, recorded_by=user)
    access.reproject(school=group.school, only=Clearance)
    return list(children.in_name_order().values_list("first_name", flat=True))


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
