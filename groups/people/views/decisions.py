"""One adult and one child: what was decided, and deciding. Each act has its own page that says what follows."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from groups.letters.services.claims import unlink_account
from groups.people.forms.people import DecisionForm
from groups.people.services import families
from groups.people.services.guardianships import (
    AlreadyDecidedError,
    decide_guardianship,
    end_guardianship,
    told_as,
)
from groups.people.services.letters import letters_of
from groups.people.services.restrictions import limited_until
from groups.records.domain.levels import ADMITTED
from groups.records.models.truth import Guardianship, Level
from groups.records.policies import is_of_own_family, is_own_family
from groups.told.domain.kinds import kind_of
from portal.core import access, submissions
from portal.core.confirming import confirmed_recently
from portal.core.paper import render_on_paper
from portal.core.request import SignedInRequest, or_404


@dataclass(frozen=True)
class DecisionAct:
    """What the directie can do: the word in the URL, the level it leads to (none: an end), and its words."""

    slug: str
    level: str
    button: Promise | str
    title: Promise | str
    follows: Promise | str
    warns: bool = False
    again: Promise | str = ""


ACTS = {
    act.slug: act
    for act in (
        DecisionAct(
            "toelaten",
            Level.WITH_AUTHORITY,
            gettext_lazy("Admit as parent"),
            gettext_lazy("Admit as parent?"),
            gettext_lazy("You saw the authority. From now on this person reads and replies."),
            again=gettext_lazy("Admit again as parent"),
        ),
        DecisionAct(
            "dagelijks",
            Level.DAILY_CARER,
            gettext_lazy("Name daily carer"),
            gettext_lazy("Name daily carer?"),
            gettext_lazy("Cares for the child every day: reads, replies, talks with the teacher. Decides nothing."),
            again=gettext_lazy("Name daily carer again"),
        ),
        DecisionAct(
            "meelezen",
            Level.ADMITTED_READER,
            gettext_lazy("Let read along"),
            gettext_lazy("Let read along?"),
            gettext_lazy("Only reads. Does not reply, decides nothing."),
            again=gettext_lazy("Let read along again"),
        ),
        DecisionAct(
            "weigeren",
            Level.WITHOUT_AUTHORITY,
            gettext_lazy("Refuse: no authority"),
            gettext_lazy("Refuse?"),
            gettext_lazy("Does not get in, or loses access at once. Asks you for information."),
            warns=True,
        ),
        DecisionAct(
            "contactverbod",
            Level.CONTACT_BAN,
            gettext_lazy("Note a contact ban"),
            gettext_lazy("Note a contact ban?"),
            gettext_lazy("Does not get in, or loses access at once. Nobody but you sees the name."),
            warns=True,
        ),
        DecisionAct(
            "beeindigen",
            "",
            gettext_lazy("End it"),
            gettext_lazy("End it?"),
            gettext_lazy("Access ends at once."),
            warns=True,
        ),
    )
}


DECIDED = gettext_lazy("Somebody decided already. This holds now.")


def _found(request: SignedInRequest, uid: UUID) -> Guardianship:
    """The guardianship if this person directs the child's school; otherwise it is not there (404)."""
    rows = Guardianship.objects.visible_to(request.actor).annotate(opens=families.opening(request.now))
    return get_object_or_404(rows.select_related("caregiver", "child__school"), uid=uid)


