"""Django's form controls, drawn without its templates where these say no more than a tag and its attributes.

A box to tick takes three templates, and a page where somebody writes has thirty of them: they cost more than all else.
"""

from collections.abc import Callable, Mapping
from typing import TypedDict

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


class Widget(TypedDict, total=False):
    """What Django's templates get of a control."""

    type: str
    name: str
    value: str | None
    label: str
    attrs: dict[str, str | bool]
    wrap_label: bool


Drawing = Callable[[Widget], str]
INPUTS = ("text", "hidden", "number", "email", "url", "tel", "search", "password", "date", "datetime", "time")
WIDGETS = "django/forms/widgets/{}.html"


class Controls(DjangoTemplates):
    """The renderer of all forms; draws exactly what Django's own draws."""

    def render(self, template_name: str, context: dict[str, Widget], request: HttpRequest | None = None) -> str:
        draw = DRAWN.get(template_name)
        return SafeString(draw(context["widget"])) if draw else super().render(template_name, context, request)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{conditional_escape(widget["value"])}"'
    name, attrs = conditional_escape(widget["name"]), _attrs(widget["attrs"])
    return f'<input type="{conditional_escape(widget["type"])}" name="{name}"{value}{attrs}>'


def _option(widget: Widget) -> str:
    if not widget.get("wrap_label"):
        return _input(widget)
    named = f' for="{conditional_escape(str(widget["attrs"]["id"]))}"' if widget["attrs"].get("id") else ""
    return f"<label{named}>{_input(widget)}\n {conditional_escape(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    name, attrs = conditional_escape(widget["name"]), _attrs(widget["attrs"])
    return f'<textarea name="{name}"{attrs}>\n{conditional_escape(widget["value"] or "")}</textarea>'


def _attrs(attrs: Mapping[str, str | bool]) -> str:
    there = [(conditional_escape(name), value) for name, value in attrs.items() if value is not False]
    return "".join(f" {name}" if value is True else f' {name}="{conditional_escape(value)}"' for name, value in there)


DRAWN: Mapping[str, Drawing] = {
    **{WIDGETS.format(kind): _input for kind in (*INPUTS, "checkbox")},
    **{WIDGETS.format(kind): _option for kind in ("checkbox_option", "radio_option")},
    WIDGETS.format("textarea"): _textarea,
}
