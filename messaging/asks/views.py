"""Answering what is asked, from the board or from the message; and what staff read of the answers."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import NewsKind, Way
from groups.people.services.contact_choices import way_of
from groups.roles import Hat
from messaging.asks.domain import ANSWERS, CHOOSE, COME, HELP, NOT_YET, OF_THE_CHILD, SIGN_OFF, SIGN_ON, YES
from messaging.asks.forms import UNCLEAR, AskAnswerForm
from messaging.asks.policies import reads_answers
from messaging.asks.services.answering import Heard, answer_ask, asks_each_child, export_answers, heard_from
from messaging.asks.services.coming import NoRoomLeftError, taken_of
from messaging.asks.services.helping import TaskList, export_helpers, helpers_of, may_show_phone, sign_off, sign_on
from messaging.asks.services.holding import AskedOtherwiseError
from messaging.asks.services.links import answer_link_of, asked_by
from messaging.asks.services.voting import VotedError, export_votes, outcome_of
from messaging.writings.models import Post
from messaging.writings.services.names import names_lost
from messaging.writings.services.seen import mark_seen
from messaging.writings.views.finding import visible_written
from portal.core import access
from portal.core.actor import Actor
from portal.core.confirming import confirmed_recently
from portal.core.downloads import csv_file
from portal.core.request import SignedInRequest, as_uid, or_404
from portal.core.words import Words

KEPT, BACK, OF = "bewaard", "terug", "of"
BOARD = "bord"
"""Where the answers are on a page; with it, or without, in the form that answers: the page to go back to."""
NUMBER = "nummer"
"""In the address of a message: at which task a telephone number is to be typed again."""


@access.declares("Parents and daily carers, at home: for the own children in a group of the message.")
@require_POST
def answer(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    if hat != Hat.FAMILY:
        raise Http404
    post = visible_written(request, hat, Post, uid)
    form = AskAnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _why(form))
        return _back(request, hat, form, uid, is_refused=True)
    child = form.cleaned_data["kind"]
    try:
        said = _give(post, form, [child] if child else None, request.actor.wearing(hat))
    except VotedError:
        messages.error(request, VOTED)
    except NoRoomLeftError as full:
        messages.error(request, _no_room(full))
    except AskedOtherwiseError:
        messages.error(request, OTHERWISE)
        return redirect("messaging:post", hat, uid)
    except ValueError:
        messages.error(request, UNCLEAR)
    else:
        messages.success(request, said)
        return _back(request, hat, form, uid)
    return _back(request, hat, form, uid, is_refused=True)


def _why(form: AskAnswerForm) -> str:
    """Why this form is no answer: what somebody typed or left out, or what no page of ours sends."""
    said = ("phone", "heads", NON_FIELD_ERRORS)
    return next((str(form.errors[name][0]) for name in said if name in form.errors), str(UNCLEAR))


def _no_room(full: NoRoomLeftError) -> str:
    if not full.left:
        return _("Not kept: there is no room any more. Call the school.")
    return _("Not kept: you can come with %(number)s at most.") % {"number": full.left}


OTHERWISE = gettext_lazy("What is asked has changed, or the time to answer is over.")
VOTED = gettext_lazy("You voted already. Nobody knows what, so it cannot be changed.")


def _give(post: Post, form: AskAnswerForm, children: list[UUID] | None, by: Actor) -> Words:
    """Keep what a valid form says; in words what became of it. Raises what the services raise.

    Who answers has read it, also on the board or in a mail, and is not phoned about it; of a vote nothing says when it
    was given.
    """
    words = _given(post, form, children, by)
    if not post.is_anonymous:
        mark_seen(by=by, uids=[post.uid])
    return words


def _given(post: Post, form: AskAnswerForm, children: list[UUID] | None, by: Actor) -> Words:
    said = form.cleaned_data
    answer, task, on, fingerprint = said["answer"], said["task"] or 0, said["on"], said["fingerprint"]
    if answer == SIGN_ON:
        helps = sign_on(post=post, task=task, ask_on=on, fingerprint=fingerprint, phone=said["phone"], by=by)
        if said["phone"] is not None:
            is_shown = said["phone"] and may_show_phone(post, by=by)
            return _("Your number is shown.") if is_shown else _("Your number is gone.")
        if helps:
            return _("You help. Thank you!")
        if way_of(user=by.user, school=post.school, kind=NewsKind.ASKS) == Way.NONE:
            return _("All places are taken. You are on the waiting list. You want no mail about this, so look here.")
        return _("All places are taken. You are on the waiting list: when there is a place you get a mail.")
    if answer == SIGN_OFF:
        sign_off(post=post, task=task, ask_on=on, fingerprint=fingerprint, by=by)
        return _("You are off the list.")
    heads = (said["heads"] or 1) if post.ask == COME and answer == YES else 0
    answer_ask(
        post=post,
        answer=answer,
        chosen=said["chosen"],
        heads=heads,
        ask_on=on,
        fingerprint=fingerprint,
        children=children,
        by=by,
    )
    return _("It is back on the board.") if answer == NOT_YET else _("Your answer has been kept.")


def _back(
    request: SignedInRequest, hat: Hat, form: AskAnswerForm, uid: UUID, *, is_refused: bool = False
) -> HttpResponse:
    """To where one answered: the board, with the child that was looked at, or the message.

    Of a refusal to the top of it, where the sentence stands that says so; of a number with its field unfolded.
    """
    at = "" if is_refused else f"#{BOARD}"
    if request.POST.get("van") != BOARD:
        if "phone" in form.errors and (task := form.cleaned_data.get("task")):
            at = f"?{NUMBER}={task}"
        return redirect(f"{reverse('messaging:post', args=[hat, uid])}{at}")
    child = form.cleaned_data["filter"]
    looked_at = f"?kind={child}" if child else ""
    return redirect(f"{reverse('messaging:feed', args=[hat])}{looked_at}{at}")


@access.declares("Whoever holds the signed link of a mail: answers that one question for that person; no sign-in.")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked and changes nothing, because scanners follow links.

    It shows nothing else of Kring and names no child: who has the link may be anybody. Where the words name one who may
    not be named any more it shows none of them, and the way to read them (POL-40).
    """
    link = or_404(answer_link_of(token))
    actor = Actor(link.user, Hat.FAMILY, request.now)
    with translation.override(link.user.language):
        form, found = AskAnswerForm(request.POST if request.method == "POST" else None), asked_by(link, actor=actor)
        why = _why(form) if form.is_bound else ""
        if found and form.is_valid() and not (why := _keep_by_mail(found[0], form, request.POST.getlist(OF), actor)):
            return redirect(f"{request.path}?{KEPT}{'' if form.cleaned_data['answer'] else f'={BACK}'}")
        context = {"ask": found[1] if found else None, "is_kept": KEPT in request.GET, "refused": why}
        context["is_back"] = request.GET.get(KEPT) == BACK
        if found and names_lost([found[0]], now=request.now):
            context |= {"ask": found[1].spared(_("A message in Kring")), "is_spared": True}
        status = 410 if found is None else 422 if form.is_bound else 200
        return render(request, "messaging/answer_by_mail.html", context, status=status)


