"""One plain question before something goes: the page behind each act that a GET may not do itself."""

from collections.abc import Sequence

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render

from groups.models import Group
from groups.roles import Hat
from messaging.writings.models import Writing
from portal.core.request import SignedInRequest
from portal.core.templatetags.kring import midway
from portal.core.words import listed


def ask_first(
    request: SignedInRequest,
    hat: Hat,
    written: Writing,
    *,
    title: str,
    text: str,
    button: str,
    together: str = "",
    form: Form | None = None,
) -> HttpResponse:
    """`together`: the groups a message was written to, to do it in all. `form`: what is asked beside it."""
    context = {
        "hat": hat,
        "title": title,
        "text": text,
        "button": button,
        "together": together,
        "form": form,
        "back_url": (written.on_page_of or written).page_in(hat),
        "written": written,
    }
    return render(request, "messaging/sure.html", context, status=422 if form and form.is_bound else 200)


def names_of(groups: Sequence[Group]) -> str:
    """Inside a sentence: "groep 4, groep 5 en Hele school"."""
    return listed([midway(group.name) for group in groups])
