"""May this person answer this request for access, or read its copy over?"""

from moderation.access_requests.models import AccessRequest
from portal.core.actor import Actor
from portal.core.permitting import permits


def can_answer(actor: Actor, request: AccessRequest) -> bool:
    """AVG 15: whether `actor` handles this request for access, as the directie or in its place; never a party."""
    return permits(actor, "led_by", request)


def can_read_over(actor: Actor, request: AccessRequest) -> bool:
    """Whether `actor` is the second person of this request, now."""
    return permits(actor, "reviewable_by", request)
