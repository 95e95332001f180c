"""Forms to print for families without e-mail: the words of today, with boxes to tick and a line to sign."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from consent.answers.services.choices import present_words
from consent.asking.services.texts import asked_at
from consent.overview.services import print_forms
from consent.overview.views.overview import class_of
from consent.paper import services as office
from groups.models import Child, School
from portal.core import access
from portal.core.paper import render_on_paper
from portal.core.request import SignedInRequest, or_404


@access.declares("The directie of the child's school, not about the own family: a blank form about one child.")
@require_safe
def blank_form(request: SignedInRequest, uid: UUID) -> HttpResponse:
    child = or_404(office.find_child(uid, by=request.actor))
    return _printed(request, child.school, [child], reverse("consent:record_paper", args=[child.uid]))


@access.declares("The directie, about the own school only: blank forms for who of a group has still to answer.")
@require_POST
def blank_forms(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = class_of(request, uid)
    waiting = print_forms(group=group, by=request.actor)
    return _printed(request, group.school, waiting, reverse("consent:group_overview", args=[group.uid]))


def _printed(request: SignedInRequest, school: School, children: Iterable[Child], back: str) -> HttpResponse:
    rows = asked_at(school, actor=request.actor)
    with translation.override(settings.LANGUAGE_CODE):
        words = present_words(row.pk for row in rows)
    forms: list[dict[str, object]] = [
        {"child": child, "alone": office.decides_alone(child.birth_on, now=request.now)} for child in children
    ]
    context = {
        "school": school,
        "forms": forms,
        "asked": [(row, words[row.pk]) for row in rows],
        "needs_all": all(row.requires_all for row in rows),
        "back": back,
    }
    return render_on_paper(request, "consent/blank_forms.html", context)
