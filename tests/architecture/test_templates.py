"""Templates and scripts keep the strict policy: nothing inline, nothing from elsewhere, no text without escaping."""

import re
from pathlib import Path

from django.conf import settings

from messaging.models import Writing

ROOT = Path(settings.BASE_DIR)
PAGES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if "email" not in str(path.relative_to(ROOT / "templates"))
)
ALL = sorted((ROOT / "templates").rglob("*.*"))
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+=", re.I),
    "hx-on": re.compile(r"hx-on", re.I),
    "js: in htmx": re.compile(r"[\"']js:", re.I),
    "a third party": re.compile(r"(?:src|href|action)=[\"']?(?:https?:)?//", re.I),
}


def test_pages_keep_the_content_security_policy() -> None:
    texts = {
        path: re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)
        for path in PAGES
    }
    assert len(texts) > 200
    assert {(path, what) for path, text in texts.items() for what, it in FORBIDDEN.items() if it.search(text)} == set()


def test_only_stored_html_goes_out_unescaped() -> None:
    """What `writings.domain.rich_text` made when a text was written, `post.html` and so on; nothing else is safe."""
    stored = {f"{kind}.html" for kind in Writing.kinds}
    unescaped = re.compile(r"\{\{\s*([^}|]+)\|[^}]*\bsafe\b|(\{% autoescape off %\})")
    markup = [path for path in ALL if path.suffix != ".txt"]
    found = {(path, (value or tag).strip()) for path in markup for value, tag in unescaped.findall(path.read_text())}
    assert {(path, name) for path, name in found if name not in stored} == set()
    assert found


def test_no_request_to_a_third_party_from_stylesheet_or_script() -> None:
    files = [*(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    assert files
    calling = {
        path.name: found
        for path in files
        if (found := re.findall(r"(?:url\(|fetch\(|import\s|from\s)[\"'\s]*(?:https?:)?//[^\"')\s]+", path.read_text()))
    }
    assert calling == {}


def test_who_uses_the_sheet_of_the_school_asks_for_it() -> None:
    """`desk.css` dresses pages of the school only; a page that shows one of its classes without it would be bare."""
    sheet, everywhere = ((ROOT / "static" / name).read_text() for name in ("desk.css", "kring.css"))
    dressed = {name for name in classes_of(sheet) if name not in classes_of(everywhere)}
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    shown = {name for name, text in texts.items() if dressed & used_in(text)}
    while more := {name for name, text in texts.items() if shown & set(INCLUDED.findall(text))} - shown:
        shown |= more
    pages = {name for name in shown if "{% extends" in texts[name]}
    assert pages
    assert {name for name in pages if "desk.css" not in texts[name]} == set()


INCLUDED = re.compile(r'\{% (?:include|drawn|extends) "([^"]+)"')


def classes_of(sheet: str) -> set[str]:
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "", sheet)))


def used_in(text: str) -> set[str]:
    return {name for found in re.findall(r'class="([^"]*)"', text) for name in re.findall(r"[a-z][\w-]*", found)}


def test_an_address_named_in_one_block_is_used_in_no_other() -> None:
    """Django forgets the name where the block ends, without a word: the link would lead to the page itself."""
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    assert {(name, address) for name, text in texts.items() for address in lost_in(text)} == set()
    assert lost_in('{% block a %}{% url "x" as back %}{% endblock %}{% block b %}<a href="{{ back }}">{% endblock %}')


NAMED = re.compile(r"\{% url [^%]* as (\w+) %\}")
USED = re.compile(r"(?:\{\{ |=)(\w+)\b")


def lost_in(text: str) -> set[str]:
    """The names that only another block of this page gave."""
    blocks = re.split(r"\{% block \w+ %\}", text)
    named = [set(NAMED.findall(block)) for block in blocks]
    everywhere = set().union(*named)
    return {
        name
        for block, own in zip(blocks, named, strict=True)
        for name in USED.findall(block)
        if name in everywhere - own
    }


