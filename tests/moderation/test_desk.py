"""The desk: the directie's lists of the own school and nothing of another, read through the scopes of every page."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from groups.models import Child, Guardianship, StaffMember, Telling
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.staff.services.staff import invite_staff
from groups.told.services import answer
from messaging.models import Message, Placement, Post, Reply
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from messaging.writings.services.written import hide_written, show_written
from moderation.cases.services.cases import close_case
from moderation.cases.services.notes import address_writer
from moderation.desk.services.desk import (
    admissions_at,
    cases_at,
    children_at,
    photos_at,
    posts_at,
    replies_at,
    staff_at,
    trail_at,
)
from moderation.desk.services.trail import history_of
from moderation.desk.views.content import GROUP_OF_POST, PostList
from moderation.desk.views.desk import LISTS as DESK
from moderation.desk.views.facets import Tally
from moderation.models import Case
from portal.core import audit
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent
from tests import canaries, rows
from tests.cast import NAMES, Cast, address
from tests.moderation.reporting import person_reported, reported, visit
from tests.scene import Scene

DIRECTIES = {"directie", "directie_elsewhere"}
LISTS: dict[str, Callable[..., Any]] = {
    "zaken": cases_at,
    "berichten": posts_at,
    "reacties": replies_at,
    "fotos": photos_at,
    "kinderen": children_at,
    "verzorgers": admissions_at,
    "medewerkers": staff_at,
    "gebeurd": trail_at,
}
FOR_DIRECTIE = [name for name in LISTS if name != "zaken"]


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def test_the_lists_of_the_desk_are_these() -> None:
    assert {one.slug for one in DESK} == set(LISTS)


def test_every_list_is_of_who_directs_the_school(cast: Cast, scene: Scene) -> None:
    """For everybody. The operator has no desk at all; that of the IT administrator and of an editor has no list."""
    reported(cast, scene.reply)
    now = timezone.now()
    for slug in FOR_DIRECTIE:
        holders = {name for name in NAMES if LISTS[slug](Actor(cast.user(name), Hat.ANY, now)).exists()}
        assert holders == DIRECTIES, slug
    assert {name for name in NAMES if opens(cast, name)} == {*DIRECTIES, "case_officer", "ict", "editor"}


def opens(cast: Cast, name: str) -> bool:
    if name in {"anonymous", "inactive"}:
        return False
    return visit(cast, name).get(reverse("desk:index")).status_code == 200


def schools_of(rows: Any) -> set[Any]:
    return {getattr(row, "school", None) or row.child.school for row in rows}


def test_who_also_works_elsewhere_has_a_desk_of_the_own_school_only(cast: Cast, scene: Scene) -> None:
    """Dirk directs De Linde and teaches at De Berk: what he reads there does not stand on his desk."""
    now = timezone.now()
    group = cast.group("G4", "99CB")
    record = StaffMember.objects.get(email=address("teacher_elsewhere"))
    StaffMember.objects.filter(pk=record.pk).update(user=cast.directie)
    check_access(repair=True, now=now)
    theirs = reported(cast, scene.reply_elsewhere, "directie_elsewhere").case
    assert Post.objects.visible_to(Actor(cast.directie, "staff", now)).filter(group=group).exists()
    assert theirs in Case.objects.visible_to(Actor(cast.directie, Hat.ANY, now))
    assert not cases_at(Actor(cast.directie, Hat.ANY, now)).exists()
    for slug in ("berichten", "reacties", "fotos", "kinderen", "verzorgers", "medewerkers"):
        assert schools_of(LISTS[slug](Actor(cast.directie, Hat.ANY, now))) == {cast.linde}, slug
        assert schools_of(LISTS[slug](Actor(cast.directie_elsewhere, Hat.ANY, now))) == {cast.berk}, slug


def test_the_lists_hold_what_stands_there(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    placed = Post.objects.filter(school=cast.linde, state__in=("published", "hidden"))
    assert set(posts_at(Actor(cast.directie, Hat.ANY, now))) == set(placed)
    answered = Reply.objects.filter(school=cast.linde, state__in=("published", "hidden"))
    assert set(replies_at(Actor(cast.directie, Hat.ANY, now))) == set(answered)
    assert set(photos_at(Actor(cast.directie, Hat.ANY, now))) == set(Placement.objects.filter(writing__in=placed))
    assert set(children_at(Actor(cast.directie, Hat.ANY, now))) == set(Child.objects.filter(school=cast.linde))
    assert set(staff_at(Actor(cast.directie, Hat.ANY, now))) == set(
        StaffMember.objects.serving(now=now).filter(school=cast.linde)
    )


def test_no_conversation_is_read_at_the_desk(cast: Cast, scene: Scene) -> None:
    """Only the one message that somebody reported, in the queue; the rest of the thread stays where it is (POL-64)."""
    assert Message not in {one.scope(Actor(cast.directie, Hat.ANY, timezone.now())).model for one in DESK}
    client = visit(cast, "directie")
    pages = "".join(client.get(one.url).content.decode() for one in DESK)
    assert "talkmother" not in pages
    assert "talkboth" not in pages
    assert (
        not trail_at(Actor(cast.directie, Hat.ANY, timezone.now()))
        .filter(subject_kind__in=["thread", "message"])
        .exists()
    )


def test_of_a_conversation_the_queue_has_the_reported_message_only(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(canaries.READERS, "talkboth", canaries.READERS["talkboth"] | {"directie"})
    said = scene.said_by_teacher
    others = [one.text for one in scene.talk_both.messages.exclude(pk=said.pk) if one.text]
    reported(cast, said, "father")
    page = visit(cast, "directie").get(reverse("desk:zaken")).content.decode()
    assert said.text in page
    assert "Only this message, from a conversation about" in page
    assert reverse("messaging:thread", args=["staff", scene.talk_both.uid]) not in page
    assert others
    assert not [text for text in others if text in page]


def test_the_queue_says_what_was_doubted_by_whom_and_why(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.post, "father", words="Niet aardig.").case
    answer = visit(cast, "directie").get(reverse("desk:zaken"))
    page = answer.content.decode()
    assert "A message in groep 4" in page
    assert "Hurtful (Father Adres) – Niet aardig." in page
    assert scene.post.title in page
    assert reverse("moderation:case_photo", args=[case.uid, 1, 400]) in page
    assert reverse("messaging:post", args=["staff", scene.post.uid]) in page


def test_a_party_finds_nothing_of_the_own_case(cast: Cast, scene: Scene) -> None:
    """A case against the directie is not in the queue, not in a mark, and not in the trail (W18)."""
    post = publish(cast, "directie", "Van de directie")
    reported(cast, post, "father")
    person_reported(cast, post, "mother")
    assert {case.about for case in Case.objects.open()} == {cast.directie}
    now = timezone.now()
    assert not cases_at(Actor(cast.directie, Hat.ANY, now)).exists()
    assert not posts_at(Actor(cast.directie, Hat.ANY, now)).get(pk=post.pk).is_reported
    assert not trail_at(Actor(cast.directie, Hat.ANY, now)).filter(subject_kind="case").exists()
    assert cases_at(Actor(cast.case_officer, Hat.ANY, now)).count() == 2


def publish(cast: Cast, by: str, title: str, group: Any = None) -> Post:
    [post] = publish_post(
        groups=[group or cast.groep_4],
        topic="update",
        title=title,
        text="Vandaag in de kring.",
        replies="on",
        by=Actor(cast.user(by), "staff", timezone.now()),
    )
    return post


def test_the_case_officer_has_the_queue_and_nothing_else(cast: Cast, scene: Scene) -> None:
    reported(cast, publish(cast, "directie", "Van de directie"), "father")
    reported(cast, scene.reply, "father")
    client = visit(cast, "case_officer")
    assert cases_at(Actor(cast.case_officer, Hat.ANY, timezone.now())).count() == 1
    answers = {one.slug: client.get(one.url).status_code for one in DESK}
    assert answers == dict.fromkeys(LISTS, 404) | {"zaken": 200}
    front = client.get(reverse("desk:index")).content.decode()
    assert reverse("desk:zaken") in front
    assert reverse("desk:berichten") not in front


DJANGOS = ["login/", "logout/", "password_change/", "jsi18n/", "autocomplete/", "messaging/post/", "messaging/",
           "r/1/1/", "berichten/add/", "berichten/1/change/", "berichten/1/delete/", "berichten/1/history/",
           "berichten/autocomplete/"]  # fmt: skip


def test_nothing_of_djangos_own_admin_is_there(cast: Cast) -> None:
    """No forms around a service, and no log that keeps names."""
    assert not apps.is_installed("django.contrib.admin")
    for name in ("directie", "operator", "mother"):
        client = visit(cast, name)
        assert {rest: client.get(f"/bureau/{rest}").status_code for rest in DJANGOS} == dict.fromkeys(DJANGOS, 404)


QUESTIONS_OF_OTHERS = ["group__id__exact=1", "school__name=x", "_popup=1", "_to_field=id",
                       "author__email__startswith=a", "o=1"]  # fmt: skip


def test_a_list_is_asked_for_its_own_filters_only(cast: Cast) -> None:
    client = visit(cast, "directie")
    answers = {ask: client.get(f"{reverse('desk:berichten')}?{ask}").status_code for ask in QUESTIONS_OF_OTHERS}
    assert answers == dict.fromkeys(QUESTIONS_OF_OTHERS, 404)


def test_a_filter_that_is_no_choice_finds_nothing(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    for ask in ("stand=%00", "groep=%00", "groep=x", "gemeld=x", "stand=nergens", "gemeld=%F0%9F%92%A9"):
        answer = client.get(f"{reverse('desk:berichten')}?{ask}")
        assert (answer.status_code, answer.context["total"]) == (200, 0), ask
    assert client.get(f"{reverse('desk:berichten')}?q=%00").status_code == 200


def test_a_group_of_another_school_is_as_good_as_none(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    foreign, missing = cast.group("G4", "99CB").uid, uuid4()
    pages = []
    for uid in (foreign, missing, "geen-nummer"):
        page = client.get(f"{reverse('desk:berichten')}?groep={uid}").content.decode()
        pages.append(page.replace(str(uid), "").split("<main")[1])
    assert pages[0] == pages[1] == pages[2]
    assert "De Berk" not in pages[0]


def test_what_is_of_another_school_is_missing(cast: Cast, scene: Scene) -> None:
    """Status, headers and body of its page say nothing about whether it exists (security.md 3)."""
    client = visit(cast, "directie")
    theirs = {
        "berichten": scene.post_elsewhere.uid,
        "reacties": scene.reply_elsewhere.uid,
        "verzorgers": Guardianship.objects.get(child__school=cast.berk).caregiver.uid,
        "medewerkers": StaffMember.objects.filter(school=cast.berk).first().uid,
        "zaken": reported(cast, scene.reply_elsewhere, "teacher_elsewhere").case.uid,
    }
    for slug, uid in theirs.items():
        answers = []
        for one in (uid, uuid4()):
            response = client.get(reverse(f"desk:{slug}_one", args=[one]))
            body = response.content.decode().replace(str(one), "")
            answers.append((response.status_code, dict(response.headers), body))
        assert answers[0] == answers[1], slug
        assert answers[0][0] == 404


def test_who_directs_two_schools_reads_of_which_each_thing_is(cast: Cast, scene: Scene) -> None:
    """Both have a groep 4; who directs one school reads no name of it."""

    def said() -> tuple[list[str], bool, bool]:
        answer = visit(cast, "directie").get(reverse("desk:berichten"))
        options = {name: options for _title, name, options in answer.context["filters"]}["groep"]
        fours = [one["label"] for one in options if one["label"].startswith("Groep 4")]
        whose = [line.who.partition(" · ")[2] for line in answer.context["lines"]]
        children = visit(cast, "directie").get(reverse("desk:kinderen")).context["lines"]
        return fours, "groep 4 · De Berk" in whose, any("De Linde" in line.who for line in children)

    assert said() == (["Groep 4"], False, False)
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(timezone.now()))
    assert said() == (["Groep 4 · De Berk", "Groep 4 · De Linde"], True, True)
    canaries.leaks.clear()  # who directs both reads both


def test_the_trail_and_the_staff_of_two_schools_say_of_which_too(cast: Cast, scene: Scene) -> None:
    """Its lines, and both files; what Kring did again and again still stands once."""
    for _twice in range(2):
        about: Any = {"subject_kind": "post", "subject_uid": scene.post.uid, "school_uid": cast.linde.uid}
        audit.record("post.hidden", by=clock(timezone.now()), **about)

    def said() -> tuple[str, list[str], list[str]]:
        client = visit(cast, "directie")
        [line] = [one for one in client.get(reverse("desk:gebeurd")).context["lines"] if "2 times" in one.who]
        files = [
            client.post(reverse(f"desk:{slug}_export")).content.decode("utf-8-sig")
            for slug in ("gebeurd", "medewerkers")
        ]
        heads = [file.partition("\r\n")[0] for file in files]
        return line.who, heads, [file.splitlines()[-1].rpartition(";")[2] for file in files]

    one = ["Who;What;About;When", "Name;Known as;Function;In or not"]
    assert said()[:2] == ("A message · 2 times", one)
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(timezone.now()))
    who, heads, schools = said()
    assert (who, heads) == ("A message · De Linde · 2 times", [f"{head};School" for head in one])
    assert set(schools) <= {"De Linde", "De Berk"}
    canaries.leaks.clear()  # who directs both reads both


def test_the_trail_of_two_schools_is_chosen_by_school(cast: Cast, scene: Scene) -> None:
    def filters() -> dict[str, list[tuple[object, object]]]:
        asked = visit(cast, "directie").get(reverse("desk:gebeurd")).context["filters"]
        return {name: [(one["label"], one["count"]) for one in options] for _title, name, options in asked}

    assert set(filters()) == {"over"}
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(timezone.now()))
    (_all, total), *schools = filters()["school"]
    assert [name for name, _count in schools] == ["De Berk", "De Linde"]
    assert sum(count for _name, count in schools) == total
    client, url = visit(cast, "directie"), reverse("desk:gebeurd")
    for school, (_name, count) in zip((cast.berk, cast.linde), schools, strict=True):
        shown = client.get(f"{url}?school={school.uid}").context
        assert (shown["total"], {school.name in line.who for line in shown["lines"]}) == (count, {True})
    assert client.get(f"{url}?school=hiernaast").context["total"] == 0
    canaries.leaks.clear()  # who directs both reads both


@pytest.mark.parametrize("slug", ["zaken", "verzorgers"])
def test_cases_and_parents_of_two_schools_are_chosen_by_school(cast: Cast, scene: Scene, slug: str) -> None:
    reported(cast, scene.reply)
    reported(cast, scene.reply_elsewhere, by="teacher_elsewhere")
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(timezone.now()))
    client, url = visit(cast, "directie"), reverse(f"desk:{slug}")
    [options] = [options for _title, name, options in client.get(url).context["filters"] if name == "school"]
    assert [one["label"] for one in options] == ["All", "De Berk", "De Linde"]
    for one in options[1:]:
        shown = client.get(url + one["url"]).context
        assert 0 < one["count"] == shown["total"] == len(shown["lines"])
        assert all(one["label"] in line.who for line in shown["lines"])
    canaries.leaks.clear()  # who directs both reads both


def test_what_is_to_be_chosen_stands_in_the_order_in_which_it_is_read(cast: Cast, scene: Scene) -> None:
    """The trail's stood by their English keys: "een inzageverzoek, een ouder, een zaak, een kind"."""
    client = visit(cast, "directie")
    for url in (reverse("desk:gebeurd"), reverse("desk:verzorgers")):
        for _title, name, options in client.get(url, headers={"accept-language": "nl"}).context["filters"]:
            words = [str(one["label"]).casefold() for one in options[1:]]
            assert words == sorted(words), name


