"""POL-67: a version in force is shown to everybody of the school until it is confirmed, and gets in nobody's way."""

import tomllib
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from groups.people.services.guardianships import end_guardianship
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat
from messaging.models import Reply
from moderation.models import Acknowledgement, Protocol, ProtocolDraft
from moderation.rules import middleware
from moderation.rules.mail.protocols import render_reminders
from moderation.rules.services.acknowledging import acknowledge, overview_of, remind_people, waiting_people
from moderation.rules.services.protocols import (
    STARTER,
    NotYetConsentedError,
    TooEarlyError,
    TooShortError,
    protocol_at,
    put_in_force,
    start_draft,
    starter_words,
    write_draft,
)
from portal.core import access
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import AuditEvent, OutboxItem
from portal.core.versions import EditedMeanwhileError
from tests.cast import NAMES, Cast, each
from tests.moderation.ruling import ASKED, EVERYBODY, FAMILY, STAFF, confirm, in_force, visitor
from tests.permissions.test_matrix import named
from tests.races import on_postgresql, together
from tests.scene import Scene

FEED = {"mother": "family", "teacher": "staff", "directie": "staff", "teacher_who_is_parent": "family"}


@pytest.fixture(autouse=True)
def _one_factor_and_nothing_remembered(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    cache.clear()


def feed_of(name: str) -> str:
    return reverse("messaging:feed", args=[FEED[name]])


def confirming(response: Any) -> bool:
    return response.status_code == 302 and response["Location"].startswith(reverse("moderation:confirm_rules"))


def test_without_rules_nobody_is_asked(cast: Cast) -> None:
    assert visitor(cast, "teacher").get(feed_of("teacher")).status_code == 200


@pytest.mark.parametrize("name", ["mother", "teacher"])
def test_somebody_reads_the_short_version_confirms_and_goes_on(cast: Cast, name: str) -> None:
    protocol = in_force(cast)
    client = visitor(cast, name)
    response = client.get(feed_of(name) + "?na=3")
    assert confirming(response)
    page = client.get(response["Location"])
    assert "Kring is a circle" in page.content.decode()
    assert ('value="later"' in page.content.decode()) is (name == "mother")
    answer = client.post(response["Location"], {"protocol": protocol.uid, "act": "confirm"})
    assert (answer.status_code, answer["Location"]) == (302, feed_of(name) + "?na=3")
    assert client.get(feed_of(name)).status_code == 200
    assert list(Acknowledgement.objects.values_list("user", "protocol")) == [(cast.user(name).pk, protocol.pk)]


def test_a_parent_reads_on_after_later_until_it_must(cast: Cast) -> None:
    """Put off for some days, and no longer than the school's day."""
    protocol = in_force(cast)
    client = visitor(cast, "mother")
    confirm_page = reverse("moderation:confirm_rules")
    client.get(feed_of("mother"))
    response = client.post(f"{confirm_page}?next={feed_of('mother')}", {"protocol": protocol.uid, "act": "later"})
    assert response["Location"] == feed_of("mother")
    assert client.get(feed_of("mother")).status_code == 200
    assert not Acknowledgement.objects.exists()
    session = client.session
    session[middleware.LATER] = {str(protocol.uid): timezone.now().timestamp() - 1}
    session.save()
    assert confirming(client.get(feed_of("mother")))


def test_who_chose_later_finds_where_to_confirm_beside_the_rules(cast: Cast) -> None:
    """And who confirmed them, or reads a version of before, does not."""
    before, client = in_force(cast), visitor(cast, "mother")
    protocol, where = in_force(cast), reverse("moderation:confirm_rules")
    client.post(where, {"protocol": str(protocol.uid), "act": "later"})
    page, whole = reverse("moderation:rules"), reverse("moderation:rules_version", args=[before.uid])
    link = f'href="{where}?next={page}"'
    assert [link in client.get(one).content.decode() for one in (page, whole)] == [True, False]
    assert str(protocol.uid) in client.get(f"{where}?next={page}").content.decode()
    confirm(cast, "mother", protocol=protocol)
    assert link not in client.get(page).content.decode()


def test_who_is_suspended_by_the_rules_reads_them(cast: Cast) -> None:
    in_force(cast)
    school, now = cast.linde, timezone.now()
    by = Actor(cast.directie, Hat.ANY, now)
    until, case = now + timedelta(days=3), uuid4()
    restrict_person(person=cast.mother, school=school, kind="suspended", until=until, case_uid=case, by=by)
    assert Protocol.objects.meant_for(Actor(cast.mother, Hat.ANY, now)).exists()
    assert (
        "There are no rules here now" not in visitor(cast, "mother").get(reverse("moderation:rules")).content.decode()
    )


def test_later_is_no_way_out_for_staff(cast: Cast) -> None:
    protocol = in_force(cast)
    client = visitor(cast, "teacher")
    page = f"{reverse('moderation:confirm_rules')}?next={feed_of('teacher')}"
    response = client.post(page, {"protocol": protocol.uid, "act": "later"})
    assert response["Location"] == page
    assert confirming(client.get(feed_of("teacher")))


def test_who_is_both_is_asked_as_staff_and_once(cast: Cast) -> None:
    protocol = in_force(cast)
    client = visitor(cast, "teacher_who_is_parent")
    response = client.get(feed_of("teacher_who_is_parent"))
    assert 'value="later"' not in client.get(response["Location"]).content.decode()
    confirm(cast, "teacher_who_is_parent", protocol=protocol)
    cache.clear()
    for hat in ("family", "staff"):
        assert client.get(reverse("messaging:feed", args=[hat])).status_code == 200


def test_a_next_version_is_asked_again_and_at_once(cast: Cast) -> None:
    """Confirming the first says nothing about the second, and what was remembered of the first is forgotten."""
    first = in_force(cast)
    confirm(cast, "mother", protocol=first)
    client = visitor(cast, "mother")
    assert client.get(feed_of("mother")).status_code == 200
    second = in_force(cast)
    response = client.get(feed_of("mother"))
    assert confirming(response)
    page = client.get(response["Location"]).content.decode()
    assert "Our rules have changed" in page
    assert str(second.uid) in page


def test_confirming_what_was_replaced_counts_for_nothing(cast: Cast) -> None:
    first = in_force(cast)
    client = visitor(cast, "mother")
    in_force(cast)
    response = client.post(reverse("moderation:confirm_rules"), {"protocol": first.uid, "act": "confirm"}, follow=True)
    assert "These rules were changed in the meantime" in response.content.decode()
    assert not Acknowledgement.objects.exists()


def test_a_double_click_is_one_confirmation(cast: Cast) -> None:
    protocol = in_force(cast)
    client = visitor(cast, "mother")
    for _ in range(2):
        assert client.post(reverse("moderation:confirm_rules"), {"protocol": protocol.uid}).status_code == 302
    assert Acknowledgement.objects.count() == 1
    assert AuditEvent.objects.filter(verb="protocol.acknowledged").count() == 1


def test_nothing_in_flight_is_lost(cast: Cast, scene: Scene) -> None:
    """A form on its way in arrives; the page after it asks, and carries what was said about it."""
    in_force(cast)
    client = visitor(cast, "teacher")
    page = reverse("messaging:post", args=["staff", scene.post.uid])
    before = Reply.objects.filter(post=scene.post).count()
    response = client.post(page, {"text": "Dank je wel", "shown": "all", "key": "3e6f1a1e-0d4c-4d5c-8f59-9a4b1c1f3e55"})
    assert response.status_code == 302
    assert not confirming(response)
    assert confirming(client.get(response["Location"]))
    assert Reply.objects.filter(post=scene.post).count() == before + 1


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Dest": "empty"}, {"Sec-Fetch-Dest": "image"}, {"HX-Request": "true"}])
def test_parts_of_a_page_are_not_in_the_way(cast: Cast, headers: dict[str, str]) -> None:
    in_force(cast)
    assert visitor(cast, "teacher").get(feed_of("teacher"), headers=headers).status_code == 200


OPEN = ["moderation:rules", "groups:help", "settings", "consent:choices", "account_logout", "account_email",
        "mfa_index", "usersessions_list"]  # fmt: skip


@pytest.mark.parametrize("route", OPEN)
def test_consent_help_and_the_way_out_stay_open(cast: Cast, route: str) -> None:
    in_force(cast)
    assert not confirming(visitor(cast, "teacher_who_is_parent").get(reverse(route)))


@pytest.mark.parametrize(("route", "args"), [("groups:complaints", []), ("moderation:ask_access", ["family"])])
def test_who_does_not_agree_finds_whom_to_ask_and_asks_for_the_own_file(
    cast: Cast, route: str, args: list[str]
) -> None:
    in_force(cast)
    client = visitor(cast, "mother")
    assert confirming(client.get(feed_of("mother")))
    assert client.get(reverse(route, args=args)).status_code == 200


def test_what_is_open_exists() -> None:
    """A route that gets another name would close without anybody noticing."""
    names = {name for name, _view in named(get_resolver())}
    assert names >= middleware.OPEN_NAMES | middleware.NO_PAGE
    assert [start for start in middleware.OPEN_BEGINNINGS if not any(n.startswith(start) for n in names)] == []


@pytest.mark.parametrize(
    "wanted", ["https://elders.example/", "//elders.example", "/afspraken/bevestigen/?next=/", "iets", ""]
)
def test_the_way_on_is_one_of_ours_and_never_round(cast: Cast, wanted: str) -> None:
    protocol = in_force(cast)
    client = visitor(cast, "mother")
    response = client.post(f"{reverse('moderation:confirm_rules')}?next={wanted}", {"protocol": protocol.uid})
    assert response["Location"] == reverse("home")


def test_who_has_nothing_to_confirm_is_sent_on(cast: Cast) -> None:
    response = visitor(cast, "mother").get(f"{reverse('moderation:confirm_rules')}?next={feed_of('mother')}")
    assert (response.status_code, response["Location"]) == (302, feed_of("mother"))


def test_two_schools_are_asked_one_after_the_other(cast: Cast) -> None:
    """The teacher of De Berk has a child on De Linde: at one she must, at the other she may wait."""
    here, there = in_force(cast), in_force(cast, school=cast.berk)
    caregiver = cast.caregiver("mother")
    caregiver.user = cast.teacher_elsewhere
    caregiver.save(update_fields=["user"])
    access.reproject(school=cast.linde, users=[cast.teacher_elsewhere.pk])
    client = visitor(cast, "teacher_elsewhere")
    page = client.get(reverse("messaging:feed", args=["staff"]))["Location"]
    assert str(there.uid) in client.get(page).content.decode()
    assert client.post(page, {"protocol": there.uid})["Location"] == page
    assert str(here.uid) in client.get(page).content.decode()
    assert client.post(page, {"protocol": here.uid})["Location"] == reverse("messaging:feed", args=["staff"])


@pytest.mark.parametrize("name", each())
def test_list_object_recipients_and_refusal_agree(cast: Cast, name: str) -> None:
    """One rule: what somebody is asked, whom the reminder reaches, whom the overview counts, who may confirm."""
    now, user = timezone.now(), cast.user(name)
    protocol = in_force(cast, now)
    asked = Protocol.objects.waiting_for(Actor(user, Hat.ANY, now)).filter(pk=protocol.pk).exists()
    counted = {one.user for section in overview_of(protocol, now=now).sections for one in section.people}
    told = set(waiting_people(protocol, now=now).values_list("pk", flat=True))
    try:
        done = bool(user.is_authenticated and acknowledge(protocol=protocol, by=Actor(user, Hat.ANY, now)))
    except PermissionDenied:
        done = False
    assert [asked, user.pk in told, user.pk in counted, done] == [ASKED[name]] * 4


def test_whose_reason_ended_is_asked_no_more(cast: Cast) -> None:
    protocol = in_force(cast)
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    after = timezone.now()
    assert not Protocol.objects.waiting_for(Actor(cast.mother, Hat.ANY, after)).exists()
    with pytest.raises(PermissionDenied):
        acknowledge(protocol=protocol, by=Actor(cast.mother, Hat.ANY, after))


def test_once_clear_a_page_costs_no_question(cast: Cast) -> None:
    protocol = in_force(cast)
    confirm(cast, "mother", protocol=protocol)
    client = visitor(cast, "mother")
    client.get(feed_of("mother"))
    with CaptureQueriesContext(connection) as asked:
        client.get(feed_of("mother"))
    assert [query["sql"] for query in asked if "moderation_protocol" in query["sql"]] == []
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(feed_of("mother"))
    assert len([query["sql"] for query in asked if "moderation_acknowledgement" in query["sql"]]) == 1


def test_a_version_in_force_cannot_be_changed_or_taken_away(cast: Cast) -> None:
    protocol = in_force(cast)
    confirm(cast, "mother", protocol=protocol)
    for statement in (
        "UPDATE moderation_protocol SET text_nl = 'x'",
        "DELETE FROM moderation_protocol",
        "UPDATE moderation_acknowledgement SET user_id = user_id + 1",
        "DELETE FROM moderation_acknowledgement",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize("name", each([name for name in NAMES if name not in ("directie", "anonymous")]))
def test_only_the_directie_writes_and_decides(cast: Cast, name: str) -> None:
    now, by = timezone.now(), cast.user(name)
    draft = start_draft(school=cast.linde, by=Actor(cast.directie, Hat.ANY, now))
    protocol = in_force(cast, now)
    draft = start_draft(school=cast.linde, by=Actor(cast.directie, Hat.ANY, now))
    today = at_school(now).date()
    days = {"effective_on": today, "confirm_by": today, "council_consented_on": today}
    for act in (
        lambda: start_draft(school=cast.linde, by=Actor(by, Hat.ANY, now)),
        lambda: write_draft(draft=draft, version=1, words=starter_words(), by=Actor(by, Hat.ANY, now)),
        lambda: put_in_force(draft=draft, version=1, **days, by=Actor(by, Hat.ANY, now)),
        lambda: remind_people(protocol=protocol, by=Actor(by, Hat.ANY, now)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_two_who_write_get_both_texts(cast: Cast) -> None:
    client = visitor(cast, "directie")
    page = client.post(reverse("moderation:start_protocol"))["Location"]
    form = client.get(page).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    draft = ProtocolDraft.objects.get()
    words = starter_words()
    write_draft(
        draft=draft,
        version=1,
        words=type(words)("Kort", "Lang", "Short", "Long"),
        by=Actor(cast.directie, Hat.ANY, timezone.now()),
    )
    response = client.post(page, {**sent, "summary_nl": "Mijn woorden"})
    assert response.status_code == 409
    body = response.content.decode()
    assert ">Kort<" in body
    assert "Mijn woorden</textarea>" in body
    again = {**sent, "summary_nl": "Mijn woorden", "version": response.context["form"]["version"].value()}
    assert client.post(page, again).status_code == 302
    assert ProtocolDraft.objects.get().summary_nl == "Mijn woorden"


def test_the_directie_writes_puts_in_force_and_reads_who_has_still_to_confirm(cast: Cast) -> None:
    client = visitor(cast, "directie")
    assert "Begin with our text" in client.get(reverse("moderation:protocols")).content.decode()
    page = client.post(reverse("moderation:start_protocol"))["Location"]
    form = client.get(page).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"summary_en": "Be <b>kind</b>"}
    looked = client.post(page, {**sent, "preview": "1"})
    assert "Be &lt;b&gt;kind&lt;/b&gt;" in looked.content.decode()
    onward = client.post(page, {**sent, "onward": "1"})["Location"]
    today = at_school(timezone.now()).date()
    days = {"version": 2, "effective_on": today, "confirm_by": today + timedelta(days=7)}
    assert client.post(onward, days).status_code == 422
    response = client.post(onward, {**days, "council_consented_on": today})
    assert (response.status_code, response["Location"]) == (
        302,
        f"{reverse('moderation:protocols')}?school={cast.linde.uid}",
    )
    protocol = protocol_at(cast.linde, now=timezone.now())
    assert protocol
    assert (protocol.number, protocol.summary_en) == (1, "Be <b>kind</b>")
    assert not ProtocolDraft.objects.exists()
    confirm(cast, "directie", protocol=protocol)
    for again in (client.post(onward, days, follow=True), client.get(page, follow=True)):
        assert b"These rules have been put in force already." in again.content
    assert Protocol.objects.count() == 1
    body = client.get(reverse("moderation:acknowledgements", args=[protocol.uid])).content.decode()
    assert f"1 of {len(EVERYBODY)} people confirmed" in body


def test_who_writes_on_what_was_put_in_force_meanwhile_writes_the_next_version(cast: Cast) -> None:
    """In another window, or by a colleague: nothing that was typed is lost, and for others there is nothing."""
    client, page = visitor(cast, "directie"), _begun(cast)
    sent = {name: str(field.value()) for name, field in _fields(client, page).items()}
    in_force(cast)
    assert client.post(page, sent)["Location"] == f"{reverse('moderation:protocols')}?school={cast.linde.uid}"
    assert not ProtocolDraft.objects.exists()
    typed = {**sent, "summary_nl": "Mijn woorden"}
    response = client.post(page, typed)
    assert response.status_code == 409
    for words in ("Mijn woorden</textarea>", "These rules have been put in force already."):
        assert words in response.content.decode()
    draft = ProtocolDraft.objects.get()
    where = reverse("moderation:protocol_draft", args=[draft.uid])
    assert f'action="{where}"' in response.content.decode()
    again = {**typed, "version": response.context["form"]["version"].value()}
    assert client.post(where, again).status_code == 302
    assert ProtocolDraft.objects.get().summary_nl == "Mijn woorden"
    for name in ("directie_elsewhere", "teacher", "ict"):
        assert visitor(cast, name).post(page, typed).status_code == 404


@on_postgresql
def test_pressed_twice_in_one_moment_is_one_version(cast: Cast) -> None:
    today = at_school(timezone.now()).date()
    days = {"version": 1, "effective_on": today, "confirm_by": today, "council_consented_on": today}
    where = _begun(cast) + "invoeren/"
    clients = [visitor(cast, "directie") for _ in range(2)]
    answers = together(*(partial(client.post, where, days) for client in clients))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Protocol.objects.count() == 1


def _begun(cast: Cast) -> str:
    draft = start_draft(school=cast.linde, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    return reverse("moderation:protocol_draft", args=[draft.uid])


def _fields(client: Client, page: str) -> Any:
    form = client.get(page).context["form"]
    return {name: form[name] for name in form.fields}


def test_days_that_cannot_be(cast: Cast) -> None:
    now = timezone.now()
    draft = start_draft(school=cast.linde, by=Actor(cast.directie, Hat.ANY, now))
    day = at_school(now).date()
    one = timedelta(days=1)
    for begins, confirm_by, council, refusal in [
        (day - one, day, day, TooEarlyError),
        (day + one, day, day, TooShortError),
        (day, day, day + one, NotYetConsentedError),
    ]:
        with pytest.raises(refusal):
            put_in_force(
                draft=draft,
                version=1,
                effective_on=begins,
                confirm_by=confirm_by,
                council_consented_on=council,
                by=Actor(cast.directie, Hat.ANY, now),
            )
    with pytest.raises(EditedMeanwhileError):
        put_in_force(
            draft=draft,
            version=0,
            effective_on=day,
            confirm_by=day,
            council_consented_on=day,
            by=Actor(cast.directie, Hat.ANY, now),
        )
    assert not Protocol.objects.exists()


def test_a_version_to_come_is_for_the_directie_only_and_begins_by_the_clock(cast: Cast) -> None:
    now = timezone.now()
    protocol = in_force(cast, now, begins=at_school(now).date() + timedelta(days=3))
    page = reverse("moderation:rules_version", args=[protocol.uid])
    assert visitor(cast, "directie").get(page).status_code == 200
    assert visitor(cast, "mother").get(page).status_code == 404
    one = timedelta(seconds=1)
    assert protocol_at(cast.linde, now=protocol.effective_at - one) is None
    assert protocol_at(cast.linde, now=protocol.effective_at) == protocol
    sooner = in_force(cast, now)
    assert protocol_at(cast.linde, now=protocol.effective_at + one) == sooner


def test_the_overview_counts_staff_apart_and_everybody_once(cast: Cast) -> None:
    protocol = in_force(cast)
    confirm(cast, "teacher", "parent_of_two", protocol=protocol)
    overview = overview_of(protocol, now=timezone.now())
    found = {(one.group.name if one.group else one.kind): (one.confirmed, one.total) for one in overview.sections}
    assert found["staff"] == (1, len(STAFF))
    assert found["Groep 4"] == (1, 4)
    assert found["Groep 5"] == (1, 3)
    assert (overview.confirmed, overview.total) == (2, len(EVERYBODY))
    assert set(found) == {"staff", "Groep 4", "Groep 5"}


def test_a_reminder_reaches_who_waits_once_a_day(cast: Cast) -> None:
    now = timezone.now()
    protocol = in_force(cast, now)
    confirm(cast, *STAFF, "mother", protocol=protocol)
    visitor(cast, "other_parent")
    client = visitor(cast, "directie")
    page = reverse("moderation:remind_to_confirm", args=[protocol.uid])
    for _ in range(2):
        client.post(page)
    items = list(OutboxItem.objects.filter(kind="protocol_reminder"))
    assert {item.recipient_id for item in items} == {cast.user(name).pk for name in FAMILY if name != "mother"}
    assert len(items) == len(FAMILY) - 1
    confirm(cast, "father", protocol=protocol)
    mails = dict(zip((item.recipient_id for item in items), render_reminders(items, timezone.now()), strict=True))
    assert not hasattr(mails[cast.father.pk], "subject")
    assert mails[cast.other_parent.pk].subject == "De Linde: will you read our rules?"
    assert (
        remind_people(protocol=protocol, by=Actor(cast.directie, Hat.ANY, now + timedelta(days=1))) == len(FAMILY) - 2
    )


def test_the_list_as_a_file_runs_no_formula(cast: Cast) -> None:
    protocol = in_force(cast)
    caregiver = cast.caregiver("mother")
    caregiver.first_name = "=SUM(A1)"
    caregiver.save(update_fields=["first_name"])
    confirm(cast, "directie", protocol=protocol)
    response = visitor(cast, "directie").post(reverse("moderation:acknowledgements_csv", args=[protocol.uid]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Group;Name;Confirmed;Day"
    assert len(lines) == 1 + len(EVERYBODY) + 1
    assert any(line.startswith("Groep 4;'=SUM(A1)") for line in lines)
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_starter_covers_the_rules_it_must() -> None:
    covered = {rule for one in tomllib.loads(STARTER.read_text())["section"] for rule in one["covers"]}
    assert covered == {f"POL-{n}" for n in [*range(21, 34), *range(60, 67)]}
    words = starter_words()
    assert words.text_nl.count("# ") == words.text_en.count("# ") == 8
