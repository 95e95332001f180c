"""Django's form controls, drawn without its templates where these say no more than a tag and its attributes.

A box to tick takes three templates, and a page where somebody writes has thirty of them: they cost more than all else.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import TypedDict

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeData, SafeString


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


def _escaped(value: object) -> str:
    """As `conditional_escape`, without its look whether something is lazy: a page asks it hundreds of times."""
    text = str(value)
    return text if isinstance(text, SafeData) else escape(text)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_escaped(widget["value"])}"'
    name, attrs = _escaped(widget["name"]), _attrs(widget["attrs"])
    return f'<input type="{_escaped(widget["type"])}" name="{name}"{value}{attrs}>'


def _option(widget: Widget) -> str:
    if not widget.get("wrap_label"):
        return _input(widget)
    named = f' for="{_escaped(widget["attrs"]["id"])}"' if widget["attrs"].get("id") else ""
    return f"<label{named}>{_input(widget)}\n {_escaped(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    name, attrs = _escaped(widget["name"]), _attrs(widget["attrs"])
    return f'<textarea name="{name}"{attrs}>\n{_escaped(widget["value"] or "")}</textarea>'


def _attrs(attrs: Mapping[str, str | bool]) -> str:
    there = [(_escaped(name), value) for name, value in attrs.items() if value is not False]
    return "".join(f" {name}" if value is True else f' {name}="{_escaped(value)}"' for name, value in there)


DRAWN: Mapping[str, Drawing] = {
    **{WIDGETS.format(kind): _input for kind in (*INPUTS, "checkbox")},
    **{WIDGETS.format(kind): _option for kind in ("checkbox_option", "radio_option")},
    WIDGETS.format("textarea"): _textarea,
}