def test_each_page_of_a_list_has_a_title_of_its_own(cast: Cast, scene: Scene) -> None:
    """And the messages on the desk are no second page "Messages"."""
    for number in range(26):
        publish(cast, "teacher", f"Bericht {number}")
    client, url = visit(cast, "directie"), reverse("desk:berichten")
    pages = [reverse("messaging:feed", args=["staff"]), url, f"{url}?pagina=2"]
    titles = [re.findall("<title>(.*)</title>", client.get(page).content.decode()) for page in pages]
    assert titles == [
        ["Messages · Kring"],
        ["Messages · The desk · Kring"],
        ["Messages · The desk · Page 2 of 2 · Kring"],
    ]


def test_the_file_of_the_trail_says_who_did_what_about_what(cast: Cast, scene: Scene) -> None:
    hide_written(written=scene.post, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    rows = visit(cast, "directie").post(reverse("desk:gebeurd_export")).content.decode("utf-8-sig").splitlines()
    hidden = next(row.split(";") for row in rows if ";hid a message;" in row)
    assert ("directie" in hidden[0].lower(), hidden[2]) == (True, "A message")


def test_so_does_each_case_each_parent_and_the_page_of_the_whole_school(cast: Cast, scene: Scene) -> None:
    """And the way home is of no one school."""
    case = reported(cast, scene.post).case
    whole = cast.group("@school")
    pages = {
        "case": reverse("desk:zaken"),
        "parent": reverse("desk:verzorgers"),
        "group": reverse("messaging:group", args=["staff", whole.uid]),
    }

    def said() -> list[bool]:
        client = visit(cast, "directie")
        answers = {name: client.get(page) for name, page in pages.items()}
        cases, parents = answers["case"].context["lines"], answers["parent"].context
        page = answers["group"].content.decode()
        return [
            [line.who.endswith(" · De Linde") for line in cases if line.pk == case.pk] == [True],
            all(" · De " in line.who for line in parents["lines"]),
            all(" · De Linde" in line.who for line in parents["waiting"]),
            page.count("Hele school · De Linde") == 2,
            not any(f"{name}<small>" in page for name in ("De Linde", "De Berk")),
        ]

    assert said() == [False] * 5
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(timezone.now()))
    assert said() == [True] * 5
    canaries.leaks.clear()  # who directs both reads both


