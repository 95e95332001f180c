"""Van de school aan u: what school told, where one finds it again, and the box to write back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.records.services.contacts import is_pupil
from groups.roles import Hat
from groups.told import services
from groups.told.domain.kinds import kept_until, own_page, own_words
from groups.told.forms import AnswerForm
from groups.told.models import Telling
from portal.core import access
from portal.core.actor import Actor
from portal.core.paging import paged
from portal.core.request import SignedInRequest
from portal.core.templatetags.kring import day


@access.declares("Everybody signed in: what school told oneself, in this hat.")
@require_safe
def told(request: SignedInRequest, hat: Hat) -> HttpResponse:
    rows = services.tellings_for(actor=request.actor.wearing(hat))
    context = {"hat": hat, "page": paged(rows, request), "is_pupil": is_pupil(request.actor)}
    context["was_answered"] = hat == Hat.STAFF and services.was_answered(request.actor)
    return render(request, "groups/told/list.html", context)


@access.declares("Whom school told this, in that hat.")
@require_http_methods(["GET", "HEAD", "POST"])
def telling(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    actor = request.actor.wearing(hat)
    row = get_object_or_404(Telling.objects.visible_to(actor).select_related("school", "told_by"), uid=uid)
    if request.method == "POST" and "away" in request.POST:
        services.put_away(row, by=actor)
        return redirect("home")
    from_board = services.is_from_board(row)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.answer(row, text=form.cleaned_data["text"], by=actor)
        except services.EnoughAnswersError:
            form.add_error("text", _("There are ten answers here. Call the school, that is easier."))
        else:
            arrived = _("Your answer is with the board.") if from_board else _("Your answer is at school.")
            messages.success(request, arrived)
            return redirect("groups:telling", hat, uid)
    context = {"hat": hat, "telling": row, "answers": row.answers.order_by("pk"), "form": form, **_about(row, actor)}
    context |= {"kept_until": kept_until(row.uid), "is_pupil": is_pupil(request.actor), "from_board": from_board}
    return render(request, "groups/told/telling.html", context, status=422 if form.errors else 200)


def _about(row: Telling, actor: Actor) -> dict[str, str]:
    """Which own text it is about, and its page as long as its writer can open it; a child only to who reads of it."""
    if row.about_kind == "child":
        child = services.child_named_in(row, actor=actor)
        return {"about": child} if child else {}
    words = own_words(row.about_kind)
    if row.about_uid is None or row.about_at is None or words is None:
        return {}
    about = words.to(row.hat) % {"day": day(row.about_at, actor.now)}
    return {"about": about, "page": own_page(row.about_kind, row.about_uid, actor)}
