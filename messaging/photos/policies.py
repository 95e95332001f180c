"""May this person do this with photos? Each answer is a queryset asked for one row."""

from django.db.models import QuerySet

from consent.answers.policies import is_own_child
from groups.models import Child, Group, School
from messaging.photos.models import Image, Placement
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.permitting import permits


def can_upload(actor: Actor, school: School) -> bool:
    """Who may place messages in a group of the school, or talks there about a child (POL-05, 09)."""
    return bool(_written_in(school=school, actor=actor) or _discussed(school=school, actor=actor))


@compiled
def _written_in(school: School, actor: Actor) -> QuerySet:
    return Group.objects.writable_by(actor).filter(school=school).values_list("pk")[:1]


@compiled
def _discussed(school: School, actor: Actor) -> QuerySet:
    return Child.objects.discussed_by(actor).filter(school=school).values_list("pk")[:1]


def can_blur(actor: Actor, image: Image) -> bool:
    """POL-43: who uploaded it until it stands somewhere, who may edit its post, and staff who manage its group."""
    return permits(actor, "blurrable_by", image)


def can_clear_phone(actor: Actor, post: Post) -> bool:
    """POL-33: the writer of a post with photos says that they are gone from the own phone."""
    return bool(_own_photos(post=post, actor=actor))


@compiled
def _own_photos(post: Post, actor: Actor) -> QuerySet:
    own = Placement.objects.posted_to(actor).filter(writing__author=actor.user.pk, writing__hat=actor.hat)
    return own.filter(writing=post).values_list("pk")[:1]


def can_review(actor: Actor, group: Group) -> bool:
    """POL-44, 45: who sees the people of the group judges its photos after a no; in the staff hat."""
    return permits(actor, "managed_by", group)


def can_judge_about(actor: Actor, group: Group, child: Child) -> bool:
    """The same, about this child; nobody about the own family: a colleague does."""
    known = Child.objects.nameable_to(actor).filter(pk=child.pk)
    return can_review(actor, group) and known.exists() and not is_own_child(actor, child)
