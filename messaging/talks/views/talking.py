"""Conversations: the own list, starting one with everybody named before it goes, reading and answering."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from groups.doors.context import hats_here
from groups.letters.services.claims import waits_until
from groups.models import Child, School
from groups.records.domain.working_hours import DaysOff
from groups.records.services.contacts import caregivers_talking, children_discussed, find_discussed, teachers_of
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.keeping.services import IN_TALK, NEW_TALK, kept_about, name_of, tab_of, unsent
from messaging.keeping.views import arrived, keep_url
from messaging.photos.services.gate import PicturesRefusedError
from messaging.photos.services.images import MOST_IN_A_MESSAGE
from messaging.photos.services.photos import Photo, photos_said
from messaging.photos.services.placements import still_placeable
from messaging.photos.views.picking import Picks, complain, explain, picks_of, pictures_in
from messaging.posts.services.feed import OwnChild, family_in
from messaging.posts.views.cards import bubble_of
from messaging.talks.forms import MessageForm, ThreadForm
from messaging.talks.menu import listens
from messaging.talks.models import Thread, ThreadState, ThreadStep
from messaging.talks.services.chairs import Participant, Promise, chairs_of, promise_of, reading, seat_of
from messaging.talks.services.conversations import (
    Conversation,
    Talk,
    arrivals_in,
    conversations_of,
    find_thread,
    find_with_powers,
    is_own,
    read_by,
    silence_of,
    talk_of,
)
from messaging.talks.services.seating import beside, every_seat
from messaging.talks.services.threads import MoreReadersError, ThreadClosedError, start_thread, write_message
from messaging.writings.domain.cursor import read_cursor
from messaging.writings.models import Message
from portal.core import access
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.domain.moments import at_school
from portal.core.paging import paged
from portal.core.request import SignedInRequest, as_uid, or_404
from portal.core.submissions import AlreadySubmittedError
from portal.core.templatetags.kring import briefly, clock, day, drawn
from portal.core.words import Words, listed

CHILD = "kind"
BEFORE = "voor"


class TalkLine(NamedTuple):
    """A conversation of the list for `_conversation.html`: everything that is drawn of it, and nothing else."""

    url: str
    kid: OwnChild | None
    title: str
    language: str
    who: tuple[str, ...]
    at: datetime
    at_in_words: str
    state: str
    directie_reads: bool
    new: int


@access.declares("Parents with authority, teachers and the directie, in that hat: the conversations they are in.")
@require_safe
def threads(request: SignedInRequest, hat: Hat) -> HttpResponse:
    kids = _kids(request, hat)
    child = as_uid(request.GET.get(CHILD, ""))
    child = child if child in kids else None
    before = read_cursor(request.GET.get(BEFORE, ""))
    page = conversations_of(actor=request.actor.wearing(hat), child=child, before=before)
    if not page.entries and not listens(hats_here(request), hat):
        raise Http404
    query = f"?{BEFORE}={page.older}" + (f"&{CHILD}={child}" if child else "")
    context = {
        "hat": hat,
        "rows": [_line(entry, hat, request.now) for entry in page.entries],
        "kids": _kid_filter(hat, kids, child),
        "older_url": request.path + query if page.older else "",
        "is_first_page": before is None,
        "waits_until": waits_until(request.user, now=request.now) if hat == Hat.FAMILY else None,
    }
    return render(request, "messaging/threads.html", context)


def _line(entry: Conversation, hat: Hat, now: datetime) -> TalkLine:
    thread, child = entry.thread, entry.thread.child
    others = ", ".join(entry.others)
    return TalkLine(
        url=address("messaging:thread", hat, thread.uid) + ("#laatste" if entry.new else ""),
        kid=OwnChild(child.uid, child.first_name, child.colour) if hat == Hat.FAMILY else None,
        title=thread.title,
        language=thread.language,
        who=tuple(words for words in ("" if hat == Hat.FAMILY else child.first_name, others) if words),
        at=thread.last_message_at,
        at_in_words=briefly(thread.last_message_at, now),
        state=thread.state,
        directie_reads=thread.directie_since is not None,
        new=entry.new,
    )


def _kids(request: SignedInRequest, hat: Hat) -> dict[UUID, Any]:
    """The reader's own children; staff have none here."""
    if hat == Hat.STAFF:
        return {}
    return {kid.uid: kid for kid in family_in(hats_here(request)).children}


