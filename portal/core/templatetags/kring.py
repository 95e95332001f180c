"""Kring's own words for templates: icons, rings, blocks, moments. Built in, so no template loads them."""

import datetime as calendar
import re
from collections.abc import Hashable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol
from unicodedata import normalize

from django import template
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.template.defaultfilters import date as django_date
from django.template.defaultfilters import urlize
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_noop, pgettext
from django.utils.translation import gettext as _

from portal.core import no_line, outbox
from portal.core.addresses import address
from portal.core.domain import moments
from portal.core.domain.rings import draw_ring
from portal.core.faults import SAFE, typed_in
from portal.core.said import KEPT

register = template.Library()

NEAR = {
    moments.Distance.TODAY: gettext_noop("today %(clock)s"),
    moments.Distance.YESTERDAY: gettext_noop("yesterday %(clock)s"),
    moments.Distance.TOMORROW: gettext_noop("tomorrow %(clock)s"),
}
SOON = {moments.Distance.TODAY: gettext_noop("today"), moments.Distance.TOMORROW: gettext_noop("tomorrow")}
WIDE_LABEL = 2
REMEMBERED = 10_000
"""Components that a worker remembers, of some hundreds of bytes each."""
# Where a shape leaves room for its label; see .low, .low2 and .corner in the stylesheet.
LABEL_PLACES = {"hoek": "low", "huis": "low2", "kwart": "corner"}
BLOCK_EDGE = re.compile(r"\n?(</?(?:article|details|div|footer|h[1-6]|header|li|nav|p|ul)\b[^>]*>)\n?")
"""Where a line's end draws nothing: at either side of what begins and ends a block."""
TURNS_IN_RTL = {"arrow-left", "chevron-left", "chevron-right", "reply", "send", "undo-2"}


class GroupBlock(Protocol):
    """What a group shows of itself."""

    kind: str
    label: str
    colour: str
    shape: str


class _Address(URLNode):
    """`{% url %}` by `address`; with names, or where it may fail in silence, as Django does it."""

    def render(self, context: template.Context) -> str:
        if self.kwargs or self.asvar:
            return super().render(context)
        return escape(address(self.view_name.resolve(context), *(arg.resolve(context) for arg in self.args)))


@register.tag
def url(parser: template.base.Parser, token: template.base.Token) -> _Address:
    """Django's own tag, quicker: in a list of people it was a third of a line."""
    node = django_url(parser, token)
    return _Address(node.view_name, node.args, node.kwargs, node.asvar)


@register.filter(is_safe=True)
def truncatechars(text: object, most: int) -> str:
    """Django's own, quicker: that one looks at each letter."""
    words = normalize("NFC", str(text))
    return words if len(words) <= most else f"{words[: most - 1]}…"


@register.filter(expects_localtime=True, is_safe=False)
def date(value: datetime | None, form: str | None = None) -> str:
    """Django's own, quicker for what only a machine reads."""
    return value.isoformat() if form == "c" and isinstance(value, datetime) else django_date(value, form)


@register.filter
def last_day(ends: datetime, now: datetime) -> str:
    """The day that an end at midnight still includes."""
    return day(ends - timedelta.resolution, now)


@register.simple_tag(takes_context=True)
def short_day(context: template.Context, value: calendar.date | None) -> str:
    """A day in its shortest words, "wo 9 dec", with its year where that is another one than the page is drawn in.

    What is mailed is read in its own days, and has no such moment.
    """
    now = context.get("now") or getattr(context.get("request"), "now", None)
    far = value is not None and now is not None and value.year != moments.at_school(now).year
    return date_format(value, f"{_('D j M')} Y" if far else _("D j M")) if value else ""


@register.simple_tag(takes_context=True)
def mail_stands_still(context: template.Context) -> datetime | None:
    """Since when no code leaves; None while they do."""
    return outbox.down_since(outbox.Lane.FAST, now=context["request"].now)


@register.simple_tag
def drawn(template: str, **facts: Hashable) -> SafeString:
    """A component drawn from these facts and nothing else, remembered for whoever needs the same.

    The template gets no request and no context, so that what is remembered cannot hold more than what it is found by.
    """
    return _drawn(template, get_language() or "", tuple(facts.items()))


