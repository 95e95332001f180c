"""Who came in as a teacher by a letter that one person printed does not read at once what was said before."""

from datetime import timedelta

from groups.models import StaffMember
from groups.roles import Hat
from groups.staff.services.staff_entry import know_colleague
from messaging.models import Message, Thread
from portal.core import access
from portal.core.actor import Actor
from tests.messaging.conftest import later
from tests.messaging.talk import STAFF, say, start


def test_what_was_said_before_waits_and_what_begins_afterwards_does_not(town):
    """The letter of juf Anna is used a minute after Karima wrote to her; a colleague knows her an hour later."""
    before = start(town)
    came, until = later(minutes=1), later(days=5)
    StaffMember.objects.filter(pk=town.staff["Anna"].pk).update(joined_at=came, settles_at=until)
    access.reproject()
    anna = town.user["Anna"]

    def found(now):
        return set(Thread.objects.visible_to(Actor(anna, STAFF, now))), Message.objects.visible_to(
            Actor(anna, STAFF, now)
        ).count()

    assert found(came) == (set(), 0)
    after = start(town, title="Nieuw", now=later(minutes=2))
    assert found(later(minutes=2)) == ({after}, 1)
    assert found(until - timedelta(seconds=1))[0] == {after}
    assert found(until)[0] == {before, after}
    know_colleague(
        staff=StaffMember.objects.get(pk=town.staff["Anna"].pk), by=Actor(town.user["Joost"], Hat.ANY, later(hours=1))
    )
    assert found(later(hours=1)) == ({before, after}, 2)
    assert say(town, before, "Anna", now=later(hours=1)).text == "Dat is goed."