def _kid_filter(hat: Hat, kids: dict[UUID, Any], chosen: UUID | None) -> list[dict[str, object]]:
    """The children to choose from, once there are two."""
    if len(kids) < 2:
        return []
    home = reverse("messaging:threads", args=[hat])
    options = [{"url": f"{home}?{CHILD}={uid}", "kid": kid, "current": uid == chosen} for uid, kid in kids.items()]
    return [{"url": home, "label": _("Everything"), "current": chosen is None}, *options]


@access.takes_files
@access.declares("Parents with authority about their child, teachers about a child of their groups.")
@require_http_methods(["GET", "HEAD", "POST"])
def new_thread(request: SignedInRequest, hat: Hat) -> HttpResponse:
    child = _chosen(request, request.actor.wearing(hat))
    has_threads = listens(hats_here(request), hat)
    if isinstance(child, Page):
        return render(
            request,
            "messaging/choose_child.html",
            {"hat": hat, "page": child, "parameter": CHILD, "has_threads": has_threads},
        )
    is_sent = request.method == "POST"
    tab = tab_of(request.GET)
    before = None if is_sent else kept_about(NEW_TALK, child.uid, by=request.actor.wearing(hat), tab=tab)
    picks = picks_of(request, hat, child.school) if is_sent else _picks_kept(before)
    form = _thread_form(request, hat, child, picks, before)
    status = 200
    if form.is_bound:
        complain(form, picks)
        status = 409 if form.is_valid() and form.asks_another else 422
        if form.asks_another:
            form.add_error(None, _reading_now(form.chairs))
        if form.is_valid() and (response := _start(request, hat, child, form, picks)):
            return response
    off = days_off_of(child.school) if hat == Hat.FAMILY else []
    if "met" in form.fields:
        there = reading(form.chairs, school=child.school, now=request.now)
        form.fields["met"].option_hints = {
            str(chair.uid): _known_of(chair, off, request.now) if chair in there else chair.function
            for chair in form.chairs
        }
    alone = form.chairs if hat == Hat.FAMILY and len(form.chairs) == 1 else []
    context = {
        "hat": hat,
        "child": child,
        "form": form,
        "has_threads": has_threads,
        "has_left": bool(child.left_at and child.left_at <= request.now),
        "promise": _promise(alone, child.school, off, request.now) if alone else None,
        "keep_url": keep_url(hat, NEW_TALK, child.uid),
        "shown": request.POST.getlist("met") if picks.is_only_photos else [chair.uid for chair in form.chairs],
        **_photo_field(request, hat, child, picks),
    }
    return render(request, "messaging/new_thread.html", context, status=status)


def _reading_now(chairs: Sequence[Participant]) -> str:
    """Who reads what the writer did not know to be read by them."""
    names = [_("%(name)s (management)") % {"name": one.name} if one.is_directie else one.name for one in chairs]
    sentence = ngettext(
        "%(names)s reads along now. Is that all right? Then send it again.",
        "%(names)s read along now. Is that all right? Then send it again.",
        len(names),
    )
    return capfirst(sentence % {"names": listed(names)})


def _photo_field(request: SignedInRequest, hat: Hat, child: Child, picks: Picks) -> dict[str, object]:
    """What `_photos.html` shows in a conversation."""
    return {
        "pictures": still_placeable(picks.pictures, user=request.user),
        "upload_url": reverse("messaging:upload_talk_photo", args=[hat, child.uid]),
        "about": child,
        "most": MOST_IN_A_MESSAGE,
    }