@pytest.mark.parametrize("name", ["directie", "case_officer"])
def test_a_case_and_what_was_written_back_name_their_school_too(cast: Cast, scene: Scene, name: str) -> None:
    """Both schools have a groep 4."""
    by = Actor(cast.user(name), Hat.ANY, timezone.now())
    post = publish(cast, "directie", "Van de directie") if name == "case_officer" else scene.reply
    case = reported(cast, post, "father").case
    address_writer(case=case, text="Zullen wij bellen?", by=by)
    told = Telling.objects.get(case_uid=case.uid)
    answer(told, text="Graag.", by=Actor(told.to, told.hat, timezone.now()))
    pages = [("cases", []), ("case", [case.uid]), ("answers", []), ("answered", [told.uid])]

    def said() -> set[bool]:
        client = visit(cast, name)
        found = [client.get(reverse(f"moderation:{page}", args=args)).content.decode() for page, args in pages]
        return {"De Linde" in page.partition("<main")[2] for page in found}

    assert said() == {False}
    role = Role.DIRECTIE if name == "directie" else Role.CASE_OFFICER
    invite_staff(email=address(name), role=role, school=cast.berk, by=clock(timezone.now()))
    assert said() == {True}
    canaries.leaks.clear()


def test_who_oversees_two_schools_reads_of_which_a_case_is(cast: Cast, scene: Scene) -> None:
    """The case officer is in no group of either."""
    person_reported(cast, publish(cast, "directie", "Van de directie"), "mother")

    def said() -> list[str]:
        lines = visit(cast, "case_officer").get(reverse("desk:zaken")).context["lines"]
        return [line.who.partition(" · ")[2] for line in lines]

    assert said() == [""]
    by = clock(timezone.now())
    invite_staff(email=address("case_officer"), role=Role.CASE_OFFICER, school=cast.berk, by=by)
    assert said() == ["De Linde"]
    canaries.leaks.clear()


