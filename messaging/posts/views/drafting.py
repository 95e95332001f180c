"""What every form for a message with photos does alike: hand its draft to the services, and say why it cannot go."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from groups.doors.context import hats_here
from groups.models import School
from groups.records.services.working import due_at_work
from groups.roles import ROLES, Hat, Role
from messaging.asks.domain import AskRefusedError
from messaging.asks.forms import AskForm
from messaging.photos.services.gate import GateClosedError, PicturesRefusedError
from messaging.photos.views.picking import Picks, explain
from messaging.posts.forms import PostForm
from messaging.posts.services.essential import ONE_IN, EssentialRefusedError, NotEssential
from messaging.posts.services.posts import Draft, YearIsOverError
from messaging.writings.services.names import NamesRefusedError
from messaging.writings.views.naming import NOT_CHILD, refuse_names
from portal.core.request import SignedInRequest

CANNOT_GO = (AskRefusedError, EssentialRefusedError, NamesRefusedError, PicturesRefusedError, YearIsOverError)


def typed_in(sent: MultiValueDict, names: Iterable[str]) -> dict[str, object]:
    """What was typed so far, for a form to start with."""
    return {name: sent[name] for name in names if name in sent}


def draft_in(request: SignedInRequest, form: PostForm, picks: Picks) -> Draft:
    """What the form holds, for the services."""
    return Draft(
        form.content,
        pictures=picks.pictures,
        declared=form.is_declared,
        not_children=request.POST.getlist(NOT_CHILD),
    )


def is_between_years(request: SignedInRequest, hat: Hat, *permissions: str) -> bool:
    """Whether somebody whose role had one of these permissions last year is in no group of this one."""
    hats = hats_here(request)
    wrote = any(worn == hat and ROLES[Role(role)] & set(permissions) for worn, role in hats.roles)
    return wrote and not hats.groups(hat) and not hats.stops


def wait_for_groups(request: SignedInRequest, hat: Hat) -> HttpResponse:
    """Why nobody writes in August yet, where one reads."""
    messages.info(request, _("There is no group to write to in this school year yet. You can once there is."))
    return redirect("messaging:feed", hat)


def at_work(request: SignedInRequest, hat: Hat, school: School) -> datetime | None:
    """When who is off duty at `school` works again (POL-27); None while at work, and for who has no hours."""
    moment = due_at_work(request.user, school, request.now) if hat == Hat.STAFF else request.now
    return moment if moment > request.now else None


def say_why(form: AskForm, refused: Exception, picks: Picks, hat: Hat) -> None:
    """Why this cannot go, one of `CANNOT_GO`, in the form; who may not point at anybody leaves the photos out."""
    if isinstance(refused, AskRefusedError):
        form.refuse(refused)
    elif isinstance(refused, YearIsOverError):
        form.add_error("at", _("This is after the school year. The new groups are there from 1 August."))
    elif isinstance(refused, EssentialRefusedError):
        form.add_error("is_essential", _not_essential(refused))
    elif isinstance(refused, NamesRefusedError):
        words = [form.cleaned_data["title"], form.cleaned_data["text"], *(picture.alt for picture in picks.pictures)]
        refuse_names(form, refused.names, words)
    elif isinstance(refused, GateClosedError) and hat == Hat.FAMILY:
        form.add_error(None, _("Not everybody at school may be in a photo. Hand it in without photos."))
    elif isinstance(refused, PicturesRefusedError):
        explain(form, refused, picks)


def _not_essential(refused: EssentialRefusedError) -> str:
    if refused.why == NotEssential.ANOTHER:
        standing = {"group": refused.group, "number": ONE_IN}
        return (
            _("In %(group)s one of %(number)s messages had to be read by all already. Place this without.") % standing
        )
    return _("Only school asks this, and only of families.")