def _promise(chairs: Iterable[Participant], school: School, off: DaysOff, now: datetime) -> Promise | None:
    """Who of school reads it first, of who comes in there."""
    return promise_of(reading(chairs, school=school, now=now), off=off, now=now)


def _known_of(chair: Participant, off: DaysOff, now: datetime) -> str:
    """What is said under a name before it is chosen: the function, and when this person reads it."""
    if not chair.is_in:
        return _("Not in yet. Reads it on coming in.")
    promise = promise_of([chair], off=off, now=now)
    if promise is None or promise.is_now:
        return chair.function
    words = {"function": chair.function, "day": day(promise.at, now), "clock": clock(promise.at)}
    return _("%(function)s, reads it on %(day)s at %(clock)s") % words


def _chosen(request: SignedInRequest, actor: Actor) -> Child | Page[Child]:
    """The asked child; somebody else's does not exist. Nothing asked: the only one, or a page to choose from.

    Who left is chosen from where nobody else is.
    """
    if CHILD in request.GET:
        return or_404(find_discussed(or_404(as_uid(request.GET[CHILD])), actor=actor))
    for is_here in (True, False):
        page = paged(children_discussed(actor=actor, is_here=is_here), request)
        if page.paginator.count:
            return page if page.paginator.count > 1 else page[0]
    raise Http404


def _picks_kept(before: MultiValueDict | None) -> Picks:
    return Picks(pictures_in(before)) if before else Picks()


def _thread_form(
    request: SignedInRequest, hat: Hat, child: Child, picks: Picks, before: MultiValueDict | None
) -> ThreadForm:
    """Who can be asked: a parent asks teachers, a teacher asks caregivers; both with their own side added.

    After a button about photos it is the same form with what was typed so far, and no complaints; so it is with what
    was kept of it `before`.
    """
    user, now = request.user, request.now
    caregivers, teachers = caregivers_talking(child, now=now), teachers_of(child, now=now)
    data = request.POST if request.method == "POST" and not picks.is_only_photos else None
    so_far = request.POST if picks.is_only_photos else before
    typed = {**so_far.dict(), **{name: so_far.getlist(name) for name in ("met", "partners")}} if so_far else {}
    if hat == Hat.FAMILY:
        mine = [caregiver for caregiver in caregivers if caregiver.user_id == user.pk][:1]
        start = {"met": [str(teacher.staff.uid) for teacher in teachers if teacher.is_own], **typed}
        seats = [seat_of(teacher.staff) for teacher in teachers]
        people = {str(teacher.staff.uid): teacher.staff for teacher in teachers}
        return ThreadForm(data, asked=people, own=mine, chairs=seats, start=start)
    own = [teacher.staff for teacher in teachers if teacher.staff.user_id == user.pk][:1]
    partners = {str(one.staff.uid): one for one in teachers if one.staff.user_id != user.pk}
    asked = {str(caregiver.uid): caregiver for caregiver in caregivers}
    seats = [Participant(one.uid, one.full_name, "", Hat.FAMILY, one.user_id, None) for one in caregivers]
    start = {"met": list(asked), "partners": [uid for uid, one in partners.items() if one.is_own], **typed}
    colleagues = {uid: one.staff for uid, one in partners.items()}
    return ThreadForm(data, asked=asked, own=own, chairs=seats, start=start, partners=colleagues)


def _start(request: SignedInRequest, hat: Hat, child: Child, form: ThreadForm, picks: Picks) -> HttpResponse | None:
    """To the new conversation; None when its photos were refused, with the reason in the form."""
    own, others = form.own_side, form.others
    caregivers, staff = (own, others) if hat == Hat.FAMILY else (others, own)
    said, by = form.cleaned_data, request.actor.wearing(hat)

    try:
        thread_uid = start_thread(
            child=child,
            caregivers=caregivers,
            staff=staff,
            title=said["title"],
            text=said["text"],
            by=by,
            submission_key=said["key"],
            pictures=picks.pictures,
            declared=said["declared"],
        ).uid
    except AlreadySubmittedError as first:
        thread_uid = first.subject_uid
    except PicturesRefusedError as refused:
        explain(form, refused, picks, child=child.first_name)
        return None
    arrived(request, hat, name_of(NEW_TALK, child.uid), _sent(hat, picks))
    return redirect("messaging:thread", hat, thread_uid)