CODES = "a code, an address or a password: typed again in a moment, and nothing to leave behind in a tab"
TAPPED = "tapped, not typed: a choice, a number, a day or a file"
PAPER = "a name or an address that lies beside it on paper"
NOT_KEPT = {
    "agenda/own_calendar.html": PAPER,
    "consent/purpose.html": TAPPED,
    "consent/rounds.html": TAPPED,
    "consent/rules.html": TAPPED,
    "groups/_roster_planned.html": TAPPED,
    "groups/days_off.html": TAPPED,  # the region; the own days are kept
    "groups/deputy.html": PAPER,
    "groups/letter.html": CODES,
    "groups/names.html": PAPER,
    "groups/own_hours.html": TAPPED,
    "groups/roster.html": TAPPED,
    "groups/staff_entry.html": CODES,
    "groups/staff_letter.html": CODES,
    "messaging/_answer.html": TAPPED,
    "messaging/_asks.html": TAPPED,
    "messaging/_tasks.html": CODES,
    "messaging/answer_by_mail.html": TAPPED,
    "messaging/ask_in.html": TAPPED,
    "messaging/urgent_deputies.html": TAPPED,
    "moderation/norms.html": TAPPED,
    "moderation/say_kindly.html": TAPPED,
}
POSTED = re.compile(r'(<form\b[^>]*method="post".*?>)\n?(.*?)</form>', re.S)
KEEPING = re.compile(r"(<form\b[^\n]*data-keep=.*?>)\n?(.*?)</form>", re.S)
FIELD = re.compile(r'\{% field |\{% control |<textarea|<input class="input"')


def test_what_is_typed_into_a_form_is_kept_until_it_arrived() -> None:
    """A session ends, a form stands open too long, Kring asks who it is: `data-keep` has it again (keep.js)."""
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    forms = [(name, *form) for name, text in texts.items() for form in POSTED.findall(text)]
    kept = {name for name, tag, _body in forms if "data-keep=" in tag}
    lost = {
        name
        for name, tag, body in forms
        if "data-keep=" not in tag and has_field(body, texts) and not name.startswith(("account/", "mfa/"))
    }
    assert lost == set(NOT_KEPT)
    assert len(kept) > 30


def test_what_keeps_says_when_it_kept() -> None:
    """`Bewaard om 14.03`: who sees it in one form looks for it in the next."""
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    forms = [(name, *form) for name, text in texts.items() for form in KEEPING.findall(text)]
    assert {name for name, _tag, body in forms if not says_when(body, texts)} == set()
    assert len(forms) > 50


def says_when(body: str, texts: dict[str, str]) -> bool:
    """In the form itself, or in what it includes."""
    return "data-kept" in body or any(says_when(texts[name], texts) for name in set(INCLUDED.findall(body)))


def has_field(body: str, texts: dict[str, str]) -> bool:
    """In the form itself, or in what it includes."""
    return bool(FIELD.search(body)) or any(has_field(texts[name], texts) for name in set(INCLUDED.findall(body)))


SUMMARY = "_components/errors.html"
NEVER_REFUSED = {"agenda/own_calendar.html"}
"""One box to tick, or not."""


def test_a_page_that_can_be_refused_says_what_is_not_right_above_its_form() -> None:
    """The summary takes the focus and leads to the field: without it who cannot see hears the page as it was."""
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    asking = {name for name, text in texts.items() if "{% extends" in text and "{% field " in whole(text, texts)}
    silent = {name for name in asking if SUMMARY not in whole(texts[name], texts)}
    assert silent == NEVER_REFUSED
    assert len(asking) > 40


def whole(text: str, texts: dict[str, str]) -> str:
    """With what it includes, and what it stands in."""
    return text + "".join(whole(texts[name], texts) for name in set(INCLUDED.findall(text)) if name in texts)
