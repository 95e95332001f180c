"""Plain text to HTML, once, when it is written: everything escaped, paragraphs, line breaks, clickable addresses.

The only tags that can come out are p, br and a; the only links are http, https and mailto (N12–N17).
"""

import re
from html import escape, unescape
from math import ceil

from linkify_it import LinkifyIt
from linkify_it.main import Match

_LINK_ATTRS = 'rel="noopener noreferrer nofollow"'
_PARAGRAPHS = re.compile(r"\n{2,}")
_OPEN_WEB = ("http://", "https://")
_LONGEST_LINK = 2_000
_TAG = re.compile(r"<[^>]*>")
_LINE_END = re.compile(r"</p>|<br>")
_LETTERS_IN_A_LINE = 38

_links = LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": True, "fuzzy_ip": False})
_links.add("ftp:", None).add("//", None)


def to_html(text: str) -> str:
    """Safe HTML of a tidied text. Each paragraph finds its own direction, so that Arabic reads from the right."""
    return "".join(f'<p dir="auto">{_paragraph(part)}</p>' for part in paragraphs_of(text))


def lines_on_a_phone(html: str) -> int:
    """About how many lines such a text takes on a phone of 360 pixels."""
    lines = (unescape(_TAG.sub("", line)) for line in _LINE_END.split(html))
    return sum(ceil(len(line) / _LETTERS_IN_A_LINE) for line in lines)


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a tidied text, as they were typed; an empty line stands between two."""
    return [part for part in _PARAGRAPHS.split(text) if part]


def _paragraph(text: str) -> str:
    done, at = [], 0
    for match in _links.match(text) or []:
        target = _target(match)
        if target:
            done.append(escape(text[at : match.index]))
            done.append(f'<a href="{escape(target)}" {_LINK_ATTRS}>{escape(match.raw)}</a>')
            at = match.last_index
    done.append(escape(text[at:]))
    return "".join(done).replace("\n", "<br>")


def _target(match: Match) -> str | None:
    """Where a found address leads, or None: "maar.nu" is a typing error more often than a site."""
    written = match.raw.lower()
    if len(match.raw) > _LONGEST_LINK:
        return None
    if match.schema == "mailto:":
        return str(match.url)
    if written.startswith("www."):
        return f"https://{match.raw}"
    return str(match.url) if written.startswith(_OPEN_WEB) else None
