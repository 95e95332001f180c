"""May this person do this to this? Each answer is a queryset asked for one row."""

from consent.policies import is_own_child
from groups.models import Child, Group, School
from groups.roles import SUBMIT, Hat
from messaging.models import Handin, HandinKind, Image, Placement, Post, Thread, Writing
from messaging.querysets.handins import judges_of
from portal.core.actor import Actor
from portal.core.permitting import permits


def can_edit(actor: Actor, written: Writing) -> bool:
    """The author: a post at any time while he may publish in the group, a reply or message for fifteen minutes."""
    return permits(actor, "editable_by", written)


def can_retract(actor: Actor, written: Writing) -> bool:
    """The author, any time."""
    return permits(actor, "retractable_by", written)


def can_hide(actor: Actor, written: Writing) -> bool:
    """POL-61: the group's administrators and the directie hide."""
    return permits(actor, "hideable_by", written)


def can_show(actor: Actor, written: Writing) -> bool:
    """POL-61: they show it again as well; what the directie hid only the directie."""
    return permits(actor, "showable_by", written)


def can_remove(actor: Actor, written: Writing | Placement) -> bool:
    """POL-61, 62: group administrators and the directie; a message of a conversation when it was reported."""
    return permits(actor, "removable_by", written)


def can_reply(actor: Actor, post: Post) -> bool:
    """POL-06: who is in the group replies where the post allows it."""
    return permits(actor, "answerable_by", post)


def speaks_to_all(actor: Actor, post: Post) -> bool:
    """Whether everybody in the group reads what the user answers here; otherwise staff only."""
    return permits(actor, "answered_to_all_by", post)


def can_upload(actor: Actor, school: School) -> bool:
    """Who may place messages in a group of the school, or talks there about a child (POL-05, 09)."""
    groups = Group.objects.writable_by(actor).filter(school=school)
    children = Child.objects.discussed_by(actor).filter(school=school)
    return groups.exists() or children.exists()


def can_blur(actor: Actor, image: Image) -> bool:
    """POL-43: who uploaded it until it stands somewhere, who may edit its post, and staff who manage its group."""
    return permits(actor, "blurrable_by", image)


def can_clear_phone(actor: Actor, post: Post) -> bool:
    """POL-33: the writer of a post with photos says that they are gone from the own phone."""
    own = Placement.objects.posted_to(actor).filter(writing__author=actor.user.pk, writing__hat=actor.hat)
    return own.filter(writing=post).exists()


def can_write_in(actor: Actor, thread: Thread) -> bool:
    """POL-09: who is in the conversation writes while it is open and somebody is left to read it."""
    return permits(actor, "writable_by", thread)


def can_join_directie(actor: Actor, thread: Thread) -> bool:
    """POL-64: who writes in the conversation asks the directie in."""
    return permits(actor, "joinable_by_directie", thread)


def can_steer(actor: Actor, thread: Thread) -> bool:
    """POL-64: the directie that was asked in freezes, opens again and closes."""
    return permits(actor, "steered_by", thread)


def can_hand_in(actor: Actor, *, kind: str, group: Group, council: Group | None = None) -> bool:
    """Who gives a draft to others: a council's member on its behalf (POL-07), staff for the whole school (POL-08), and
    whoever places in a group as staff, to have it read first (POL-71). There has to be somebody to judge it."""
    written = Group.objects.writable_by(actor)
    whole_school = Group.objects.permitting(actor, SUBMIT).filter(kind="school")
    places = {
        HandinKind.COUNCIL: whole_school,
        HandinKind.SCHOOL: whole_school.exclude(pk__in=written.values("pk")),
        HandinKind.ADVICE: written,
    }
    if kind == HandinKind.COUNCIL:
        year = {"school": group.school_id, "school_year": group.school_year_id}
        seated = council is not None and written.filter(pk=council.pk, kind="council", **year).exists()
    else:
        seated = council is None and actor.hat == Hat.STAFF
    judged = judges_of(kind=kind, group=group, writer=actor.user, now=actor.now).exists()
    return seated and judged and places[HandinKind(kind)].filter(pk=group.pk).exists()


def can_change_handin(actor: Actor, handin: Handin) -> bool:
    """Its writer, while it is with the writer."""
    return permits(actor, "changeable_by", handin)


def can_place_handin(actor: Actor, handin: Handin) -> bool:
    """POL-71: the writer of a draft that the directie read along in."""
    return permits(actor, "placeable_by", handin)


def can_withdraw(actor: Actor, handin: Handin) -> bool:
    """Its writer, until it is placed."""
    return permits(actor, "withdrawable_by", handin)


def can_return(actor: Actor, handin: Handin) -> bool:
    """Who judges it, while it waits."""
    return permits(actor, "returnable_by", handin)


def can_approve(actor: Actor, handin: Handin) -> bool:
    """POL-07, 08: who judges it, while it waits and its writer could still hand it in."""
    return permits(actor, "approvable_by", handin)


def can_review(actor: Actor, group: Group) -> bool:
    """POL-44, 45: who sees the people of the group judges its photos after a no; in the staff hat."""
    return permits(actor, "managed_by", group)


def can_judge_about(actor: Actor, group: Group, child: Child) -> bool:
    """The same, about this child; nobody about the own family: a colleague does."""
    known = Child.objects.nameable_to(actor).filter(pk=child.pk)
    return can_review(actor, group) and known.exists() and not is_own_child(actor, child)
