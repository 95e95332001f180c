"""Words for the pages about people."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.first_day.services.opening import preparing
from groups.letters.domain.qr import QUIET, draw_qr

register = template.Library()

# Order matters: Edge and Samsung's browser also call themselves Chrome, Chrome also calls itself Safari.
BROWSERS = [("Edg", "Edge"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("Chrome", "Chrome")]
BROWSERS += [("CriOS", "Chrome"), ("Safari", "Safari")]
SYSTEMS = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "Chromebook")]
SYSTEMS += [("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux")]


@register.filter
def browser(user_agent: str) -> str:
    """ "Firefox, Android": enough to recognise the own phone, nothing to follow somebody with."""
    names_found = [next((name for sign, name in names if sign in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names_found if name) or _("unknown browser")


@register.simple_tag
def families_in(reached: int, total: int) -> str:
    """How many families of a group are in, in words."""
    words = ngettext("%(reached)s of %(total)s family is in", "%(reached)s of %(total)s families are in", total)
    return words % {"reached": reached, "total": total}


@register.simple_tag
def qr_code(text: str, label: str) -> SafeString:
    """The square for a camera: always dark on white, at night too, or no camera reads it."""
    side, path = draw_qr(text)
    drawing = (
        '<svg class="qr" viewBox="{start} {start} {side} {side}" width="176" height="176" role="img"'
        ' aria-label="{label}">'
        '<rect x="{start}" y="{start}" width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>'
    )
    return format_html(drawing, start=-QUIET, side=side + 2 * QUIET, label=label, path=path)


@register.filter
def in_fours(key: str) -> str:
    """A long key in groups of four, so that it can be read out and breaks over lines."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


@register.filter
def in_a_row(names: list[str]) -> str:
    """ "De Linde, de Berk and de Es"."""
    return get_text_list(names, _("and"))


@register.simple_tag
def schools_preparing() -> list[str]:
    """The schools that did not open to parents yet."""
    return preparing()
