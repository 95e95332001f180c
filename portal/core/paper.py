"""Pages that are printed and handed to somebody else."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation


def render_on_paper(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """As `render`, in the language of the school: whoever prints it, somebody else reads it."""
    with translation.override(settings.LANGUAGE_CODE):
        page = render(request, template, context)
    page["Content-Language"] = settings.LANGUAGE_CODE
    return page
