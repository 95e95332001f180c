"""May this person do this to this? Each answer is a queryset asked for one row."""

from datetime import datetime
from typing import Any

from consent.policies import is_own_child
from groups.models import Child, Group, School
from groups.roles import SUBMIT, Hat
from messaging.models import Handin, HandinKind, Image, Message, Placement, Post, Reply, Thread
from messaging.querysets.handins import judges_of


def can_edit(user: Any, written: Post | Reply | Message, *, now: datetime, hat: str) -> bool:
    """The author: a post at any time while he may publish in the group, a reply or message for fifteen minutes."""
    return type(written).objects.editable_by(user, now=now, hat=hat).filter(pk=written.pk).exists()


def can_retract(user: Any, written: Post | Reply | Message, *, now: datetime, hat: str) -> bool:
    """The author, any time."""
    return type(written).objects.retractable_by(user, now=now, hat=hat).filter(pk=written.pk).exists()


def can_hide(user: Any, written: Post | Reply, *, now: datetime, hat: str) -> bool:
    """POL-61: the group's administrators and the directie hide."""
    return type(written).objects.hideable_by(user, now=now, hat=hat).filter(pk=written.pk).exists()


def can_show(user: Any, written: Post | Reply, *, now: datetime, hat: str) -> bool:
    """POL-61: they show it again as well; what the directie hid only the directie."""
    return type(written).objects.showable_by(user, now=now, hat=hat).filter(pk=written.pk).exists()


def can_remove(user: Any, written: Post | Reply | Message | Placement, *, now: datetime) -> bool:
    """POL-61, 62: group administrators and the directie; a message of a conversation when it was reported."""
    return type(written).objects.removable_by(user, now=now).filter(pk=written.pk).exists()


def can_reply(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """POL-06: who is in the group replies where the post allows it."""
    return Post.objects.answerable_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def speaks_to_all(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """Whether everybody in the group reads what the user answers here; otherwise staff only."""
    return Post.objects.answered_to_all_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def can_upload(user: Any, school: School, *, now: datetime, hat: str) -> bool:
    """Who may place messages in a group of the school, or talks there about a child (POL-05, 09)."""
    groups = Group.objects.writable_by(user, now=now, hat=hat).filter(school=school)
    children = Child.objects.discussed_by(user, now=now, hat=hat).filter(school=school)
    return groups.exists() or children.exists()


def can_blur(user: Any, image: Image, *, now: datetime, hat: str) -> bool:
    """POL-43: who uploaded it until it stands somewhere, who may edit its post, and staff who manage its group."""
    return Image.objects.blurrable_by(user, now=now, hat=hat).filter(pk=image.pk).exists()


def can_clear_phone(user: Any, post: Post, *, now: datetime, hat: str) -> bool:
    """POL-33: the writer of a post with photos says that they are gone from the own phone."""
    own = Placement.objects.posted_to(user, now=now, hat=hat).filter(post__author=user.pk, post__hat=hat)
    return own.filter(post=post).exists()


def may_on_thread(user: Any, permission: str, thread: Thread, now: datetime) -> bool:
    """The right `permission` on this one conversation, in whichever hat."""
    return Thread.objects.permitting(user, permission, now=now).filter(pk=thread.pk).exists()


def can_write_in(user: Any, thread: Thread, *, now: datetime, hat: str) -> bool:
    """POL-09: who is in the conversation writes while it is open and somebody is left to read it."""
    return Thread.objects.writable_by(user, now=now, hat=hat).filter(pk=thread.pk).exists()


def can_join_directie(user: Any, thread: Thread, *, now: datetime, hat: str) -> bool:
    """POL-64: who writes in the conversation asks the directie in."""
    return Thread.objects.joinable_by_directie(user, now=now, hat=hat).filter(pk=thread.pk).exists()


def can_steer(user: Any, thread: Thread, *, now: datetime, hat: str) -> bool:
    """POL-64: the directie that was asked in freezes, opens again and closes."""
    return Thread.objects.steered_by(user, now=now, hat=hat).filter(pk=thread.pk).exists()


def can_hand_in(user: Any, *, kind: str, group: Group, council: Group | None = None, now: datetime, hat: str) -> bool:
    """Who gives a draft to others: a council's member on its behalf (POL-07), staff for the whole school (POL-08), and
    whoever places in a group as staff, to have it read first (POL-71). There has to be somebody to judge it."""
    written = Group.objects.writable_by(user, now=now, hat=hat)
    whole_school = Group.objects.permitting(user, SUBMIT, now=now, hat=hat).filter(kind="school")
    places = {
        HandinKind.COUNCIL: whole_school,
        HandinKind.SCHOOL: whole_school.exclude(pk__in=written.values("pk")),
        HandinKind.ADVICE: written,
    }
    if kind == HandinKind.COUNCIL:
        year = {"school": group.school_id, "school_year": group.school_year_id}
        seated = council is not None and written.filter(pk=council.pk, kind="council", **year).exists()
    else:
        seated = council is None and hat == Hat.STAFF
    judged = judges_of(kind=kind, group=group, writer=user, now=now).exists()
    return seated and judged and places[HandinKind(kind)].filter(pk=group.pk).exists()


def can_change_handin(user: Any, handin: Handin, *, now: datetime, hat: str) -> bool:
    """Its writer, while it is with the writer."""
    return Handin.objects.changeable_by(user, now=now, hat=hat).filter(pk=handin.pk).exists()


def can_place_handin(user: Any, handin: Handin, *, now: datetime, hat: str) -> bool:
    """POL-71: the writer of a draft that the directie read along in."""
    return Handin.objects.placeable_by(user, now=now, hat=hat).filter(pk=handin.pk).exists()


def can_withdraw(user: Any, handin: Handin, *, now: datetime, hat: str) -> bool:
    """Its writer, until it is placed."""
    return Handin.objects.withdrawable_by(user, now=now, hat=hat).filter(pk=handin.pk).exists()


def can_return(user: Any, handin: Handin, *, now: datetime) -> bool:
    """Who judges it, while it waits."""
    return Handin.objects.returnable_by(user, now=now).filter(pk=handin.pk).exists()


def can_approve(user: Any, handin: Handin, *, now: datetime) -> bool:
    """POL-07, 08: who judges it, while it waits and its writer could still hand it in."""
    return Handin.objects.approvable_by(user, now=now).filter(pk=handin.pk).exists()


def can_review(user: Any, group: Group, *, now: datetime) -> bool:
    """POL-44, 45: who sees the people of the group judges its photos after a no; in the staff hat."""
    return Group.objects.managed_by(user, now=now).filter(pk=group.pk).exists()


def can_judge_about(user: Any, group: Group, child: Child, *, now: datetime) -> bool:
    """The same, about this child; nobody about the own family: a colleague does."""
    known = Child.objects.nameable_to(user, now=now).filter(pk=child.pk)
    return can_review(user, group, now=now) and known.exists() and not is_own_child(user, child, now=now)