def _sent(hat: Hat, picks: Picks) -> str:
    """Staff are asked at once to clear their own phone (POL-33)."""
    if hat == Hat.STAFF and picks.pictures:
        return _("Your message has been sent. Delete the photos from your phone now.")
    return _("Your message has been sent.")


@access.takes_files
@access.declares("Who is in the conversation, in that hat; writing while it is open and somebody is left to read.")
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if request.method != "POST":
        opened = thread_to_act_on(request, hat, uid)
        before = unsent(opened.kept_fields, opened.kept_at)
        return _thread_page(request, hat, opened, MessageForm(initial=before.dict()), _picks_kept(before))
    thread = own_thread(request, hat, uid)
    picks = picks_of(request, hat, thread.school)
    if picks.is_only_photos:
        return _again(request, hat, thread, MessageForm(initial=request.POST.dict()), picks, status=200)
    form = MessageForm(request.POST)
    complain(form, picks)
    if not form.is_valid():
        return _again(request, hat, thread, form, picks, status=422)
    said, by = form.cleaned_data, request.actor.wearing(hat)

    try:
        uid = write_message(
            thread=thread,
            text=said["text"],
            by=by,
            submission_key=said["key"],
            pictures=picks.pictures,
            declared=said["declared"],
            shown=request.POST.get("shown", "").split("."),
        ).uid
    except AlreadySubmittedError as first:
        uid = first.subject_uid
    except PicturesRefusedError as refused:
        explain(form, refused, picks, child=thread.child.first_name)
        return _again(request, hat, thread, form, picks, status=422)
    except ThreadClosedError:
        form.add_error(None, _("You cannot write in this conversation any more. Your text is still in the box."))
        return _again(request, hat, thread, form, picks, status=403)
    except MoreReadersError as more:
        form.add_error(None, _reading_now(more.chairs))
        return _again(request, hat, thread, form, picks, status=409)
    arrived(request, hat, name_of(IN_TALK, thread.uid), _sent(hat, picks))
    return redirect(f"{request.path}#bericht-{uid}")


def _again(
    request: SignedInRequest, hat: Hat, thread: Thread, form: MessageForm, picks: Picks, *, status: int
) -> HttpResponse:
    """The page as it is by now, with what was typed."""
    return _thread_page(request, hat, thread_to_act_on(request, hat, thread.uid), form, picks, status)


def own_thread(request: SignedInRequest, hat: Hat, uid: UUID) -> Thread:
    """A conversation the reader is in; 404 for any other."""
    return or_404(find_thread(uid, actor=request.actor.wearing(hat)))


STANDS_STILL: Mapping[str, Words] = {
    ThreadState.FROZEN: gettext_lazy("The conversation is frozen."),
    ThreadState.CLOSED: gettext_lazy("The conversation is closed."),
}


def stands_still(request: SignedInRequest, hat: Hat, thread: Thread) -> HttpResponse | None:
    """An act from a page of before in a conversation that is frozen or closed by now: to it, with that word."""
    if thread.state == ThreadState.OPEN:
        return None
    messages.warning(request, f"{STANDS_STILL[thread.state]} " + _("Nothing was done now."))
    return redirect("messaging:thread", hat, thread.uid)


def thread_to_act_on(request: SignedInRequest, hat: Hat, uid: UUID) -> Thread:
    """The same, with what the reader may do with it."""
    return or_404(find_with_powers(uid, actor=request.actor.wearing(hat), tab=tab_of(request.GET)))


