"""A kind word of parent to parent: saying it, reading it, wanting no more; and the school's switch."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.records.places import place_of
from groups.roles import Hat
from messaging.models import Reply
from moderation.kind_words.forms import KindWordForm, KindWordRulesForm
from moderation.kind_words.policies import can_say
from moderation.kind_words.services.words import (
    close_words,
    rules_at,
    say_kindly,
    set_kind_words,
    take_words,
    wants_words,
    words_to,
)
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("A parent who reads the reply of another parent and may reply there: one of the school's sentences.")
@require_http_methods(["GET", "POST"])
def say(request: SignedInRequest, uid: UUID) -> HttpResponse:
    actor = request.actor.wearing(Hat.FAMILY)
    reply = get_object_or_404(Reply.objects.visible_to(actor).select_related("post", "school", "author"), uid=uid)
    if not can_say(actor, reply):
        raise PermissionDenied
    form = KindWordForm(request.POST if request.method == "POST" else None, phrases=rules_at(reply.school).choices)
    back = f"{reverse('messaging:post', args=[Hat.FAMILY, reply.post.uid])}#reactie-{reply.uid}"
    if form.is_valid():
        say_kindly(reply=reply, phrase=form.cleaned_data["phrase"], by=actor)
        words = _("%(name)s reads it in Kring, with your name.")
        messages.success(request, words % {"name": reply.author_name[:1].upper() + reply.author_name[1:]})
        return redirect(back)
    context = {"hat": Hat.FAMILY, "written": reply, "form": form, "back": back}
    return render(request, "moderation/say_kindly.html", context, status=422 if form.is_bound else 200)


@access.declares("Everybody signed in: the kind words of other parents to oneself, and wanting no more of them.")
@require_http_methods(["GET", "POST"])
def kind_words(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        if request.POST.get("act") == "take":
            take_words(by=request.actor)
        else:
            close_words(by=request.actor)
        messages.success(request, _("Saved."))
        return redirect("moderation:kind_words")
    family = request.actor.wearing(Hat.FAMILY)
    words = words_to(request.actor)
    about = Reply.objects.visible_to(family).filter(pk__in=[one.reply_id for one in words])
    standing = set(about.values_list("pk", flat=True))
    context = {"words": [(one, one.reply_id in standing) for one in words], "wants": wants_words(request.actor)}
    return render(request, "moderation/kind_words.html", context)


@access.declares("The directie, about the own school only: whether parents may say a kind word, and in which words.")
@require_http_methods(["GET", "POST"])
def kind_word_rules(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    rules = rules_at(place.school)
    initial = {"is_on": rules.is_on, "phrases": rules.phrases}
    form = KindWordRulesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        set_kind_words(school=place.school, **form.cleaned_data, by=request.actor)
        messages.success(request, _("Saved. It holds from this moment."))
        return redirect(reverse("moderation:protocols") + place.ask)
    context = {"place": place, "form": form}
    return render(request, "moderation/kind_word_rules.html", context, status=422 if form.is_bound else 200)
