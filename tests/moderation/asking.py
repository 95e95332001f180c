"""How the tests ask for access and answer that: begun, gone through, read over, approved."""

from typing import Any

from django.utils import timezone

from groups.roles import Hat
from moderation.access_requests.services import access_requests as service
from moderation.models import AccessCopy, AccessRequest, Case
from portal.core.actor import Actor
from portal.core.domain import chain
from portal.core.domain.moments import at_school


def start(case: Case, by: Any, **more: Any) -> AccessRequest:
    now = more.pop("now", timezone.now())
    said = {"asker": "self", "means": "letter", "received_on": at_school(now).date(), **more}
    return service.start_request(case=case, by=Actor(by, Hat.ANY, now), **said)


def mark(request: AccessRequest, by: Any, **more: Any) -> AccessRequest:
    said = {"grounds": {}, "blackened": request.blackened, "other_words": "", **more}
    return service.mark_passages(asked=request, by=Actor(by, Hat.ANY, timezone.now()), **said)


def submit(request: AccessRequest, by: Any) -> AccessRequest:
    return service.submit_copy(asked=request, by=Actor(by, Hat.ANY, timezone.now()))


def approve(request: AccessRequest, by: Any) -> AccessCopy:
    digest = chain.digest(bytes(AccessRequest.objects.get(pk=request.pk).draft or b""))
    return service.approve_copy(asked=request, digest=digest, by=Actor(by, Hat.ANY, timezone.now()))
