"""Pages that parents (u), staff and pupils (je) share speak to none of them by name: what is said fits every hat."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags

from groups.accounts.services.notices import NOTICES
from groups.roles import Hat
from tests.cast import SIGN_IN, Cast

SHARED = [
    "/instellingen/e-mail/",
    "/instellingen/apparaten/",
    "/instellingen/wachtwoord/kiezen/",
    "/instellingen/passkeys/",
    "/instellingen/passkeys/nieuw/",
    "/instellingen/tweede-stap/",
    "/instellingen/tweede-stap/aan/",
    "/instellingen/nieuws/",
    "/brief/",
    "agenda:own_calendar",
    "moderation:ask_access",
    "/hulp/niet-eens/",
]
ADDRESSED = re.compile(r"\b(?:u|uw|uzelf|jij|jou|jouw)\b", re.IGNORECASE)


def addressed(html: str) -> list[str]:
    main = re.sub(r"(?s)<(script|style|svg).*?</\1>", "", html.split("<main", 1)[1].split("</main>", 1)[0])
    return ADDRESSED.findall(strip_tags(main))


@pytest.mark.django_db
@pytest.mark.parametrize("path", SHARED)
def test_a_page_shared_with_staff_says_no_u(cast: Cast, path: str) -> None:
    client, user = Client(headers={"accept-language": "nl"}), cast.user("teacher")
    user.language = "nl"
    user.save(update_fields=["language"])
    client.force_login(user, backend=SIGN_IN)
    page = client.get(reverse(path, args=[Hat.STAFF]) if ":" in path else path, follow=True)
    assert (page.status_code, 'lang="nl"' in page.text) == (200, True)
    assert addressed(page.text) == []


def test_a_notice_about_an_account_says_no_u() -> None:
    with translation.override("nl"):
        said = [f"{one.subject} {one.heading} {one.sentence}" for one in NOTICES.values()]
    assert [words for words in said if ADDRESSED.search(words)] == []
