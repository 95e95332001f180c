"""A control that is drawn without a template is what Django's template draws, whatever stands in it."""

from itertools import product
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.functional import lazy
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from portal.core.controls import DRAWN, Controls

VALUES = (None, "", "groep 4", '"><script>', "a\nb", 0, 1, True, False, mark_safe("<b>"), gettext_lazy("Message"))
ATTRS: tuple[dict[str, Any], ...] = (
    {},
    {
        "id": "id_a",
        "class": 'x "y"',
        "required": True,
        "disabled": False,
        "data-n": 3,
        "title": gettext_lazy("Message"),
    },
)
ONE = (
    forms.TextInput,
    forms.HiddenInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.TelInput,
    forms.SearchInput,
    forms.PasswordInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
    forms.CheckboxInput,
    forms.Textarea,
)


@pytest.mark.parametrize("kind", ONE)
@pytest.mark.parametrize("attrs", ATTRS)
def test_one_control(kind: Any, attrs: dict[str, Any]) -> None:
    for value in VALUES:
        mine, djangos = (kind().render('a"b', value, attrs, renderer) for renderer in (Controls(), DjangoTemplates()))
        assert mine == djangos, repr(value)


@pytest.mark.parametrize("kind", [forms.RadioSelect, forms.CheckboxSelectMultiple])
@pytest.mark.parametrize("attrs", ATTRS)
def test_controls_to_choose_from(kind: Any, attrs: dict[str, Any]) -> None:
    """All together, and each apart as a template asks for it."""
    later = lazy(mark_safe, str)("<b>later</b>")
    choices = [("1", "<i>one</i>"), ('"2"', gettext_lazy("Message")), ("", mark_safe("<b>none</b>")), ("3", later)]
    for value in (None, "1", ["1", '"2"']):
        widget = kind(attrs={"class": "own"}, choices=choices)
        mine, djangos = (widget.render("a", value, attrs, renderer) for renderer in (Controls(), DjangoTemplates()))
        assert mine == djangos
        for option, wrapped in product(widget.subwidgets("a", value, attrs), (True, False)):
            mine, djangos = (
                renderer.render(option["template_name"], {"widget": {**option, "wrap_label": wrapped}})
                for renderer in (Controls(), DjangoTemplates())
            )
            assert mine == djangos


def test_no_template_is_left_out_that_is_not_tried_here() -> None:
    options = [kind.option_template_name for kind in (forms.RadioSelect, forms.CheckboxSelectMultiple)]
    assert set(DRAWN) == {*options, *(kind().template_name for kind in ONE)}
