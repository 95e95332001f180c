"""What every answer carries, and what no page accepts."""

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from tests.cast import SIGN_IN, Cast
from tests.scene import Scene


@pytest.mark.parametrize("path", ["/", "/gezond/", "/bestaat-niet/", "/thuis/berichten/"])
def test_no_shared_cache_keeps_a_page(db: None, client: Client, path: str) -> None:
    response = client.get(path)
    assert response["Cache-Control"] in {
        "private, no-store",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    }


def test_every_answer_keeps_the_browser_strict(db: None, client: Client) -> None:
    response = client.get("/bestaat-niet/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_who_comes_by_reading_to_what_only_takes_a_form_is_led_to_the_page_above(
    cast: Cast, scene: Scene, client: Client
) -> None:
    """As after signing in again: the answer was on its way, and the browser showed white."""
    client.force_login(cast.mother, backend=SIGN_IN)
    page = f"/thuis/bericht/{scene.post.uid}/"
    read = client.get(f"{page}antwoord/", headers={"Accept": "text/html,*/*;q=0.8"}, follow=True)
    assert read.redirect_chain == [(page, 302)]
    assert "Er is niets verstuurd. Doe het hier nog een keer." in read.content.decode()
    assert client.get(f"{page}antwoord/", headers={"Accept": "*/*"}).status_code == 405
    assert client.get("/bestaat/niet/", headers={"Accept": "text/html"}).status_code == 404


def test_it_is_the_list_above_an_act(cast: Cast, client: Client, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    client.force_login(cast.directie, backend=SIGN_IN)
    read = client.get("/bureau/berichten/verberg/", headers={"Accept": "text/html"})
    assert (read.status_code, read["Location"]) == (302, "/bureau/berichten/")


@pytest.mark.parametrize(
    ("words", "leads_to"), [("kort", "/inloggen/?next=/thuis/berichten/%3Fq%3Dkort"), ("a" * 3500, "/inloggen/")]
)
def test_to_sign_in_from_a_very_long_address_leads_to_the_page_to_sign_in(
    db: None, client: Client, words: str, leads_to: str
) -> None:
    """As it was it did not fit in the head that the front takes, which said that Kring is away."""
    response = client.get(f"/thuis/berichten/?q={words}")
    assert (response.status_code, response["Location"]) == (302, leads_to)


@pytest.mark.parametrize(("mode", "is_told"), [("navigate", True), ("cors", False), ("", False)])
def test_whose_session_ended_before_sending_reads_that_nothing_was_sent(
    db: None, client: Client, mode: str, is_told: bool
) -> None:
    """A page of welcome said nothing of the words that were just sent. What scripts send by themselves is no news."""
    told = "Er is nog niets verstuurd. Log eerst in, dan gaat u verder waar u was."
    sent = client.post("/gelezen/", headers={"Sec-Fetch-Mode": mode} if mode else {})
    assert (sent.status_code, sent["Location"]) == (302, "/inloggen/?next=/gelezen/")
    assert (told in client.get(sent["Location"]).content.decode()) is is_told
    assert told not in client.get("/inloggen/").content.decode()


@pytest.mark.parametrize(("site", "refused"), [("cross-site", True), ("same-site", True), ("same-origin", False)])
def test_a_write_from_another_site_is_refused(cast: Cast, client: Client, site: str, refused: bool) -> None:
    client.force_login(cast.mother, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post("/gelezen/", headers={"sec-fetch-site": site})
    assert (response.status_code == 403) is refused


def test_a_form_without_its_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.mother, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/gelezen/").status_code == 403


def heavy(client: Client, path: str, size: int = (1 << 20) + 1) -> HttpResponse:
    """A request that says it is heavy; a body that is asked for anyway is not there."""
    return client.generic("POST", path, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(size))


@pytest.mark.parametrize("path", ["/", "/inloggen/", "/gelezen/", "/school/schrijven/", "/bestaat-niet/"])
def test_a_stranger_sends_no_more_than_a_megabyte(db: None, client: Client, path: str) -> None:
    """Also past nginx, and with a cookie that opens nothing."""
    client.cookies["kring-8000"] = "a1" * 16
    assert heavy(client, path).status_code == 413
    assert heavy(client, path, 0).status_code != 413


def test_who_is_signed_in_sends_more_only_where_files_belong(cast: Cast, client: Client) -> None:
    client.force_login(cast.teacher, backend="allauth.account.auth_backends.AuthenticationBackend")
    paths = ["/gelezen/", "/school/berichten/", "/school/schrijven/publiek/", "/bestaat-niet/", "/school/mensen/"]
    assert {path: heavy(client, path).status_code for path in paths} == dict.fromkeys(paths, 413)
    for path in ["/school/schrijven/", "/school/schrijven/foto/"]:
        assert heavy(client, path).status_code != 413


def test_who_has_to_sign_in_again_reads_that_page_in_the_own_language(cast: Cast, scene: Scene, client: Client) -> None:
    cast.mother.language = "en"
    cast.mother.save(update_fields=["language"])
    client.force_login(cast.mother, backend=SIGN_IN)
    assert "Messages" in client.get("/thuis/berichten/").content.decode()
    client.session.flush()
    assert '<html lang="en"' in client.get("/thuis/berichten/", follow=True).content.decode()


def test_signing_out_forgets_the_language(cast: Cast, scene: Scene, client: Client) -> None:
    client.force_login(cast.mother, backend=SIGN_IN)
    client.get("/thuis/berichten/")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "nl"
    client.post("/uitloggen/")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == ""
