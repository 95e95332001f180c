"""Templates and scripts keep the strict policy: nothing inline, nothing from elsewhere, no text without escaping."""

import re
from pathlib import Path

import pytest
from django.conf import settings

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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_page_keeps_the_content_security_policy(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_stored_html_goes_out_unescaped(path: Path) -> None:
    """`post.html` and `reply.html` are made by `messaging.domain.rich_text` when written; nothing else is safe."""
    loose = re.findall(r"\{\{\s*([^}|]+)\|[^}]*\bsafe\b", path.read_text()) + re.findall(
        r"\{% autoescape off %\}", path.read_text()
    )
    allowed = {"post.html", "reply.html", "message.html"}
    is_text = path.suffix == ".txt"
    assert [name for name in loose if name.strip() not in allowed and not is_text] == []


def test_no_request_to_a_third_party_from_stylesheet_or_script() -> None:
    files = [*(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    assert files
    calling = {
        path.name: found
        for path in files
        if (found := re.findall(r"(?:url\(|fetch\(|import\s|from\s)[\"'\s]*(?:https?:)?//[^\"')\s]+", path.read_text()))
    }
    assert calling == {}
