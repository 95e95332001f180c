"""Answering what is asked, from the board or from the message; and what staff read of the answers."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import Child
from groups.roles import Hat
from messaging.asks.domain import ANSWERS, CHOOSE, NOT_YET, OF_THE_CHILD
from messaging.asks.forms import AskAnswerForm
from messaging.asks.policies import reads_answers
from messaging.asks.services.answering import AskedOtherwiseError, answer_ask, export_answers, heard_from
from messaging.asks.services.links import answer_link_of, asked_by
from messaging.asks.services.voting import VotedError, export_votes, outcome_of
from messaging.writings.models import Post
from messaging.writings.views.finding import visible_written
from portal.core import access
from portal.core.actor import Actor
from portal.core.downloads import csv_file
from portal.core.request import SignedInRequest, or_404

KEPT = "bewaard"
BOARD = "bord"
"""Where the answers are on a page; with it, or without, in the form that answers: the page to go back to."""


@access.declares("Parents and daily carers, at home: for the own children in a group of the message.")
@require_POST
def answer(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if hat != Hat.FAMILY:
        raise Http404
    post = visible_written(request, hat, Post, uid)
    form = AskAnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Your answer did not come through. Give it once more."))
        return _back(request, hat, form, uid)
    said, child = form.cleaned_data["answer"], form.cleaned_data["kind"]
    try:
        answer_ask(
            post=post,
            answer=said,
            chosen=form.cleaned_data["chosen"],
            ask_on=form.cleaned_data["on"],
            children=[child] if child else None,
            by=request.actor.wearing(hat),
        )
    except VotedError:
        messages.error(request, _("You voted already. Nobody knows what, so it cannot be changed."))
        return _back(request, hat, form, uid)
    except AskedOtherwiseError:
        messages.error(request, _("What is asked has changed, or the time to answer is over."))
        return redirect("messaging:post", hat, uid)
    except ValueError:
        messages.error(request, _("Your answer did not come through. Give it once more."))
        return _back(request, hat, form, uid)
    messages.success(request, _("It is back on the board.") if said == NOT_YET else _("Your answer has been kept."))
    return _back(request, hat, form, uid)


def _back(request: SignedInRequest, hat: Hat, form: AskAnswerForm, uid: UUID) -> HttpResponse:
    """To where one answered: the board, with the child that was looked at, or the message."""
    if request.POST.get("van") != BOARD:
        return redirect(f"{reverse('messaging:post', args=[hat, uid])}#{BOARD}")
    child = form.cleaned_data["filter"]
    looked_at = f"?kind={child}" if child else ""
    return redirect(f"{reverse('messaging:feed', args=[hat])}{looked_at}#{BOARD}")


@access.declares("Whoever holds the signed link of a mail: answers that one question for that person; no sign-in.")
@login_not_required
@require_http_methods(["GET", "POST"])
def answer_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked and changes nothing, because scanners follow links.

    It shows nothing else of Kring and names no child: who has the link may be anybody.
    """
    link = or_404(answer_link_of(token))
    actor = Actor(link.user, Hat.FAMILY, request.now)
    with translation.override(link.user.language):
        form, found = AskAnswerForm(request.POST if request.method == "POST" else None), asked_by(link, actor=actor)
        if found and form.is_valid() and _keep_by_mail(found[0], form, actor):
            return redirect(f"{request.path}?{KEPT}")
        context = {"ask": found[1] if found else None, "is_kept": KEPT in request.GET}
        status = 410 if found is None else 422 if form.is_bound else 200
        return render(request, "messaging/answer_by_mail.html", context | {"is_refused": form.is_bound}, status=status)


def _keep_by_mail(post: Post, form: AskAnswerForm, actor: Actor) -> bool:
    """Whether the answer counts; not where the question is another by now, or the time is over."""
    try:
        answer_ask(
            post=post,
            answer=form.cleaned_data["answer"],
            chosen=form.cleaned_data["chosen"],
            ask_on=form.cleaned_data["on"],
            by=actor,
        )
    except (PermissionDenied, ValueError, VotedError):
        return False
    return True


@access.declares("Staff who manage the group: what was answered for each child of it, and never by whom.")
@require_safe
def answers(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post, actor = _asking_of_each(request, hat, uid), request.actor.wearing(hat)
    access.demand(reads_answers(actor, post))
    context = {"hat": hat, "post": post, "lists": _lists_of(post, actor), "outcome": outcome_of(post, actor=actor)}
    return render(request, "messaging/answers.html", context)


def _lists_of(post: Post, actor: Actor) -> list[tuple[str, list[Child]]]:
    """The children by what stands for them, in words; who did not answer last. No lists of a vote."""
    if post.is_anonymous:
        return []
    heard = heard_from(post, actor=actor)
    nothing = (_words_of(NOT_YET), [one.child for one in heard if not one.answer])
    if post.ask == CHOOSE:
        chosen = enumerate(post.options.splitlines(), start=1)
        lists = [(words, [one.child for one in heard if place in one.said.chosen]) for place, words in chosen]
    else:
        said = ANSWERS[post.ask]
        lists = [(_words_of(answer), [one.child for one in heard if one.answer == answer]) for answer in said]
    return [*lists, nothing]


def _words_of(answer: str) -> str:
    return render_to_string("messaging/_said.html", {"answer": answer})


@access.declares("Staff who manage the group: the same list as a file; written down.")
@require_POST
def answers_csv(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post, actor = _asking_of_each(request, hat, uid), request.actor.wearing(hat)
    if post.is_anonymous:
        counts = export_votes(post, actor=actor)
        return csv_file("stemmen", [[_("Choice"), _("Votes")], *([words, str(count)] for words, count in counts)])
    options = post.options.splitlines()
    rows = [
        [one.child.full_name, ", ".join(options[place - 1] for place in one.said.chosen) or _words_of(one.answer)]
        for one in export_answers(post, actor=actor)
    ]
    return csv_file("antwoorden", [[_("Child"), _("Answer")], *rows])


def _asking_of_each(request: SignedInRequest, hat: Hat, uid: UUID) -> Post:
    """A message that asks something of each child or adult, as its staff find it; 404 for any other."""
    post = visible_written(request, hat, Post, uid)
    if post.ask not in OF_THE_CHILD or hat != Hat.STAFF:
        raise Http404
    return post
