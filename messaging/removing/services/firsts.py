"""Who of the school was first, for who is second to hide, show or remove a text."""

from groups.models import GroupGrant, School
from groups.records.services.bylines import byline_at
from groups.roles import MODERATE, Hat
from messaging.photos.models import Image
from messaging.writings.models import Writing
from portal.core import audit
from portal.core.actor import Actor


def who_was_first(thing: Writing | Image, *, verb: str, actor: Actor) -> str:
    """Under which name at school a colleague did this last, as the trail has it; nothing where it was `actor`.

    For who moderates at this school, of who does: not of the board above it, nor of who left.
    """
    mine = GroupGrant.objects.schools_of(actor.wearing(Hat.STAFF), MODERATE)
    here = School.objects.filter(pk=thing.school_id, pk__in=mine)
    last = audit.noted(verb, at=here, subject_uid=thing.uid).order_by("-at", "-pk").first()
    if last is None or last.actor_uid in (None, actor.user.uid):
        return ""
    rights = GroupGrant.objects.in_force(MODERATE, now=actor.now).filter(content_object__school=thing.school_id)
    theirs = rights.filter(user__uid=str(last.actor_uid)).select_related("user").first()
    return byline_at(user=theirs.user, school=thing.school_id).name if theirs else ""