def _keep_by_mail(post: Post, form: AskAnswerForm, of: Sequence[str], actor: Actor) -> str:
    """Nothing where the answer counts, and else why it does not: the question is another by now, the time is over,
    there is no room, one voted before. It takes no telephone number, and leaves the one that was given in Kring.

    It is for the children that the page was about: where one has an answer it was about the other, else who is reminded
    of the one says something else of the other, or does so with a second click.
    """
    form.cleaned_data["phone"] = None
    try:
        _give(post, form, [uid for value in of if (uid := as_uid(value))] or None, actor)
    except NoRoomLeftError as full:
        return _no_room(full)
    except VotedError:
        return str(VOTED)
    except AskedOtherwiseError:
        return str(OTHERWISE)
    except (PermissionDenied, ValueError):
        return str(UNCLEAR)
    return ""


@access.declares("Staff who manage the group: what was answered for each child of it, and never by whom.")
@require_safe
def answers(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post, actor = _asking_of_each(request, hat, uid), request.actor.wearing(hat)
    access.demand(reads_answers(actor, post))
    context = {
        "hat": hat,
        "post": post,
        "lists": _lists_of(post, actor),
        "outcome": outcome_of(post, actor=actor),
        "tasks": helpers_of(post, actor=actor),
        "taken": taken_of(post, now=request.now),
    }
    return render(request, "messaging/answers.html", context)


def _lists_of(post: Post, actor: Actor) -> list[tuple[str, list[Heard]]]:
    """The children by what stands for them, in words; who did not answer last. No lists of adults."""
    if not asks_each_child(post):
        return []
    heard = heard_from(post, actor=actor)
    nothing = (_words_of(NOT_YET), [one for one in heard if not one.answer])
    if post.ask == CHOOSE:
        chosen = enumerate(post.options.splitlines(), start=1)
        lists = [(words, [one for one in heard if place in one.said.chosen]) for place, words in chosen]
    else:
        said = [answer for answer in ANSWERS[post.ask] if answer != NOT_YET]
        lists = [(_words_of(answer), [one for one in heard if one.answer == answer]) for answer in said]
    return [*lists, nothing]


def _words_of(answer: str) -> str:
    return render_to_string("messaging/_said.html", {"answer": answer})


@access.declares("Staff who manage the group, proved again: the same list as a file; written down.")
@require_POST
@confirmed_recently
def answers_csv(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    post, actor = _asking_of_each(request, hat, uid), request.actor.wearing(hat)
    if post.is_anonymous:
        counts = export_votes(post, actor=actor)
        return csv_file("stemmen", [[_("Choice"), _("Votes")], *([words, str(count)] for words, count in counts)])
    if post.ask == HELP:
        return csv_file("helpers", _helper_rows(export_helpers(post, actor=actor)))
    options, heard = post.options.splitlines(), export_answers(post, actor=actor)
    rows = [
        [one.child.full_name, ", ".join(options[place - 1] for place in one.said.chosen) or _words_of(one.answer)]
        for one in heard
    ]
    if post.ask == COME:
        heads = [[child, said, str(one.said.heads or "")] for (child, said), one in zip(rows, heard, strict=True)]
        return csv_file("wie-komt", [[_("Child"), _("Answer"), _("With how many")], *heads])
    return csv_file("antwoorden", [[_("Child"), _("Answer")], *rows])


def _helper_rows(tasks: list[TaskList]) -> list[list[str]]:
    """Never with a number: that is for the day itself."""
    elsewhere, helps, waits = _("Somebody of another group"), _("helps"), _("on the waiting list")
    rows = [
        [one.task.line, helper.name or elsewhere, waits if helper.waits else helps]
        for one in tasks
        for helper in one.helpers
    ]
    return [[_("Task"), _("Name"), _("Helps or waits")], *rows]


def _asking_of_each(request: SignedInRequest, hat: Hat, uid: UUID) -> Post:
    """A message that asks something of each child or adult, as its staff find it; 404 for any other."""
    post = visible_written(request, hat, Post, uid)
    if post.ask not in (*OF_THE_CHILD, HELP) or hat != Hat.STAFF:
        raise Http404
    return post
