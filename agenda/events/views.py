"""One event: reading it, making it, changing and cancelling it."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agenda.events.domain.days import DaysRefusedError
from agenda.events.forms import CancelForm, EventForm, SkipForm, said_by
from agenda.events.models import Event, skipped_on
from agenda.events.services.events import (
    NotThatDayError,
    cancel_event,
    edit_event,
    make_event,
    skip_day,
)
from agenda.events.services.leaving import may_leave
from agenda.events.services.reading import find_event
from agenda.events.services.words import ChildNamedError
from groups.models import Group, GroupKind
from groups.records.services.working import days_off_of
from groups.roles import Hat
from portal.core import access
from portal.core.domain.moments import school_day
from portal.core.request import SignedInRequest, or_404
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError

CLASSES = (GroupKind.BASE, GroupKind.COMPOSITE)
NOT_CHILD = "not_child"
MOST_TIMES = 60


@access.declares("Who may open the page of one of its groups, in that hat.")
@require_safe
def event(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    found = or_404(find_event(uid, actor=request.actor.wearing(hat)))
    may_edit = hat == Hat.STAFF and found.may_edit
    context = {
        "hat": hat,
        "event": found,
        "may_edit": may_edit,
        "may_cancel": may_edit and not found.has_been(request.now),
        "is_on_day_off": may_edit and found.days.meets(days_off_of(found.school)),
        "may_leave": may_leave(found, actor=request.actor.wearing(hat)),
        "times": _times(found, request.now) if found.days.is_series else [],
    }
    return render(request, "agenda/event.html", context)


def _times(found: Event, now: datetime) -> list[tuple[date, bool]]:
    """The times of a series that are not over yet, and whether each was skipped."""
    skipped, days = skipped_on(found.skipped.all()), found.days
    coming = days.between(school_day(now), found.ends_on, off=days_off_of(found.school))
    return [(day, day in skipped) for day, last in coming if not days.is_over(last, now)][:MOST_TIMES]


@access.declares("Staff who may write to a group: for those groups.")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, hat: Hat) -> HttpResponse:
    choices = _choices(request, hat)
    if request.method != "POST":
        start: dict[str, object] = {"groep": _wanted(request, choices), "first_day": request.GET.get("dag") or None}
        return _page(request, hat, EventForm(initial=start, groups=choices))
    form = EventForm(request.POST, groups=choices)
    if form.is_valid():
        try:
            made = make_event(
                groups=form.chosen_groups,
                written=form.written,
                submission_key=form.cleaned_data["key"],
                not_children=request.POST.getlist(NOT_CHILD),
                by=request.actor.wearing(hat),
            )
            messages.success(request, _("It is in the agenda."))
            return redirect("agenda:event", hat, made.uid)
        except AlreadySubmittedError as first:
            return redirect("agenda:event", hat, first.subject_uid)
        except DaysRefusedError as refused:
            form.refuse(refused)
        except ChildNamedError as named:
            _refuse_names(form, named)
    return _page(request, hat, form, status=422)


def _choices(request: SignedInRequest, hat: Hat) -> list[Group]:
    """The groups to choose from; without any this page does not exist for somebody."""
    if hat != Hat.STAFF:
        raise Http404
    rows = Group.objects.writable_by(request.actor.wearing(hat)).select_related("school", "school_year")
    return list(rows.in_reading_order()) or or_404(None)


def _wanted(request: SignedInRequest, choices: list[Group]) -> list[str]:
    """The group that the address names; else the only one, or the only class."""
    named = [str(group.uid) for group in choices if str(group.uid) in request.GET.getlist("groep")]
    classes = [str(group.uid) for group in choices if group.kind in CLASSES]
    everything = [str(group.uid) for group in choices]
    return named or next((own for own in (everything, classes) if len(own) == 1), [])


def _refuse_names(form: EventForm, named: ChildNamedError) -> None:
    form.add_error(None, _("Names of children stand in it without a yes of their parents. Take the names out."))
    form.names = named.names


def _page(
    request: SignedInRequest,
    hat: Hat,
    form: EventForm,
    *,
    status: int = 200,
    changing: Event | None = None,
    is_meanwhile: bool = False,
) -> HttpResponse:
    context = {
        "hat": hat,
        "form": form,
        "event": changing,
        "is_meanwhile": is_meanwhile,
        "not_children": request.POST.getlist(NOT_CHILD),
        "repeats": bool(form["again"].value()) or bool({"again", "until"} & form.errors.keys()),
    }
    return render(request, "agenda/write.html", context, status=status)


def _changing(view: Callable[[SignedInRequest, Hat, Event], HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the view an event that one reads in this hat; 403 for who may not change it.

    One that was cancelled, by a press before or by a colleague, nobody changes: its page says so.
    """

    @wraps(view)
    def found_first(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
        found = or_404(find_event(uid, actor=request.actor.wearing(hat)))
        access.demand(hat == Hat.STAFF and (found.may_edit or found.is_cancelled))
        return redirect("agenda:event", hat, uid) if found.is_cancelled else view(request, hat, found)

    return found_first


@access.declares("Staff who may write to all of its groups; while it is to come.")
@require_http_methods(["GET", "HEAD", "POST"])
@_changing
def edit(request: SignedInRequest, hat: Hat, found: Event) -> HttpResponse:
    if request.method != "POST":
        return _page(request, hat, EventForm(initial=said_by(found)), changing=found)
    form = EventForm(request.POST)
    if form.is_valid():
        try:
            edit_event(
                event=found,
                version=form.cleaned_data["version"],
                written=form.written,
                not_children=request.POST.getlist(NOT_CHILD),
                by=request.actor.wearing(hat),
            )
            messages.success(request, _("Your changes are in the agenda."))
            return redirect("agenda:event", hat, found.uid)
        except EditedMeanwhileError as meanwhile:
            again = EventForm(initial=request.POST.dict() | {"version": meanwhile.current.version})
            return _page(request, hat, again, status=409, changing=_as_it_is(request, hat, found), is_meanwhile=True)
        except DaysRefusedError as refused:
            form.refuse(refused)
        except ChildNamedError as named:
            _refuse_names(form, named)
    return _page(request, hat, form, status=422, changing=found)


@access.declares("Staff who may write to all of its groups; while it is to come.")
@require_http_methods(["GET", "HEAD", "POST"])
@_changing
def cancel(request: SignedInRequest, hat: Hat, found: Event) -> HttpResponse:
    """GET asks, because what was cancelled stays so. What has been goes on no more nor less."""
    if found.has_been(request.now):
        messages.info(request, _("It has been already. There is nothing left to cancel."))
        return redirect("agenda:event", hat, found.uid)
    if request.method != "POST":
        return render(request, "agenda/cancel.html", {"hat": hat, "event": found})
    form = CancelForm(request.POST)
    form.full_clean()
    try:
        cancel_event(event=found, version=form.cleaned_data["version"], by=request.actor.wearing(hat))
    except EditedMeanwhileError:
        context = {"hat": hat, "event": _as_it_is(request, hat, found), "is_meanwhile": True}
        return render(request, "agenda/cancel.html", context, status=409)
    messages.success(request, _("Cancelled. Whoever reads it gets a mail."))
    return redirect("agenda:event", hat, found.uid)


def _as_it_is(request: SignedInRequest, hat: Hat, found: Event) -> Event:
    """The event once more, after it was changed in the meantime."""
    return or_404(find_event(found.uid, actor=request.actor.wearing(hat)))


@access.declares("Staff who may write to all of its groups; while it is to come.")
@require_http_methods(["GET", "HEAD", "POST"])
@_changing
def skip(request: SignedInRequest, hat: Hat, found: Event) -> HttpResponse:
    """GET asks, because whoever reads it gets a mail and it cannot be taken back."""
    form = SkipForm(request.POST if request.method == "POST" else request.GET)
    day = form.cleaned_data["day"] if form.is_valid() else None
    try:
        if day is None:
            raise NotThatDayError
        if request.method != "POST":
            return _skip_page(request, hat, found, day)
        skip_day(event=found, day=day, version=form.cleaned_data["version"], by=request.actor.wearing(hat))
        messages.success(request, _("Not on that day. Whoever reads it gets a mail."))
    except EditedMeanwhileError:
        return _skip_page(request, hat, _as_it_is(request, hat, found), day, status=409)
    except NotThatDayError:
        messages.error(request, _("On that day it is not there any more. Look once more."))
    return redirect("agenda:event", hat, found.uid)


def _skip_page(
    request: SignedInRequest, hat: Hat, found: Event, day: date | None, *, status: int = 200
) -> HttpResponse:
    """Ask once more. Raises `NotThatDayError` where it is no coming time, or was skipped already."""
    if (day, False) not in _times(found, request.now):
        raise NotThatDayError
    context = {"hat": hat, "event": found, "day": day, "is_meanwhile": status == 409}
    return render(request, "agenda/skip.html", context, status=status)
