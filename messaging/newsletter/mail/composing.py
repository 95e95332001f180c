"""One edition in one language: each post and each heading is made once, a reader's mail is put together from those."""

import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import Group
from groups.people.mail import one_click, stop_url
from groups.roles import Hat
from messaging.asks.mail import answer_url
from messaging.newsletter.mail.gathering import LetterEntry
from messaging.newsletter.models import DigestEdition, EditionKind, Foreword
from messaging.newsletter.services.sections import Words
from messaging.writings.mail import read_url
from messaging.writings.models import Post
from portal.core.models import User
from portal.core.outbox import Mail
from portal.core.words import listed

PAINTS = {
    "rood": ("#D52715", "#FFFFFF"),
    "oranje": ("#DE8505", "#14302A"),
    "geel": ("#FFDC3B", "#14302A"),
    "groen": ("#2E7C5F", "#FFFFFF"),
    "lucht": ("#60CBFC", "#14302A"),
    "inkt": ("#1A369D", "#FFFFFF"),
    "pruim": ("#7B155A", "#FFFFFF"),
    "roze": ("#F8A3A9", "#14302A"),
}
"""Each block colour with the ink on it; a mail program has no stylesheet of ours."""
PAPER = ("#FFFEFA", "#14302A")
TITLES_IN_PREVIEW = 3
BETWEEN = "\n\n* * *\n\n"


class Shell:
    """A rendered template with open places; filled by joining, so that no text can fill another place."""

    _nonce = secrets.token_hex(8)

    def __init__(self, template: str, places: Sequence[str], context: dict[str, object]) -> None:
        marks = {place: f"[[{place} {self._nonce}]]" for place in places}
        self._parts = re.split(rf"\[\[(\w+) {self._nonce}\]\]", render_to_string(template, {**context, **marks}))

    def fill(self, **values: str) -> str:
        parts = list(self._parts)
        parts[1::2] = [values[place] for place in parts[1::2]]
        return "".join(parts)


