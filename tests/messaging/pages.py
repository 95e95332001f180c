"""How the tests of the pages speak with them."""

import re
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Post
from tests.messaging.conftest import Town

FAMILY, STAFF = Hat.FAMILY, Hat.STAFF


def url(name: str, hat: str, *args: Any) -> str:
    return reverse(f"messaging:{name}", args=[hat, *args])


def page_text(response: HttpResponse) -> str:
    """What a reader reads: the page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def hidden_in(response: HttpResponse) -> dict[str, str]:
    """What a form sends along that nobody sees: its key, and who reads it as the page said."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def on_page(response: HttpResponse) -> dict[str, str]:
    """What the form of an answer sends along: the day, and what there was to choose or to do."""
    return {name: value for name, value in hidden_in(response).items() if name in ("on", "fingerprint")}


def message(town: Town, *groups: str, **changed: Any) -> dict[str, Any]:
    """A filled-in form of a message."""
    fields = {"topic": "update", "title": "Herfst op tafel", "text": "In het park.", "replies": "on"}
    return {"groep": [str(town.group[key].uid) for key in groups], "key": str(uuid4()), **fields, **changed}


def edited(post: Post, **changed: Any) -> dict[str, Any]:
    """The form that edits `post`, with some of it changed."""
    fields = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
    return {**fields, **changed}
