"""Writing a message: to whom first, then the words; changing it."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from groups.doors.context import hats_here
from groups.models import Group, GroupKind
from groups.people.services.pages import writable_groups
from groups.roles import PUBLISH, SUBMIT, Hat
from messaging.handins.models import HandinKind
from messaging.handins.services.handins import hand_in
from messaging.keeping.services import ANEW, CALLED_BACK, CAME_WITH, COMPOSE, Kept, kept, tab_of
from messaging.keeping.views import arrived
from messaging.photos.domain import Picture
from messaging.photos.services.placements import pictures_of, still_placeable
from messaging.photos.views.picking import (
    Picks,
    complain,
    photo_context,
    picks_of,
    pictures_in,
    read_others,
)
from messaging.posts.forms import ComposeForm, PostForm, content_of
from messaging.posts.services.posts import (
    OtherGroupsError,
    add_photos,
    edit_post,
    not_yet_placed_in,
    publish_post,
)
from messaging.posts.views.drafting import (
    CANNOT_GO,
    at_work,
    draft_in,
    is_between_years,
    say_why,
    typed_in,
    wait_for_groups,
)
from messaging.urgent.services.standing import schools_to_alarm
from messaging.writings.domain.text import CONTENT
from messaging.writings.models import Post, Replies
from messaging.writings.services.audience import Audience, audience_of, families_per_group
from messaging.writings.services.names import names_a_child_in_full
from messaging.writings.views.asking import names_of
from messaging.writings.views.finding import visible_written
from messaging.writings.views.naming import NOT_CHILD
from portal.core import access
from portal.core.request import SignedInRequest, uids_in
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError

TYPED = (*CONTENT, "key", CAME_WITH, "declared", "when", "at")
CLASSES = (GroupKind.BASE, GroupKind.COMPOSITE)


@access.takes_files
@access.declares("Who may place messages in a group, in that hat: staff, and members inside their council.")
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: SignedInRequest, hat: Hat) -> HttpResponse:
    if is_between_years(request, hat, PUBLISH):
        return wait_for_groups(request, hat)
    choices = _choices(request, hat)
    if request.method != "POST":
        return _begin(request, hat, choices)
    chosen = _wanted(request.POST.getlist("groep"), choices)
    picks = picks_of(request, hat, (chosen or choices)[0].school)
    if "show_audience" in request.POST or (picks.acted and not picks.complaints):
        return _compose_page(
            request, hat, choices, _fresh_form(request, hat, choices, chosen, request.POST), chosen, picks=picks
        )
    back = at_work(request, hat, choices[0].school)
    form = ComposeForm(request.POST, groups=choices, now=request.now, at_work=back)
    _compare_audience(request, form, chosen)
    complain(form, picks)
    asks_first = request.POST.get("act") == "advice"
    if asks_first and len(chosen) > 1:
        form.add_error("groep", _("Choose one group to have the management read it first."))
    if form.is_valid():
        try:
            return _ask_first(request, hat, form, picks) if asks_first else _place(request, hat, form, picks)
        except OtherGroupsError as first:
            stands_in = {"groups": names_of(first.groups)}
            form.add_error("groep", _("This message stands in %(groups)s. Choose the same to add photos.") % stands_in)
        except CANNOT_GO as refused:
            say_why(form, refused, picks, hat)
    return _compose_page(request, hat, choices, form, chosen, status=422, picks=picks)


def _begin(request: SignedInRequest, hat: Hat, choices: list[Group]) -> HttpResponse:
    actor, is_anew = request.actor.wearing(hat), ANEW in request.GET
    before = kept(CALLED_BACK, COMPOSE, by=actor, tab=tab_of(request.GET), is_anew=is_anew)
    if before:
        return _go_on(request, hat, choices, before)
    chosen = _wanted(request.GET.getlist("groep"), choices) or _own_class(choices)
    return _compose_page(request, hat, choices, _fresh_form(request, hat, choices, chosen), chosen)


def _go_on(request: SignedInRequest, hat: Hat, choices: list[Group], before: Kept) -> HttpResponse:
    """The message that was not finished, as it was kept; its groups as far as one may still write there."""
    chosen = _wanted(before.fields.getlist("groep"), choices)
    form = _fresh_form(request, hat, choices, chosen, before.fields)
    picks = Picks(pictures_in(before.fields))
    return _compose_page(request, hat, choices, form, chosen, picks=picks, before=before)


@access.declares("Who may place messages in a group, or hand them in, in that hat: who reads them, in numbers.")
@require_safe
def audience(request: SignedInRequest, hat: Hat) -> HttpResponse:
    chosen = _wanted(request.GET.getlist("groep"), _choices(request, hat, also_handing_in=True))
    picks = Picks()
    read_others(request.GET, picks)
    looked_at = [Picture(uid) for uid in uids_in(request.GET.getlist("foto")[:1])]
    context = {
        "hat": hat,
        "audience": audience_of(chosen, now=request.now),
        "replies_off": _has_school(chosen),
        **photo_context(request, hat, chosen, looked_at, picks),
    }
    return render(request, "messaging/audience.html", context)


def _place(
    request: SignedInRequest,
    hat: Hat,
    form: ComposeForm,
    picks: Picks,
    *,
    key: UUID | None = None,
    groups: list[Group] | None = None,
) -> HttpResponse:
    chosen = groups or form.chosen_groups
    try:
        posts = publish_post(
            groups=chosen,
            by=request.actor.wearing(hat),
            at=form.placed_at,
            submission_key=key or form.cleaned_data["key"],
            pictures=picks.pictures,
            declared=form.is_declared,
            not_children=request.POST.getlist(NOT_CHILD),
            **form.content,
        )
    except AlreadySubmittedError as first:
        return _placed_before(request, hat, form, picks, first.subject_uid)
    waits = posts[0].placed_at > request.now
    sentence = _("The message is ready.") if waits else _placed_for(audience_of(chosen, now=request.now))
    arrived(request, hat, _kept_as(request), sentence)
    return redirect("messaging:post", hat, posts[0].uid)


def _kept_as(request: SignedInRequest) -> str:
    """As which of the unsent texts this form is kept."""
    named = request.POST.get("kept_as", "")
    return named if named == CALLED_BACK else COMPOSE


def _placed_before(request: SignedInRequest, hat: Hat, form: ComposeForm, picks: Picks, first: UUID) -> HttpResponse:
    """The same form again: one message, and the photos that were not in it yet.

    In a group that was not chosen before it is placed now.
    """
    by = request.actor.wearing(hat)
    chosen = [] if picks.pictures else form.chosen_groups
    elsewhere = not_yet_placed_in(first, chosen, form.content, at=form.placed_at, by=by)
    if elsewhere:
        return _place(request, hat, form, picks, key=uuid4(), groups=elsewhere)
    added = add_photos(
        first=first,
        groups=form.chosen_groups,
        pictures=picks.pictures,
        declared=form.is_declared,
        not_children=request.POST.getlist(NOT_CHILD),
        by=by,
    )
    if added:
        sentence = ngettext(
            "This message had been placed already. The photo is with it now.",
            "This message had been placed already. The photos are with it now.",
            added,
        )
        arrived(request, hat, _kept_as(request), sentence)
    else:
        sentence = _("This message had been placed already.")
        arrived(request, hat, _kept_as(request), sentence, level=messages.INFO)
    return redirect("messaging:post", hat, first)


def _ask_first(request: SignedInRequest, hat: Hat, form: ComposeForm, picks: Picks) -> HttpResponse:
    """In doubt: the directie reads it first, and nobody else (POL-71)."""
    try:
        uid = hand_in(
            kind=HandinKind.ADVICE,
            group=form.chosen_groups[0],
            draft=draft_in(request, form, picks),
            by=request.actor.wearing(hat),
            submission_key=form.cleaned_data["key"],
        ).uid
    except AlreadySubmittedError as first:
        uid = first.subject_uid
    arrived(request, hat, _kept_as(request), _("The management reads it first. You get a mail."))
    return redirect("messaging:handin", hat, uid)


def _placed_for(audience: Audience) -> str:
    groups = names_of(audience.groups)
    if audience.families:
        counts = {"count": audience.families, "joined": audience.joined, "groups": groups}
        if audience.waiting:
            return _("Placed. %(joined)s of %(count)s families of %(groups)s can read it.") % counts
        placed = ngettext(
            "Placed for %(count)s family of %(groups)s.",
            "Placed for %(count)s families of %(groups)s.",
            audience.families,
        )
        return placed % counts
    placed = ngettext(
        "Placed for %(count)s person of %(groups)s.", "Placed for %(count)s people of %(groups)s.", audience.people
    )
    return placed % {"count": audience.people, "groups": groups}


def _choices(request: SignedInRequest, hat: Hat, *, also_handing_in: bool = False) -> list[Group]:
    """The groups to choose from; without any this page does not exist for somebody."""
    groups = writable_groups(actor=request.actor.wearing(hat))
    if also_handing_in:
        groups += Group.objects.permitting(request.actor.wearing(hat), SUBMIT).exclude(
            pk__in=[group.pk for group in groups]
        )
    if not groups:
        raise Http404
    return groups


def _wanted(uids: list[str], choices: list[Group]) -> list[Group]:
    return [group for group in choices if str(group.uid) in uids]


def _own_class(choices: list[Group]) -> list[Group]:
    """Nothing to choose: the only group, or the only class."""
    classes = [group for group in choices if group.kind in CLASSES]
    return next((own for own in (choices, classes) if len(own) == 1), [])


def _has_school(groups: list[Group]) -> bool:
    return any(group.kind == GroupKind.SCHOOL for group in groups)


def _fresh_form(
    request: SignedInRequest, hat: Hat, choices: list[Group], chosen: list[Group], typed: MultiValueDict | None = None
) -> ComposeForm:
    """An empty form, or one with what was typed so far and no complaints about the rest."""
    start: dict[str, object] = {"topic": "update", "replies": Replies.OFF if _has_school(chosen) else Replies.ON}
    start |= typed_in(typed, TYPED) if typed else {}
    start["groep"] = [str(group.uid) for group in chosen]
    back = at_work(request, hat, choices[0].school)
    return ComposeForm(initial=start, groups=choices, now=request.now, at_work=back)


def _compare_audience(request: SignedInRequest, form: ComposeForm, chosen: list[Group]) -> None:
    """Without scripts the numbers above belong to an earlier choice: then they are shown once more before it goes."""
    shown = request.POST.getlist("shown")
    if shown and set(shown) != {str(group.uid) for group in chosen}:
        form.add_error("groep", _("You chose other groups. Look who reads this, then place it."))


def _places_for_all(hat: Hat, choices: list[Group]) -> bool:
    """Who places for the whole school itself hands nothing in for it; a council does so in the family hat."""
    return hat == Hat.STAFF and _has_school(choices)


def _compose_page(
    request: SignedInRequest,
    hat: Hat,
    choices: list[Group],
    form: ComposeForm,
    chosen: list[Group],
    status: int = 200,
    picks: Picks | None = None,
    before: Kept | None = None,
) -> HttpResponse:
    families = families_per_group(choices, now=request.now)
    picks = picks or Picks()
    kept_as = before.form if before else _kept_as(request)
    pictures = still_placeable(picks.pictures, user=request.user)
    texts = [str(form[name].value() or "") for name in ("title", "text")]
    groups = [group.uid for group in chosen]
    context = {
        "hat": hat,
        "form": form,
        "names_a_child": names_a_child_in_full(texts, groups=groups, actor=request.actor.wearing(hat)),
        "not_children": request.POST.getlist(NOT_CHILD),
        "audience": audience_of(chosen, now=request.now),
        "pickers": [
            {"box": box, "group": group, "families": families.get(group.pk, 0)}
            for box, group in zip(form["groep"], choices, strict=True)
        ],
        "replies_off": _has_school(chosen),
        "kept_at": before.at if before else None,
        "kept_as": kept_as,
        "keep_url": reverse("messaging:keep_text", args=[hat, kept_as]),
        "alarms": _alarms(request, hat),
        "may_ask_first": hat == Hat.STAFF and not hats_here(request).directs,
        "may_hand_in": hats_here(request).may(hat, SUBMIT) and not _places_for_all(hat, choices),
        **photo_context(request, hat, chosen, pictures, picks),
    }
    return render(request, "messaging/compose.html", context, status=status)


def _alarms(request: SignedInRequest, hat: Hat) -> bool:
    """Whether this person sends what cannot wait: the directie, of whom nothing is asked, and whom it named."""
    if hat != Hat.STAFF or hats_here(request).directs:
        return hat == Hat.STAFF
    return bool(schools_to_alarm(actor=request.actor.wearing(hat)))


@access.takes_files
@access.declares("The author, any time, while he may publish in the group.")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post = visible_written(request, hat, Post, uid)
    access.demand(post.may_edit)
    if request.method != "POST":
        return _edit_page(request, hat, post, PostForm(initial=content_of(post)))
    picks = picks_of(request, hat, post.group.school)
    if picks.acted and not picks.complaints:
        return _edit_page(request, hat, post, PostForm(initial=request.POST.dict()), picks)
    form = PostForm(request.POST)
    complain(form, picks)
    if form.is_valid():
        try:
            return _save(request, hat, post, form, picks)
        except CANNOT_GO as refused:
            say_why(form, refused, picks, hat)
    return _edit_page(request, hat, post, form, picks, status=422)


def _save(request: SignedInRequest, hat: Hat, post: Post, form: PostForm, picks: Picks) -> HttpResponse:
    try:
        edit_post(
            post=post,
            version=form.cleaned_data["version"],
            together=form.cleaned_data["together"],
            by=request.actor.wearing(hat),
            pictures=picks.pictures if "photos_here" in request.POST else None,
            declared=form.is_declared,
            not_children=request.POST.getlist(NOT_CHILD),
            **form.content,
        )
    except EditedMeanwhileError as meanwhile:
        mine = {**form.content, "version": meanwhile.current.version, "together": form.cleaned_data["together"]}
        form = PostForm(initial=mine)
        return _edit_page(request, hat, meanwhile.current, form, picks, status=409, meanwhile=True)
    messages.success(request, _("Your changes are in the message."))
    return redirect("messaging:post", hat, post.uid)


def _groups_of(request: SignedInRequest, hat: Hat, post: Post) -> list[Group]:
    """Where this message stands, and those written together with it that the writer may edit too."""
    if post.written_together is None:
        return [post.group]
    together = Post.objects.editable_by(request.actor.wearing(hat)).together_with(post)
    return [twin.group for twin in together.select_related("group").order_by("pk")]


def _edit_page(
    request: SignedInRequest,
    hat: Hat,
    post: Post,
    form: PostForm,
    picks: Picks | None = None,
    status: int = 200,
    meanwhile: bool = False,
) -> HttpResponse:
    """Without `picks` with the photos that stand there."""
    groups, there = _groups_of(request, hat, post), pictures_of(post)
    pictures = there if picks is None else still_placeable(picks.pictures, user=request.user, post=post)
    context = {
        "hat": hat,
        "post": post,
        "form": form,
        "not_children": request.POST.getlist(NOT_CHILD),
        "meanwhile": meanwhile,
        "together": groups if len(groups) > 1 else [],
        **photo_context(request, hat, groups, pictures, picks or Picks(pictures), {one.uid for one in there}),
        "audience": audience_of(groups, now=request.now),
    }
    return render(request, "messaging/edit.html", context, status=status)
