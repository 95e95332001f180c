"""One field of a form as every page shows it. Built in, as `kring` is.

Drawn here and not by a template: where somebody writes stand twenty of them, which cost more than the rest of the page.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol
from uuid import UUID

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.core.templatetags.kring import icon
from portal.core.words import Words

register = template.Library()


class Tickable(Protocol):
    """Somebody with a box of their own."""

    @property
    def uid(self) -> UUID: ...

    @property
    def name(self) -> str: ...


@register.simple_tag
def chips(people: Iterable[tuple[Tickable, bool]], *, name: str, kind: str = "chip") -> SafeString:
    """A box for each of these, ticked or not: a whole class stands under each photo. Without a name nothing is sent."""
    named = format_html(' name="{}"', name) if name else ""
    begins = format_html('<label class="{}"><input type="checkbox"{} value="', kind, named)
    ticked = {False: '"', True: '" checked'}
    return SafeString(
        "".join(f"{begins}{who.uid}{ticked[is_on]}><span>{escape(who.name)}</span></label>" for who, is_on in people)
    )


@register.simple_tag(name="field")
def drawn_field(
    field: BoundField, *, kind: str = "", optional: bool = False, label: str = "", hint: str = ""
) -> SafeString:
    """Label, hint, errors above the control, and what was typed.

    `kind` "code" sets it wide apart for reading digits; `optional` adds that it is not required; `label` and `hint`
    are other words than the form's.
    """
    if field.is_hidden:
        return field.as_widget()
    words, under = label or field.label, hint or field.help_text
    if field.widget_type == "checkbox":
        return _box(field, words, under)
    if optional:
        words = format_html("{} <small>({})</small>", words, _("not required"))
    told = format_html('<p class="hint" id="{}_helptext">{}</p>', field.auto_id, under) if under else ""
    if field.field.widget.use_fieldset:
        return _choices(field, words, told)
    return format_html(
        '<div class="field"><label for="{}">{}</label>{}{}{}</div>',
        field.id_for_label,
        words,
        field_errors(field),
        control(field, kind, hint),
        told,
    )


def _box(field: BoundField, words: Words, under: Words) -> SafeString:
    """One to tick, with its words behind it."""
    told = format_html(' <small id="{}_helptext">{}</small>', field.auto_id, under) if under else ""
    return format_html(
        '<div class="field">{}<label class="opt{}">{} <span>{}{}</span></label></div>',
        field_errors(field),
        _refused(field),
        field.as_widget(),
        words,
        told,
    )


def _choices(field: BoundField, words: Words, told: str) -> SafeString:
    """Several to choose from."""
    tied = format_html(' aria-describedby="{}"', field.aria_describedby) if field.aria_describedby else ""
    return format_html(
        '<fieldset class="field"{}><legend>{}</legend>{}{}<div class="opts{}">{}</div></fieldset>',
        tied,
        words,
        told,
        field_errors(field),
        _refused(field),
        format_html_join("", '{}<label class="opt">{} <span>{}{}</span></label>', _options(field)),
    )


def _refused(field: BoundField) -> str:
    return " invalid" if field.errors else ""


def _options(field: BoundField) -> Iterator[tuple[str, str, str, str]]:
    """What stands above a choice that is the first of a part, the choice, its words, and the second voice under it:
    `option_heads` and `option_hints` of the form field, by value."""
    heads, hints = (getattr(field.field, name, {}) for name in ("option_heads", "option_hints"))
    for option in field:
        head, hint = (told.get(str(option.data["value"]), "") for told in (heads, hints))
        yield (
            format_html("<b>{}</b>", head) if head else "",
            option.tag(),
            option.choice_label,
            format_html(" <small>{}</small>", hint) if hint else "",
        )


@register.simple_tag
def field_errors(field: BoundField) -> SafeString:
    """What is not right yet, above the control; nothing where all is."""
    if not field.errors:
        return SafeString("")
    said = ((icon("circle-alert", small=True), error) for error in field.errors)
    lines = format_html_join("", '<p class="err">{}{}</p>', said)
    return format_html('<div id="{}_error">{}</div>', field.auto_id, lines)


@register.simple_tag
def control(field: BoundField, kind: str = "", hint: str = "") -> SafeString:
    """The form control of a field in Kring's dress, tied to its hint and errors.

    `kind` "code" sets it wide apart for reading digits; `hint` stands in for the form's own help text.
    """
    own = field.field.widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": " ".join(word for word in ("input", kind, own) if word)}
    described = [
        f"{field.auto_id}_{what}"
        for what, there in (("helptext", hint or field.help_text), ("error", field.errors))
        if there
    ]
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.filter
def anchor(field: BoundField) -> str:
    """The id of the first control of a field, for the links in the summary of errors."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def complaints(form: BaseForm) -> int:
    """How many things are said to be wrong in a refused form: one field may have several."""
    return sum(len(errors) for errors in form.errors.values())


@register.filter
def answer(field: BoundField) -> str:
    """What is chosen now, in the words of the choice; nothing where nothing is."""
    return next((str(option.choice_label) for option in field if option.data["selected"]), "")