@pytest.mark.parametrize("tells", ["the year", "the school", "the name"])
def test_two_groups_of_a_filter_are_told_apart(tells: str, db: None) -> None:
    """Groep 4 is there once a year, as the archive is open until the next summer, and once at each school."""
    school, year = rows.school(), rows.school_year()
    other = {
        "the year": (school, rows.school_year("2027-2028"), "Groep 4"),
        "the school": (rows.school("99YY", "De Linde"), year, "Groep 4"),
        "the name": (school, year, "Groep 5"),
    }
    at, then, name = other[tells]
    groups = [rows.group(school, year, "G4", name="Groep 4"), rows.group(at, then, "H4", name=name)]
    counted = [{"group": group.pk, "count": number} for number, group in enumerate(groups, 3)]
    everything, *options = Tally([GROUP_OF_POST], ["alles"], counted).options(GROUP_OF_POST, QueryDict())
    labels = {
        "the year": ["Groep 4 · 2026-2027", "Groep 4 · 2027-2028"],
        "the school": ["Groep 4 · De Linde", "Groep 4 · De Proef"],
        "the name": ["Groep 4", "Groep 5"],
    }
    assert [one["label"] for one in options] == labels[tells]
    assert everything["count"] == 7
    assert {one["value"]: one["count"] for one in options} == {str(groups[0].uid): 3, str(groups[1].uid): 4}


