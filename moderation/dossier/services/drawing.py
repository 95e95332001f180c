"""A sealed hard copy, drawn from what it says: the same blocks for its page, its PDF and an access request (POL-62).

In the language of the school, whoever reads it. A copy that was sealed as a page of HTML is shown as those very bytes.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from messaging.models import AskKind, WritingState
from messaging.removing.domain import Document, HardCopy, Nearby, SealedPhoto, Version, is_packed, unpack
from messaging.writings.domain.rich_text import paragraphs_of
from messaging.writings.services.audience import told_families
from moderation.cases.models.cases import WORDS
from moderation.dossier.domain.copies import Block, CopiedPicture, Passage, Shape
from moderation.dossier.domain.html_copies import read_html
from portal.core.templatetags.kring import stamp

SHEET = """
body { font: 17px/1.5 Verdana, Arial, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
body { color: #1a1a1a; background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.5rem }
h2 { font-size: 1.15rem; margin-top: 2rem; border-top: 1px solid #767676; padding-top: 1rem }
h3 { font-size: 1rem }
dt { font-weight: bold }
dd { margin: 0 0 .6rem }
article, .around { border-left: 4px solid #767676; padding-left: 1rem }
.around { border-color: #ccc }
img { max-width: 100%; height: auto }
figure { margin: 1rem 0; break-inside: avoid }
figcaption { font-size: .9rem }
"""


def blocks_of(content: bytes) -> list[Block]:
    """What this copy says, in its order. Raises `UnreadableCopyError`."""
    if not is_packed(content):
        return read_html(content.decode())
    with translation.override(settings.LANGUAGE_CODE):
        return list(_blocks(unpack(content)))


def page_of(content: bytes) -> bytes:
    """This copy as one whole page, its photos inside. Raises `UnreadableCopyError`."""
    if not is_packed(content):
        return content
    with translation.override(settings.LANGUAGE_CODE):
        copy = unpack(content)
        blocks = list(_blocks(copy))
        title = f"{_heading(copy.document)} · {copy.document.school.name}"
        return whole_page(title, render_to_string("moderation/hard_copy.html", {"blocks": blocks})).encode()


def whole_page(title: str, body: SafeString) -> str:
    """The whole document: nothing in it is fetched from anywhere, and nothing in it runs."""
    head = format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{}</title><style>{}</style></head>',
        settings.LANGUAGE_CODE,
        title,
        mark_safe(SHEET),  # noqa: S308 - our own constant
    )
    return f"{head}<body>{body}</body></html>\n"


def _blocks(copy: HardCopy) -> Iterator[Block]:
    document, text = copy.document, copy.document.text
    is_talk = document.place.is_talk
    yield _plain("h1", _heading(document))
    yield Block(Shape.FACTS, tuple(_facts(document)))
    before = pgettext("hard copy", "Before it in the conversation")
    yield from _nearby(before if is_talk else pgettext("hard copy", "The message above it"), document.above)
    around_photo = pgettext("hard copy", "The text it stood in")
    yield _plain("h2", around_photo if document.kind == "photo" else pgettext("hard copy", "The text"))
    yield Block(Shape.TEXT, (*_titled("h3", text.title), *_paragraphs(text.text)), text.language)
    if document.photos:
        yield _plain("h2", pgettext("hard copy", "Photos"))
        yield from (_photo(one, copy.photos[one.sha256]) for one in document.photos)
    if document.versions:
        yield _plain("h2", pgettext("hard copy", "Every version"))
        yield from (_version(one, text.language) for one in document.versions)
    after = pgettext("hard copy", "After it in the conversation")
    yield from _nearby(after if is_talk else pgettext("hard copy", "The replies under it"), document.below)
    yield _plain("h2", pgettext("hard copy", "Who had it on the screen"))
    if document.readers:
        yield Block(
            Shape.LIST, tuple(Passage("li", f"{one.person} · {stamp(one.seen_at)}") for one in document.readers)
        )
    else:
        yield _plain("p", pgettext("hard copy", "Nobody, as far as Kring knows."))


def _heading(document: Document) -> str:
    return str(WORDS[document.kind].sealed)


def _facts(document: Document) -> Iterator[Passage]:
    """Each by its name; a fact that is not there is not named."""
    school, text = document.school, document.text
    moments = [
        (pgettext("hard copy", "Placed"), text.published_at),
        (pgettext("hard copy", "Edited"), text.edited_at),
        (pgettext("hard copy", "Hidden"), text.hidden_at),
        (pgettext("hard copy", "Reported"), text.reported_at),
    ]
    facts = [
        (pgettext("hard copy", "School"), f"{school.name} ({school.brin})"),
        (pgettext("hard copy", "Written by"), str(text.author)),
        (pgettext("hard copy", "Readers saw"), str(text.shown)),
        *((name, stamp(moment)) for name, moment in moments if moment),
        (pgettext("hard copy", "Asked families"), _asked(text.asks)),
        (pgettext("hard copy", "To bring"), text.bring),
        (pgettext("hard copy", "Costs"), text.cost),
        (pgettext("hard copy", "To come to"), text.event),
        (pgettext("hard copy", "To help with"), " · ".join(text.tasks.splitlines())),
        (pgettext("hard copy", "To choose from"), " · ".join(text.options.splitlines())),
        (pgettext("hard copy", "Stood in"), _place(document)),
        (pgettext("hard copy", "Who could read it"), _readership(document)),
        (pgettext("hard copy", "Written together to"), ", ".join(document.together)),
        (pgettext("hard copy", "Why it was removed"), document.reason),
        (pgettext("hard copy", "Removed by"), _decider(document)),
        (pgettext("hard copy", "Copy made"), stamp(document.made_at)),
    ]
    for name, words in facts:
        if words:
            yield from (Passage("dt", name), Passage("dd", words))


def _asked(asks: str) -> str:
    """In words; nothing where nothing was asked."""
    if not asks:
        return ""
    kind, *moments = asks.split()
    labels = {
        AskKind.DO: pgettext("hard copy", "to bring or do something"),
        AskKind.YES_NO: pgettext("hard copy", "a yes or a no"),
        AskKind.YES_NO_MAYBE: pgettext("hard copy", "a yes, a no or a maybe"),
        AskKind.CHOOSE: pgettext("hard copy", "a choice"),
        AskKind.HELP: pgettext("hard copy", "who helps"),
        AskKind.COME: pgettext("hard copy", "who comes"),
    }
    return " · ".join([labels[AskKind(kind)], *map(_day_or_hour, moments)])


def _day_or_hour(moment: str) -> str:
    return moment[:5] if ":" in moment else date_format(date.fromisoformat(moment), "j F Y")


def _place(document: Document) -> str:
    place = document.place
    if not place.is_talk:
        return ": ".join(filter(None, (place.group, place.title)))
    if not place.child:
        return _("A conversation about one child")
    return _("A conversation about %(child)s") % {"child": place.child}


def _readership(document: Document) -> str:
    readership, group = document.readership, document.place.group
    if document.place.is_talk:
        return "; ".join(str(one) for one in readership.sitting)
    if readership.only_staff:
        return _("Only the staff of %(group)s, and who wrote it") % {"group": group}
    people = ngettext("%(count)s reader", "%(count)s readers", readership.readers) % {"count": readership.readers}
    families = [told_families(readership.families, joined=readership.joined)] if readership.families else []
    return f"{group}: {', '.join([*families, people])}"


def _decider(document: Document) -> str:
    by = document.removed_by
    return _("%(name)s, who wrote it") % {"name": by.name} if document.by_its_writer else str(by)


def _nearby(heading: str, texts: Iterable[Nearby]) -> Iterator[Block]:
    for number, one in enumerate(texts):
        if not number:
            yield _plain("h2", heading)
        state = [] if one.state == WritingState.PUBLISHED else [_state_of(one)]
        signed = Passage("by", " · ".join([str(one.author), stamp(one.published_at), *state]))
        yield Block(Shape.AROUND, (signed, *_titled("b", one.title), *_paragraphs(one.text)), one.language)


def _state_of(one: Nearby) -> str:
    """In the words of copies, which stay the same however pages call it by then."""
    return {
        WritingState.HIDDEN: pgettext("hard copy", "hidden"),
        WritingState.RETRACTED: pgettext("hard copy", "taken back"),
        WritingState.REMOVED: pgettext("hard copy", "removed"),
    }[WritingState(one.state)]


def _photo(photo: SealedPhoto, data: bytes) -> Block:
    placed = pgettext("hard copy", "placed")
    below = f"{photo.alt} · {placed} {stamp(photo.placed_at)}\nSHA-256 {photo.sha256}"
    return Block(Shape.PHOTO, (CopiedPicture(data, photo.alt, photo.width, photo.height), Passage("figcaption", below)))


def _version(version: Version, language: str) -> Block:
    number = Passage("h3", f"{version.number} · {stamp(version.written_at)}")
    return Block(Shape.VERSION, (number, *_titled("b", version.title), *_paragraphs(version.text)), language)


def _plain(kind: str, text: str) -> Block:
    return Block(Shape.PLAIN, (Passage(kind, text),))


def _titled(kind: str, title: str) -> tuple[Passage, ...]:
    return (Passage(kind, title),) if title else ()


def _paragraphs(text: str) -> Iterator[Passage]:
    return (Passage("p", one) for one in paragraphs_of(text))
