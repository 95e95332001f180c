"""What could not wait in the demo's first school, and what all had to read: who did, who was phoned, who is left.

Who may send such a message besides the directie was named in the first weeks.
"""

from datetime import datetime, timedelta

from groups.models import Group, StaffMember
from groups.roles import Hat
from messaging.models import Post
from messaging.urgent.domain import PHONED_AFTER, REMINDED_AFTER
from messaging.urgent.services.deputies import name_deputy
from messaging.urgent.services.following import follow_essentials
from messaging.urgent.services.reach import note_call, reach_of
from messaging.urgent.services.sending import UrgentDraft, send_urgent
from messaging.writings.services.seen import mark_seen
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import User
from portal.demo.cast import DIRECTIES, KLINKERHOEK
from portal.demo.content import Calendar
from portal.demo.seed_people import SeededSchool

DEPUTIES = ("M12", "M13")
AGO, AT = 3, "13.05"
TITLE = "Groep 6 is een half uur later terug"
TEXT = """De bus van de sporthal staat stil met pech. Met de kinderen gaat het goed.

Wij zijn er rond 14.30 uur. U kunt uw kind dan ophalen bij het hek, of het blijft tot 15.30 uur bij ons."""
REASON = "De bus heeft pech, en om 14.00 uur staan er ouders bij het hek."
MINUTE = timedelta(minutes=1)


def send_what_could_not_wait(seeded: SeededSchool, *, now: datetime) -> None:
    """Everybody who came in read it within the hour; of the families of whom nobody did all but one were phoned."""
    at = Calendar(seeded.plan.starts_on, now).moment(AGO, AT)
    if seeded.school.brin != KLINKERHOEK.brin or at >= now - timedelta(hours=2):
        return
    directie = User.objects.get(email=DIRECTIES[KLINKERHOEK.brin][1])
    for staff in StaffMember.objects.filter(school=seeded.school, roster_key__in=DEPUTIES).order_by("pk"):
        name_deputy(staff=staff, by=Actor(directie, Hat.STAFF, seeded.opened_at + 20 * MINUTE))
    group = Group.objects.get(school=seeded.school, roster_key="G6")
    draft = UrgentDraft(group, TITLE, TEXT, REASON)
    post = send_urgent(school=seeded.school, draft=draft, by=Actor(directie, Hat.STAFF, at))
    outbox.sweep(lane=outbox.Lane.FAST, now=at + MINUTE)
    pairs = Post.objects.filter(pk=post.pk).visible_pairs(User.objects.all(), now=at, hat=Hat.FAMILY)
    readers = User.objects.filter(pk__in=pairs.values_list("reader", flat=True)).order_by("pk")
    for number, reader in enumerate(readers):
        mark_seen(by=Actor(reader, Hat.FAMILY, at + (2 + 3 * number % 50) * MINUTE), uids=[post.uid])
    _phone_but_one(post, Actor(directie, Hat.STAFF, at + 60 * MINUTE))


def _phone_but_one(post: Post, by: Actor) -> None:
    numbers = [[one for one in family.adults if one.phone] for family in reach_of(post, actor=by).to_phone]
    for adult, *_others in sorted(filter(None, numbers), key=len)[:-1]:
        note_call(post=post, caregiver=adult.uid, was_called=True, by=by)


def follow_what_all_had_to_read(*, now: datetime) -> None:
    """The mail after a day, and the row on the desk after two."""
    for post in Post.objects.filter(is_essential=True).order_by("published_at", "pk"):
        for later in (REMINDED_AFTER, PHONED_AFTER):
            if post.placed_at + later < now:
                follow_essentials(now=post.placed_at + later)