def test_filters_count_what_they_would_show(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    reported(cast, scene.post)
    for url in (reverse("desk:berichten"), reverse("desk:verzorgers")):
        for _title, _name, options in client.get(url).context["filters"]:
            for option in options:
                page = client.get(url + option["url"]).context
                assert len(page["lines"]) == page["total"] == option["count"], option
    marked = client.get(reverse("desk:berichten") + "?gemeld=True").context
    assert [line.pk for line in marked["lines"]] == [scene.post.pk]


def test_what_is_chosen_stands_in_its_filter_though_nothing_is_left_of_it(cast: Cast, scene: Scene) -> None:
    """Back from an act the list was empty, and its filter said "all"."""
    client = visit(cast, "directie")
    close_case(case=reported(cast, scene.reply).case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    show_written(written=scene.reply_hidden, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    group = cast.groep_4.uid
    for slug, ask in (("zaken", ""), ("reacties", "stand=hidden"), ("reacties", f"groep={group}&gemeld=True")):
        shown = client.get(f"{reverse(f'desk:{slug}')}?{ask}").context
        assert shown["total"] == 0, slug
        current = {
            name: one["value"] for _title, name, options in shown["filters"] for one in options if one["current"]
        }
        asked = QueryDict(ask or "stand=open").dict()
        assert {name: current[name] for name in asked} == asked


def test_a_page_that_is_not_there_is_the_first_or_the_last(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostList, "per_page", 2)
    client, last = visit(cast, "directie"), 3
    numbers = {"x": 1, "1e3": 1, "2": 2, "0": last, "-1": last, "4": last, "9" * 30: last}
    pages = {asked: client.get(f"{reverse('desk:berichten')}?pagina={asked}").context["page"] for asked in numbers}
    assert {asked: page.number for asked, page in pages.items()} == numbers


def test_page_by_page_everything_once(cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostList, "per_page", 2)
    client, found, url = visit(cast, "directie"), [], reverse("desk:berichten") + "?stand=published"
    first = client.get(url)
    for number in first.context["page"].paginator.page_range:
        page = client.get(f"{url}&pagina={number}").context
        found += [line.pk for line in page["lines"]]
    assert "?stand=published&amp;pagina=2" in first.content.decode()
    assert len(found) == len(set(found)) == page["total"] > 2


def test_search_finds_within_the_own_school(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    publish(cast, "teacher", "Zwemles")
    publish(cast, "teacher_elsewhere", "Zwemles daar", cast.group("G4", "99CB"))
    found = client.get(reverse("desk:berichten") + "?q=Zwemles").context
    assert [line.title for line in found["lines"]] == ["Zwemles"]


def test_the_history_of_a_thing_is_told_in_words(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    hide_written(written=scene.post, by=Actor(cast.directie, Hat.STAFF, now))
    with translation.override("en"):
        told = history_of(scene.post.uid, actor=Actor(cast.directie, Hat.ANY, now))
    assert [(one.by, one.words) for one in told] == [
        ("Juf teacher (leerkracht groep 4)", "placed a message"),
        ("Dirk Bos (directie)", "hid a message"),
    ]
    assert history_of(scene.post.uid, actor=Actor(cast.directie_elsewhere, Hat.ANY, now)) == []
    page = visit(cast, "directie").get(reverse("desk:berichten_one", args=[scene.post.uid])).content.decode()
    assert "hid a message" in page


def test_a_page_offers_no_act_that_would_change_nothing(cast: Cast, scene: Scene) -> None:
    def offered() -> dict[str, bool]:
        page = visit(cast, "directie").get(reverse("desk:reacties_one", args=[scene.reply.uid])).content.decode()
        return {verb: f'formaction="{reverse(f"desk:reacties_{verb}")}"' in page for verb in ("verberg", "toon")}

    assert offered() == {"verberg": True, "toon": False}
    hide_written(written=scene.reply, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert offered() == {"verberg": False, "toon": True}


def test_the_trail_is_of_the_own_school_and_of_open_kinds(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    for school, kind in ((cast.linde, "post"), (cast.berk, "post"), (cast.linde, "thread"), (cast.linde, "user")):
        audit.record("tested", by=clock(now), subject_kind=kind, school_uid=school.uid)
    audit.record(
        "protocol.acknowledged", by=Actor(cast.mother, Hat.ANY, now), subject_kind="protocol", school_uid=cast.linde.uid
    )
    seen = trail_at(Actor(cast.directie, Hat.ANY, now)).filter(verb__in=["tested", "protocol.acknowledged"])
    assert [(row.school_uid, row.subject_kind) for row in seen] == [(cast.linde.uid, "post")]


def test_a_file_holds_what_the_list_shows_and_is_written_down(cast: Cast, scene: Scene) -> None:
    publish(cast, "teacher", "=SOM(A1)")
    client = visit(cast, "directie")
    answer = client.post(reverse("desk:berichten_export"), {"ask": "q=SOM"})
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("'=SOM(A1);")
    noted = AuditEvent.objects.get(verb="desk.exported")
    assert (noted.actor_uid, noted.school_uid, noted.facts) == (
        cast.directie.uid,
        cast.linde.uid,
        {"list": "berichten", "rows": 1},
    )
    assert client.get(reverse("desk:berichten_export")).status_code == 405


def test_a_file_is_written_down_at_each_school_with_what_was_of_it(cast: Cast, scene: Scene) -> None:
    """A school read that a list of its children was taken along, of which each was another school's."""
    invite_staff(email=address("directie"), role=Role.CASE_OFFICER, school=cast.berk, by=clock(timezone.now()))

    def noted() -> dict[object, dict[str, object]]:
        before = set(AuditEvent.objects.values_list("pk", flat=True))
        visit(cast, "directie").post(reverse("desk:kinderen_export"))
        events = AuditEvent.objects.filter(verb="desk.exported").exclude(pk__in=before)
        return dict(events.values_list("school_uid", "facts"))

    counts = {school: Child.objects.filter(school=school, left_at=None).count() for school in (cast.linde, cast.berk)}
    told = {school.uid: {"list": "kinderen", "rows": count} for school, count in counts.items()}
    assert noted() == {cast.linde.uid: told[cast.linde.uid]}
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(timezone.now()))
    assert noted() == told
    canaries.leaks.clear()  # who directs both reads both


def test_files_and_acts_ask_who_it_is_again_and_go_on(cast: Cast, scene: Scene, settings: Any) -> None:
    publish(cast, "teacher", "Zwemles")
    settings.KRING_SECOND_FACTOR = True
    assert visit(cast, "directie").get(reverse("desk:index"))["Location"] == reverse("mfa_activate_totp")
    user = cast.directie
    user.set_password("een-lang-wachtwoord")
    user.needs_second_factor = False  # a password in its stead: the second step itself is in tests/groups
    user.save()
    for url, sent in (
        (reverse("desk:berichten_export"), {"ask": "q=Zwemles"}),
        (reverse("desk:berichten_verberg"), {"ask": "q=Zwemles", "everything": "1"}),
    ):
        client = visit(cast, "directie")
        asked = client.post(url, sent)
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
        assert "Zwemles" not in asked.content.decode()
        proved = client.post(asked["Location"], {"password": "een-lang-wachtwoord"})
        assert proved.status_code == 200
        assert "Zwemles" in proved.content.decode()
    assert f'action="{url}"' in proved.content.decode()


# What a page asks the database: the same for one row and for three. The frame around it asks its part too.
QUESTIONS = {"zaken": 13, "berichten": 9, "reacties": 9, "fotos": 9, "verzorgers": 13, "gebeurd?over=reply": 12}


def asked(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_a_list_asks_as_much_for_one_as_for_three(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    client.get(reverse("desk:zaken"))  # what a process asks once, it has asked
    for number in range(3):
        reported(cast, reply_to(cast, scene, number))
    counts: dict[str, set[int]] = {}
    for name in QUESTIONS:
        slug, _, ask = name.partition("?")
        listing = next(each for each in DESK if each.slug == slug)
        for listing.per_page in (1, 3):
            counts.setdefault(name, set()).add(asked(client, f"{reverse(f'desk:{slug}')}?{ask}"))
        del listing.per_page
    assert counts == {name: {count} for name, count in QUESTIONS.items()}


def reply_to(cast: Cast, scene: Scene, number: int) -> Reply:
    return publish_reply(post=scene.post, text=f"Nee {number}", by=Actor(cast.mother, "family", timezone.now()))