def _thread_page(
    request: SignedInRequest, hat: Hat, thread: Thread, form: MessageForm, picks: Picks, status: int = 200
) -> HttpResponse:
    actor = request.actor.wearing(hat)
    now = actor.now
    talk = talk_of(thread, actor=actor, before=read_cursor(request.GET.get(BEFORE, "")))
    seats = every_seat(thread, now=now)
    chairs = chairs_of([thread], now=now, seats=seats.holding)[thread.pk]
    off = days_off_of(thread.school) if hat == Hat.FAMILY else []
    known_to = read_by(talk.messages, chairs=chairs, off=off, hat=hat, now=now)
    photos = photos_said((message for message in talk.messages if message.photos_placed), actor=actor)
    is_heard = any(chair.hat != hat for chair in chairs)
    context = {
        "hat": hat,
        "thread": thread,
        "chairs": [(chair, is_own(chair, actor)) for chair in chairs],
        "beside": beside(thread, seats=seats, actor=actor),
        "sits": any(is_own(chair, actor) and not chair.is_directie for chair in chairs),
        "may_report": any(chair.is_in and not is_own(chair, actor) for chair in chairs),
        "is_heard": is_heard,
        "days": list(_by_day(talk, actor, known_to, photos, is_heard=is_heard)),
        "arrivals": arrivals_in(thread, actor=actor),
        "older_url": f"{request.path}?{BEFORE}={talk.older}" if talk.older else "",
        "is_newest": BEFORE not in request.GET,
        "may_write": thread.may_write,
        "silence": None if thread.may_write else silence_of(thread, actor=actor),
        "promise": _promise(chairs, thread.school, off, now) if hat == Hat.FAMILY and thread.may_write else None,
        "form": form,
        "shown": request.POST.get("shown", "") if status == 422 or picks.is_only_photos else _shown(chairs),
        "keep_url": keep_url(hat, IN_TALK, thread.uid),
        "seen_url": reverse("messaging:messages_seen", args=[hat]),
        **_photo_field(request, hat, thread.child, picks),
    }
    return render(request, "messaging/thread.html", context, status=status)


def _shown(chairs: Iterable[Participant]) -> str:
    """Whose names are on the page, for the form: who else reads it by then is asked about first."""
    return ".".join(chair.mark for chair in chairs)


def _by_day(
    talk: Talk, actor: Actor, known_to: dict[int, list[str]], photos: dict[int, list[Photo]], *, is_heard: bool
) -> Iterable[tuple[datetime, list[Mapping[str, object]]]]:
    """The messages of each day of the school's calendar, with who on the other side read the own side's.

    What happened to the conversation stands between them, at its moment. Each message is drawn once for all who see
    the same of it.
    """
    said: list[tuple[datetime, int, ThreadStep | SafeString]] = [
        (one.placed_at, 0, _said(one, actor, known_to, photos, is_heard=is_heard)) for one in talk.messages
    ]
    done: list[tuple[datetime, int, ThreadStep | SafeString]] = [(step.at, 1, step) for step in talk.steps]
    in_order = sorted([*said, *done], key=lambda one: one[:2])
    for _date, rows in groupby(in_order, key=lambda one: at_school(one[0]).date()):
        events = list(rows)
        yield events[0][0], list(_joined(row for _at, _kind, row in events))


def _joined(rows: Iterable[ThreadStep | SafeString]) -> Iterator[Mapping[str, object]]:
    """What was said without a step between is one piece of the page."""
    for is_step, some in groupby(rows, key=lambda row: isinstance(row, ThreadStep)):
        if is_step:
            yield from ({"step": step} for step in some)
        else:
            yield {"said": SafeString("".join(map(str, some)))}


def _said(
    message: Message,
    actor: Actor,
    known_to: dict[int, list[str]],
    photos: dict[int, list[Photo]],
    *,
    is_heard: bool,
) -> SafeString:
    bubble = bubble_of(
        message,
        hat=Hat(actor.hat),
        is_mine=(message.author_id, message.hat) == (actor.user.pk, actor.hat),
        read_by=tuple(known_to.get(message.pk, ())),
        photos=photos.get(message.pk, ()),
    )
    return drawn("messaging/_message.html", message=bubble, hat=actor.hat, is_heard=is_heard)
