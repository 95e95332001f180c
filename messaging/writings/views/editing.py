"""Changing the words of an own reply or message in the quarter of an hour after it was placed."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from groups.roles import Hat
from messaging.writings.models import Writing
from messaging.writings.services.written import TooLateToEditError, edit_words
from portal.core import access
from portal.core.request import SignedInRequest
from portal.core.versions import EditedMeanwhileError


def edit_page(
    request: SignedInRequest,
    hat: Hat,
    written: Writing,
    form_type: type[forms.Form],
    *,
    template: str,
    done: str,
    also: Mapping[str, object],
) -> HttpResponse:
    """The page for it, `also` with what this `template` shows beside; `done` is said where the text stands.

    Somebody else's is refused. Too late, or changed meanwhile: the page again, with what was typed.
    """
    access.demand(written.author_id == request.user.pk and written.hat == hat)

    def page(form: forms.Form, status: int, meanwhile: Writing | None = None) -> HttpResponse:
        known = {"hat": hat, "written": written, "form": form, "is_too_late": status == 403, "meanwhile": meanwhile}
        return render(request, template, {**known, **also}, status=status)

    if request.method != "POST":
        initial = {"text": written.text, "version": written.version}
        return page(form_type(initial=initial), 200 if written.may_edit else 403)
    form = form_type(request.POST)
    if not form.is_valid():
        return page(form, 422)
    text, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        edit_words(written=written, version=version, text=text, by=request.actor.wearing(hat))
    except TooLateToEditError:
        return page(form, 403)
    except EditedMeanwhileError as meanwhile:
        current = meanwhile.current
        return page(form_type(initial={"text": text, "version": current.version}), 409, current)
    messages.success(request, done)
    return redirect(written.page_in(hat))