class Composer:
    """Makes the mails of one edition in one language."""

    def __init__(
        self, edition: DigestEdition, language: str, foreword: Foreword | None = None, *, hat: Hat = Hat.FAMILY
    ) -> None:
        """As staff one reads what families get: its links lead to what staff read, and there is nothing to stop."""
        self._edition, self._school, self._language, self._hat = edition, edition.school, language, hat
        self._foreword = foreword if foreword and foreword.text else None
        self._texts: dict[int, tuple[str, str]] = {}
        self._heads: dict[tuple[object, ...], tuple[str, str]] = {}

    def compose(
        self, reader: User, entries: Sequence[LetterEntry], sections: Sequence[Words] = (), *, has_news: bool = True
    ) -> Mail:
        """The reader's own mail: the reader's groups and children, a way to stop it that works without signing in.

        The directie's word stands above news, and not above a line about conversations alone.
        """
        pieces = [self._above] if self._foreword and has_news else []
        pieces += [self._piece(reader, entry) for entry in entries]
        pieces += [self._section(words) for words in sections]
        names = list(dict.fromkeys(name for entry in entries for name in entry.children))
        stop = "" if self._is_trial else stop_url(user=reader, school=self._school)
        preview = " · ".join([entry.post.title for entry in entries if not entry.is_spared][:TITLES_IN_PREVIEW])
        heading = self._heading(names)
        return Mail(
            subject=self._subject(len(entries)),
            text=self._plain.fill(heading=heading, content=BETWEEN.join(text for text, _ in pieces), stop=stop),
            html=self._page.fill(
                heading=escape(heading), preview=escape(preview), content="".join(html for _, html in pieces), stop=stop
            ),
            headers=one_click(stop) if stop else {},
        )

    def _piece(self, reader: User, entry: LetterEntry) -> tuple[str, str]:
        head_text, head_html = self._head(entry)
        text, html = self._text(entry.post, is_spared=entry.is_spared)
        if entry.answers and entry.post.ask_on:
            url = answer_url(user=reader, post=entry.post.uid, ask_on=entry.post.ask_on)
            text, html = f"{text}\n{self._answer_words} {url}", html + self._answer.fill(url=url)
        if entry.post.is_essential and not (self._school.digest_titles_only or entry.is_spared or self._is_trial):
            url = read_url(user=reader, post=entry.post.uid)
            text, html = f"{text}\n{self._read_words}: {url}", html + self._read.fill(url=url)
        return f"{head_text}\n{text}", self._sheet.fill(head=head_html, text=html)

    @cached_property
    def _above(self) -> tuple[str, str]:
        """The directie's word, with who says it."""
        context = {"foreword": self._foreword}
        text = self._in_language("emails/_foreword.txt", context).strip()
        return text, self._sheet.fill(head="", text=self._in_language("emails/_foreword.html", context))

    def _section(self, words: Words) -> tuple[str, str]:
        with translation.override(self._language):
            section = words()
        text = "\n".join([section.heading, *(f"{words} {url}" for words, url in section.lines)])
        html = self._in_language("emails/_section.html", {"section": section})
        return text, self._sheet.fill(head="", text=html)

    def _text(self, post: Post, *, is_spared: bool) -> tuple[str, str]:
        """Title, text and the way to the post, as text and as HTML; of what is spared the way alone."""
        if post.pk not in self._texts:
            context = {
                "post": post,
                "url": settings.KRING_BASE_URL + reverse("messaging:post", args=[self._hat, post.uid]),
                "titles_only": self._school.digest_titles_only,
            }
            template = "emails/_post_spared" if is_spared else "emails/_post"
            self._texts[post.pk] = (
                self._in_language(f"{template}.txt", context).strip(),
                self._in_language(f"{template}.html", context),
            )
        return self._texts[post.pk]

    def _head(self, entry: LetterEntry) -> tuple[str, str]:
        """Which groups, who wrote it, and for whom."""
        post = entry.post
        key = (*(group.pk for group in entry.groups), post.byline, entry.children)
        if key not in self._heads:
            context = {
                "groups": [_painted(group) for group in entry.groups],
                "author": post.byline,
                "children": self._joined(entry.children),
            }
            text = " ".join(self._in_language("emails/_post_head.txt", context).split())
            self._heads[key] = text, self._in_language("emails/_post_head.html", context)
        return self._heads[key]

    def _in_language(self, template: str, context: Mapping[str, object]) -> str:
        with translation.override(self._language):
            return render_to_string(template, context)

    @cached_property
    def _sheet(self) -> Shell:
        return Shell("emails/_post_sheet.html", ["head", "text"], {})

    @cached_property
    def _answer_words(self) -> str:
        with translation.override(self._language):
            return _("Answer here, without signing in:")

    @cached_property
    def _answer(self) -> Shell:
        """The button that answers what a message asks."""
        with translation.override(self._language):
            return Shell("emails/_button.html", ["url"], {"text": _("Answer without signing in")})

    @cached_property
    def _read_words(self) -> str:
        with translation.override(self._language):
            return _("I have read it")

    @cached_property
    def _read(self) -> Shell:
        """The button by which who read it in the mail says so."""
        with translation.override(self._language):
            return Shell("emails/_button.html", ["url"], {"text": self._read_words})

    @cached_property
    def _page(self) -> Shell:
        with translation.override(self._language):
            return Shell("emails/letter.html", ["heading", "preview", "content", "stop"], self._context)

    @cached_property
    def _plain(self) -> Shell:
        with translation.override(self._language):
            return Shell("emails/letter.txt", ["heading", "content", "stop"], self._context)

    @cached_property
    def _context(self) -> dict[str, object]:
        return {
            "school": self._school.name,
            "school_phone": self._school.phone,
            "is_weekly": self._is_weekly,
            "is_trial": self._is_trial,
            "subject": self._subject(1),
            "day": self._day,
            "feed_url": settings.KRING_BASE_URL + reverse("messaging:feed", args=[self._hat]),
            "choice_url": settings.KRING_BASE_URL + reverse("groups:contact"),
        }

    @property
    def _is_trial(self) -> bool:
        return self._hat == Hat.STAFF

    @property
    def _is_weekly(self) -> bool:
        return self._edition.kind == EditionKind.WEEKLY

    @cached_property
    def _day(self) -> str:
        with translation.override(self._language):
            return date_format(timezone.localtime(self._edition.cut_at), _("l j F"))

    def _subject(self, number: int) -> str:
        """No child's name ever: a subject is read over somebody's shoulder, and on a locked phone."""
        with translation.override(self._language):
            if self._is_weekly:
                words = _("News of the week of %(school)s, %(day)s")
            else:
                words = ngettext("A new message of %(school)s", "%(number)s new messages of %(school)s", number)
            return words % {"school": self._school.name, "day": self._day, "number": number}

    def _heading(self, names: Sequence[str]) -> str:
        with translation.override(self._language):
            if not names:
                return _("News of the week") if self._is_weekly else _("New in Kring")
            words = _("News of the week of %(names)s") if self._is_weekly else _("New for %(names)s")
            return words % {"names": self._joined(names)}

    def _joined(self, names: Sequence[str]) -> str:
        """Noor, Ilyas and Sami, in the language of the reader."""
        with translation.override(self._language):
            return listed(names)


def _painted(group: Group) -> dict[str, str]:
    paint, ink = PAPER if group.kind == "school" else PAINTS.get(group.colour, PAPER)
    return {"name": group.name, "paint": paint, "ink": ink}