@lru_cache(REMEMBERED)
def _drawn(template: str, language: str, facts: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return without_indents(render_to_string(template, dict(facts)))


def without_indents(html: str) -> SafeString:
    """The same markup without the white space of the template, which nobody sees; not for what is preformatted."""
    lines = "\n".join(line for line in map(str.strip, html.split("\n")) if line)
    return SafeString(BLOCK_EDGE.sub(r"\1", lines))


@register.simple_tag
def icon(name: str, *, small: bool = False) -> SafeString:
    """A Lucide icon from the sprite; decoration, so there is always a word beside it."""
    classes = "i" + (" i-s" if small else "") + (" flip" if name in TURNS_IN_RTL else "")
    return _drawing(classes, f"i-{name}")


@register.simple_tag
def mark() -> SafeString:
    """Kring's mark: eight seats, one of them speaks."""
    return _drawing("mark", "mark")


@register.simple_tag
def ring(total: int, taken: int | None = None, *, size: str = "m") -> SafeString:
    """A ring of seats: filled = reached, outline = not yet. `size` is m or l; the count in words stands beside it."""
    drawn = draw_ring(total, total if taken is None else taken)
    return format_html(
        '<svg class="ring{}" viewBox="-50 -50 100 100" aria-hidden="true">{}{}</svg>',
        " ring-l" if size == "l" else "",
        format_html('<path d="{}"/>', drawn.taken) if drawn.taken else "",
        format_html('<path class="no" d="{}"/>', drawn.free) if drawn.free else "",
    )


@register.simple_tag
def group_block(group: GroupBlock, *, size: str = "m") -> SafeString:
    """A group's wooden block in colour and shape with its label; the whole school is the mark. `size` is s, m or l."""
    return _block(group.kind, group.label, group.colour, group.shape, {"s": " block-s", "l": " block-l"}.get(size, ""))


@lru_cache(REMEMBERED)
def _block(kind: str, label: str, colour: str, shape: str, sized: str) -> SafeString:
    if kind == "school":
        return format_html('<span class="block{}" aria-hidden="true">{}</span>', sized, _drawing("mark", "mark", ""))
    place = LABEL_PLACES.get(shape, "")
    wide = "wide" if len(label) > WIDE_LABEL or (len(label) == WIDE_LABEL and label.isalpha()) else ""
    return format_html(
        '<span class="block{} c-{}{}" aria-hidden="true">{}<b>{}</b></span>',
        sized,
        colour,
        "".join(f" {word}" for word in (place, wide) if word),
        _drawing("", f"b-{shape}", ""),
        label,
    )


class Coloured(Protocol):
    """A child as a page names it; `colour` is 1 to 4, and 0 where it was not given yet."""

    first_name: str
    colour: int


@register.simple_tag
def kid(child: "Coloured") -> SafeString:
    """A child: a ring in its own colour with the initial, and the first name."""
    name = child.first_name
    return format_html('<span class="kid k{}"><i aria-hidden="true">{}</i>{}</span>', child.colour or 1, name[:1], name)


@register.filter
def lead(label: str) -> str:
    """A label in front of what is said of it: with a colon, unless it is a question already."""
    return label if label.endswith(("?", "!", ".", ":")) else f"{label}:"


@register.simple_tag(takes_context=True)
def given_back(context: Context) -> list[str]:
    """What was typed in the form that led to this page, where nothing became of it (`faults.typed_in`)."""
    request = context.get("request")
    return list(typed_in(request)) if request and request.method not in SAFE else []


@register.filter
def kept_key(message: Message) -> str:
    """The key of `form[data-keep]` that arrived with this message (`portal.core.said`)."""
    tags = message.extra_tags or ""
    return tags.removeprefix(KEPT) if tags.startswith(KEPT) else ""


@register.filter
def clock(moment: datetime) -> str:
    """The time at the school: 14.10 in Dutch, 14:10 in English."""
    return _said(moment, pgettext("format of a time", "G:i"))


@register.filter
def day(moment: datetime, now: datetime | None = None) -> str:
    """The day at the school with its weekday; with `now` another year is named too."""
    far = now is not None and moments.distance(moment, now=now) is moments.Distance.OTHER_YEAR
    return _said(moment, "l j F Y" if far else "l j F")


@register.filter
def stamp(moment: datetime) -> str:
    """A moment in full, with its year: for what is kept."""
    return _said(moment, pgettext("format of a moment that is kept", "l j F Y, G:i"))


@register.filter
def moment(value: datetime, now: datetime) -> str:
    """When it was, in the words somebody would use: "vandaag 14.10", "gisteren 9.05", "dinsdag 17 november"."""
    near = NEAR.get(moments.distance(value, now=now))
    return _(near) % {"clock": clock(value)} if near else day(value, now)


def _said(moment: datetime, form: str) -> str:
    return _in_words(moments.at_school(moment).replace(second=0, microsecond=0, tzinfo=None), form, get_language())


@lru_cache(REMEMBERED)
def _in_words(minute: datetime, form: str, language: str | None) -> str:
    """As Django says it, remembered: to spell a date costs as much as to draw the row that it stands in."""
    return date_format(minute, form)


@register.filter
def ahead(value: datetime, now: datetime) -> str:
    """A moment that is to come, with its time: "morgen om 8.00 uur", "maandag 23 november om 8.00 uur"."""
    near = SOON.get(moments.distance(value, now=now))
    return _("%(day)s at %(clock)s") % {"day": _(near) if near else day(value, now), "clock": clock(value)}


@register.filter
def briefly(value: datetime, now: datetime) -> str:
    """As `moment`, with a day of longer ago in its shortest words: "do 19 nov". A line's end does not cut it."""
    distance = moments.distance(value, now=now)
    if distance in (moments.Distance.TODAY, moments.Distance.YESTERDAY, moments.Distance.TOMORROW):
        return moment(value, now).replace(" ", "\xa0")
    short = pgettext("format of a short day", "D j M")
    said = _said(value, f"{short} Y" if distance is moments.Distance.OTHER_YEAR else short)
    return said.replace(" ", "\xa0")


LONG_WORDS = {
    "medezeggenschapsraad": "medezeg\u00adgenschaps\u00adraad",
    "Medezeggenschapsraad": "Medezeg\u00adgenschaps\u00adraad",
    "rcommissie": "r\u00adcommissie",
    "rvereniging": "r\u00advereniging",
    "dvoorkeur": "d\u00advoorkeur",
    "fgeschermd": "fge\u00adschermd",
}


@register.filter
def soft(name: str) -> str:
    """A name, its long words with a soft hyphen: many browsers know no Dutch ones and break anywhere."""
    for word, parts in LONG_WORDS.items():
        name = name.replace(word, parts)
    return name


@register.filter
def reachable(words: str) -> str:
    """A name with a number or an address: addresses can be tapped, and break at their @ where a line is too short."""
    escaped = urlize(words, autoescape=True)
    return SafeString(re.sub(r"(>[^<]*@)", r"\1<wbr>", escaped))


@register.simple_tag
def school_numbers() -> list[no_line.Number]:
    """Whom to call, for who cannot come in."""
    return no_line.numbers_if_known()


@register.filter
def at_the_at(words: str) -> str:
    """An e-mail address as text: where the line is too short it breaks after its @, never one letter before its end."""
    return SafeString(escape(words).replace("@", "@<wbr>"))


@register.filter
def midway(name: str) -> str:
    """A group's name inside a sentence: "alle ouders van groep 4"; names of their own keep their capital."""
    return name[0].lower() + name[1:] if name.startswith("Groep ") else name


@register.filter
def initials(name: str) -> str:
    """The initials on a person's round button: first and last word, without "de" and "van"."""
    words = [word for word in name.split() if word[:1].isupper()] or name.split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


@lru_cache(REMEMBERED)
def _drawing(classes: str, symbol: str, hidden: str = SafeString(' aria-hidden="true"')) -> SafeString:
    """Decoration; `hidden` is empty where what stands around it is hidden from screen readers already."""
    dressed = format_html(' class="{}"', classes) if classes else ""
    return format_html('<svg{}{}><use href="{}#{}"/></svg>', dressed, hidden, static("icons.svg"), symbol)