@access.declares("The directie of the child's school: one adult of one child, and what was decided before.")
@require_safe
def guardianship(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    if is_own_family(request.actor, row):
        return render(request, "groups/own_family.html", {"row": row, **_place(request, row)})
    about = _about(request, row)
    if (newest := about["history"][0]) != row:
        return redirect("groups:guardianship", uid=newest.uid)
    context = {**about, "acts": _acts_for(row), "letters": letters_of(row, now=request.now)}
    return render(request, "groups/guardianship.html", context)


def _about(request: SignedInRequest, row: Guardianship) -> dict[str, Any]:
    has_left = row.child.left_at is not None and row.child.left_at <= request.now
    adult = families.Adult(row, opens=row.opens)
    return {
        "row": row,
        "has_left": has_left,
        **_place(request, row),
        "history": families.history_of(row, now=request.now),
        "unreached_since": families.parent_unreached_since(row.caregiver, now=request.now),
        "can_sit": row.level in ADMITTED and row.valid_until is None and not has_left,
        "can_unlink": row.caregiver.user_id is not None,
        "can_get_letter": adult.can_get_letter and row.valid_until is None and not has_left,
        "shares_address": adult.shares_address and row.valid_until is None and not has_left,
        "needs_birthday": row.level in ADMITTED and row.caregiver.user_id is None and row.child.birth_on is None,
    }


def _place(request: SignedInRequest, row: Guardianship) -> dict[str, object]:
    return {"group": families.classes_by_child([row.child_id], now=request.now).get(row.child_id)}


def _acts_for(row: Guardianship) -> list[DecisionAct]:
    """Every act but the one that would change nothing; where it ended, every act but ending it."""
    if row.valid_until is None:
        return [act for act in ACTS.values() if act.level != row.level]
    return [replace(act, button=act.again or act.button) for act in ACTS.values() if act.level]


@access.declares("The directie of the child's school, not about the own family: admit, refuse, ban, end.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def decide(request: SignedInRequest, uid: UUID, act: str) -> HttpResponse:
    row = _found(request, uid)
    chosen = or_404(ACTS.get(act))
    if request.method == "GET" and is_own_family(request.actor, row):
        return redirect("groups:guardianship", uid=row.uid)
    form = DecisionForm(request.POST or None, initial={"ended": row.valid_until is not None})
    if request.method == "POST" and form.is_valid():
        return _decided(request, row, chosen, form)
    context = {**_about(request, row), "act": chosen, "form": form}
    if (newest := context["history"][0]) != row:
        messages.warning(request, DECIDED)
        return redirect("groups:guardianship", uid=newest.uid)
    return render(request, "groups/decide.html", context, status=422 if form.errors else 200)


def _decided(request: SignedInRequest, row: Guardianship, act: DecisionAct, form: DecisionForm) -> HttpResponse:
    """What the page said it would do; the same form twice is one. Of two who decide, the second finds it decided."""
    evidence = form.cleaned_data["evidence"]
    key = submissions.key_of(form.cleaned_data["key"], (row.uid, act.slug, evidence, form.said))
    deed: dict[str, Any] = {"guardianship": row, "evidence": evidence, "said": form.said, "by": request.actor}
    try:
        with transaction.atomic():
            if form.cleaned_data["ended"] != (row.valid_until is not None):
                raise AlreadyDecidedError
            latest = decide_guardianship(level=act.level, **deed) if act.level else end_guardianship(**deed)
            submissions.claim(
                user=request.user,
                key=key,
                subject_kind="guardianship",
                subject_uid=latest.uid,
                now=request.now,
            )
    except AlreadyDecidedError:
        latest = families.history_of(row, now=request.now)[0]
        holds = latest.level == act.level and latest.valid_until is None if act.level else bool(latest.valid_until)
        is_done = holds and submissions.is_claimed(user=request.user, key=str(key))
    else:
        is_done = True
    if is_done:
        messages.success(request, _("Saved. It holds from this moment."))
    else:
        messages.warning(request, DECIDED)
    return redirect("groups:guardianship", uid=latest.uid)


@access.declares("The directie of the child's school, not about the own family: a decision on paper, without account.")
@require_safe
def decision_letter(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    if row.caregiver.user_id or row.decided_by_id is None or is_own_family(request.actor, row):
        return redirect("groups:guardianship", uid=row.uid)
    is_named = row.level in ADMITTED and row.valid_until is None
    context = {"row": row, "kind": kind_of(told_as(row)), "school": row.child.school, "is_named": is_named}
    return render_on_paper(request, "groups/decision_letter.html", context)


@access.declares("The directie of the child's school, not about the own family: this account is somebody else's.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def unlink(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    is_free = row.caregiver.user_id is None
    if request.method == "GET" and (is_free or is_of_own_family(request.actor, row.caregiver)):
        return redirect("groups:guardianship", uid=row.uid)
    if request.method == "POST":
        unlink_account(caregiver=row.caregiver, by=request.actor)
        messages.success(request, _("Saved. Make a letter for the right person."))
        return redirect("groups:guardianship", uid=row.uid)
    limit = limited_until(caregiver=row.caregiver, now=request.now)
    return render(request, "groups/unlink.html", {**_about(request, row), "limited_until": limit})
