"""How news reaches a parent: the own choice, and the way out of a mail without signing in (POL-50; RFC 8058)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import NEWS, UNCHOSEN, ContactChoice, NewsKind, School, Way
from groups.people.services.contact_choices import choose_way, ways_of
from groups.people.services.unsubscribing import unsubscribe_token
from portal.core import outbox
from portal.core.models import AuditEvent, OutboxItem, User
from tests.cast import SIGN_IN, Cast

PAGE = "/instellingen/nieuws/"


@pytest.fixture
def mother(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mother, backend=SIGN_IN)
    return client


def stop_url(cast: Cast) -> str:
    return reverse("groups:unsubscribe", args=[unsubscribe_token(user=cast.mother, school=cast.linde)])


def ways(cast: Cast, user: User, school: School | None = None) -> dict[str, str]:
    return ways_of(users=[user.pk], school=school or cast.linde)[user.pk]


def pressed(page: str) -> dict[str, str]:
    """The chosen button of each kind, as the page shows it."""
    forms = re.findall(r'name="kind" value="(\w+)".*?value="(\w+)" aria-pressed="true"', page, re.DOTALL)
    return dict(forms)


def test_who_never_chose_hears_at_once_what_is_asked_and_who_writes(cast: Cast, mother: Client) -> None:
    assert ways(cast, cast.mother) == UNCHOSEN
    assert pressed(mother.get(PAGE).content.decode()) == {
        "asks": "message",
        "stories": "weekly",
        "school": "weekly",
        "conversations": "message",
    }


@pytest.mark.parametrize("kind", NewsKind)
@pytest.mark.parametrize("way", Way)
def test_a_button_is_one_choice_of_one_kind_and_is_written_down_once(
    cast: Cast, mother: Client, kind: NewsKind, way: Way
) -> None:
    for _ in range(2):
        answer = mother.post(PAGE, {"school": str(cast.linde.uid), "kind": kind, "way": way})
        assert (answer.status_code, answer.url) == (302, f"{PAGE}#{cast.linde.uid}-{kind}")
    assert ways(cast, cast.mother) == UNCHOSEN | {kind: way}
    assert pressed(mother.get(PAGE).content.decode()) == {**UNCHOSEN, kind: way}
    events = AuditEvent.objects.filter(verb="contact.chosen")
    assert [(one.actor_uid, one.school_uid, one.facts) for one in events] == (
        []
        if way == UNCHOSEN[kind]
        else [(cast.mother.uid, cast.linde.uid, {"way": way, "kinds": [kind], "by_link": False})]
    )


def test_who_hears_at_once_from_now_on_reads_where_the_rest_of_the_week_is(cast: Cast, mother: Client) -> None:
    sent = {"school": str(cast.linde.uid), "kind": "school"}
    for way, said in ((Way.NONE, "Bewaard."), (Way.WEEKLY, "Bewaard."), (Way.MESSAGE, "Wat er al stond, komt nog in")):
        assert said in mother.post(PAGE, {**sent, "way": way}, follow=True).content.decode()
    assert said not in mother.post(PAGE, {**sent, "way": Way.MESSAGE}, follow=True).content.decode()
    talks = {"school": str(cast.linde.uid), "kind": NewsKind.TALKS}
    for way, said in ((Way.WEEKLY, "Bewaard."), (Way.MESSAGE, "Wat er al stond, staat in Kring.")):
        assert said in mother.post(PAGE, {**talks, "way": way}, follow=True).content.decode()


def test_every_way_back_is_a_way(cast: Cast) -> None:
    """Whatever was chosen before: who goes back to what holds unchosen is asked for as they were."""
    now = timezone.now()
    people = User.objects.filter(pk=cast.mother.pk)
    for kind in NewsKind:
        for way in (Way.NONE, Way.WEEKLY, Way.MESSAGE, Way(UNCHOSEN[kind])):
            choose_way(user=cast.mother, school=cast.linde, kinds=[kind], way=way, now=now)
            wanting = [
                one for one in Way if people.filter(ContactChoice.objects.wanting(one, kind=kind, school=cast.linde))
            ]
            assert wanting == [way]
            assert ContactChoice.objects.refusing(kind, school=cast.linde).exists() is (way == Way.NONE)


def test_the_pages_say_what_still_comes(cast: Cast, mother: Client) -> None:
    still = "Over persoonlijke berichten krijgt u nog mail."
    for answer in (mother.get(stop_url(cast)), mother.post(stop_url(cast))):
        assert still in answer.content.decode()
    assert ways(cast, cast.mother) == dict.fromkeys(NEWS, "none") | {"conversations": "message"}


@pytest.mark.parametrize(
    ("kind", "way"), [("asks", ""), ("asks", "daily"), ("", "weekly"), ("urgent", "none"), ("school", "weekly' OR 1=1")]
)
def test_another_way_does_not_exist(cast: Cast, mother: Client, kind: str, way: str) -> None:
    assert mother.post(PAGE, {"school": str(cast.linde.uid), "kind": kind, "way": way}).status_code == 422
    assert not ContactChoice.objects.exists()


def test_a_foreign_school_is_like_none(cast: Cast, mother: Client) -> None:
    for school in (str(cast.berk.uid), "", "x"):
        assert mother.post(PAGE, {"school": school, "kind": "asks", "way": "none"}).status_code == 404
    assert not ContactChoice.objects.exists()


def test_a_link_asks_and_changes_nothing_by_itself(cast: Cast, client: Client) -> None:
    assert client.head(stop_url(cast)).status_code == 200
    for _ in range(2):
        page = client.get(stop_url(cast))
        assert page.status_code == 200
        assert b"<form" in page.content
        assert cast.mother.email not in page.content.decode()
    assert ways(cast, cast.mother) == UNCHOSEN


def test_one_click_of_a_mail_program_stops_the_mails(cast: Cast) -> None:
    """No session, no CSRF token, no cookie: RFC 8058, and safe to repeat."""
    machine = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = machine.post(stop_url(cast), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert {ways(cast, cast.mother)[kind] for kind in NEWS} == {Way.NONE}
    (event,) = AuditEvent.objects.filter(verb="contact.chosen")
    assert event.facts == {"way": "none", "kinds": [*NEWS], "by_link": True}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_mail_program_in_a_browser_stops_them_too(cast: Cast, site: str) -> None:
    """The button of a webmail posts from its own page: the browser says so, and what is held is the link."""
    posted = {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"sec-fetch-site": site}}
    assert Client(enforce_csrf_checks=True).post(stop_url(cast), **posted).status_code == 200
    assert {ways(cast, cast.mother)[kind] for kind in NEWS} == {Way.NONE}


def test_a_link_is_about_one_person_and_one_school(cast: Cast, client: Client) -> None:
    client.force_login(cast.father, backend=SIGN_IN)
    client.post(stop_url(cast))
    assert ways(cast, cast.father) == UNCHOSEN
    assert ways(cast, cast.mother, cast.berk) == UNCHOSEN


def test_a_link_in_the_mailbox_of_before_stops_nothing(cast: Cast, client: Client) -> None:
    before = stop_url(cast)
    cast.mother.email = "nieuw@post.example"
    cast.mother.save()
    for method in (client.get, client.post):
        page = method(before)
        assert (page.status_code, cast.linde.name in page.content.decode()) == (410, False)
    assert not ContactChoice.objects.exists()
    assert client.post(stop_url(cast)).status_code == 200
    assert ContactChoice.objects.exists()


@pytest.mark.parametrize(("days", "status"), [(59, 200), (61, 410)])
def test_a_link_of_before_links_said_their_mailbox_stops_the_mails_a_while(
    cast: Cast, client: Client, days: int, status: int
) -> None:
    token = signing.dumps([cast.mother.uid.hex, cast.linde.uid.hex], salt="groups.unsubscribe")
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        assert client.post(reverse("groups:unsubscribe", args=[token])).status_code == status
    assert ContactChoice.objects.exists() == (status == 200)


def test_a_token_of_another_purpose_is_nothing_here(cast: Cast, client: Client) -> None:
    """A15: signed by us, with another salt."""
    fields = [cast.mother.uid.hex, cast.linde.uid.hex]
    for token in (
        signing.dumps(fields),
        signing.dumps(fields, salt="account"),
        signing.dumps(["x", "y"], salt="groups.unsubscribe"),
        signing.dumps({"user": 1}, salt="groups.unsubscribe"),
        unsubscribe_token(user=cast.mother, school=cast.linde)[:-1],
        "x",
    ):
        for method in (client.get, client.post):
            assert method(reverse("groups:unsubscribe", args=[token])).status_code == 404
    assert not ContactChoice.objects.exists()


def test_the_token_opens_nothing_else(cast: Cast, client: Client) -> None:
    """A14: on another route, as a code, as a session."""
    token = unsubscribe_token(user=cast.mother, school=cast.linde)
    for url in (f"/brief/?token={token}", f"/instellingen/?token={token}", f"/thuis/berichten/?token={token}"):
        answer = client.get(url)
        assert answer.status_code in {200, 302}
        assert "_auth_user_id" not in client.session
    answer = client.post("/brief/", {"code": token, "email": cast.mother.email})
    assert answer.status_code == 422
    client.cookies[settings.SESSION_COOKIE_NAME] = token
    assert client.get("/thuis/berichten/").status_code == 302


@pytest.mark.parametrize(("name", "url"), [("ict", "/bureau/"), ("directie", "/school/mensen/")])
def test_the_office_reads_how_mail_goes(cast: Cast, client: Client, name: str, url: str, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    now = timezone.now()
    OutboxItem.objects.all().delete()
    client.force_login(getattr(cast, name), backend=SIGN_IN)
    assert "E-mail werkt." in client.get(url).content.decode()
    outbox.enqueue(
        "digest",
        address="a@post.example",
        subject_kind="x",
        subject_uid=cast.linde.uid,
        school_uid=cast.linde.uid,
        dedupe_key="x",
        now=now,
    )
    OutboxItem.objects.update(failing_since=now)
    page = client.get(url).content.decode()
    assert "E-mail werkt niet sinds" in page
    assert "1 mail wacht" in page


def test_the_choice_is_for_later_mails_too(cast: Cast) -> None:
    now = timezone.now()
    for way in (Way.NONE, Way.WEEKLY, Way.MESSAGE):
        choose_way(user=cast.mother, school=cast.linde, way=way, now=now)
    assert set(ContactChoice.objects.values_list("kind", "way")) == {(kind, Way.MESSAGE) for kind in NEWS}
