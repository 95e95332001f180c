"""What is asked is answered from the mail, and who did not answer is reminded once, the day before (POL-28, 50)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail, signing
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from groups.accounts.services.hats import hats_of
from groups.models import Enrolment, Guardianship, NewsKind, RestrictionKind, Way
from groups.people.services.contact_choices import choose_way, stop_mails, way_of
from groups.people.services.guardianships import end_guardianship
from groups.people.services.restrictions import restrict_person
from messaging.asks.domain import CHOSE, DONE, MAYBE, NO, PASS, YES
from messaging.asks.mail import answer_url, render_changed, render_gone, render_helping, render_off
from messaging.asks.models import AskAnswer
from messaging.asks.services.answering import answer_ask, export_answers
from messaging.asks.services.board import board_of
from messaging.asks.services.helping import sign_on
from messaging.asks.services.news import CHANGED, GONE, OFF, tell_off
from messaging.asks.services.reminders import HELPER, KIND, left_to_answer, remind_helpers, remind_of_asks
from messaging.models import AskKind, Post
from messaging.posts.services.posts import edit_post
from messaging.removing.services.removal import retract_post
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import AuditEvent, OutboxItem, OutboxState
from portal.core.outbox import Mail
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, hidden_in, page_text, url

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
BEFORE = datetime(2026, 11, 24, 16, 3, tzinfo=SCHOOL_ZONE)
"""The afternoon of the Tuesday before."""
WOOD: dict[str, Any] = {"ask": AskKind.YES_NO_MAYBE, "ask_on": THURSDAY, "answer_by": WEDNESDAY}
APRON: dict[str, Any] = {"ask": AskKind.DO, "ask_on": WEDNESDAY}
MINUTE = timedelta(minutes=1)
LINK = re.compile(r"https?://\S+(/antwoord/\S+/)")


@pytest.fixture
def wood(place: Callable[..., Post]) -> Post:
    """Petra asks groep 4 and groep 7 whether the child comes along to the wood."""
    return place("Petra", "g4", "g7", title="Mee naar het bos?", **WOOD)


@pytest.fixture
def nothing_sent(town: Town) -> None:
    """Nothing of the ground waits to be mailed."""
    OutboxItem.objects.all().delete()


def link(town: Town, name: str, post: Post) -> str:
    assert post.ask_on
    return LINK.search(answer_url(user=town.user[name], post=post.uid, ask_on=post.ask_on))[1]  # type: ignore[index]


def says(town: Town, name: str, post: Post, answer: str, at: datetime = NOW) -> None:
    assert post.ask_on
    answer_ask(post=post, answer=answer, ask_on=post.ask_on, by=Actor(town.user[name], FAMILY, at))


def reminded(now: datetime = BEFORE) -> list[str]:
    """Who gets a mail of the reminders made now, by first name."""
    with time_machine.travel(now, tick=False):
        outbox.sweep(now=now)  # what came at once
        remind_of_asks(now=now)
        mail.outbox.clear()
        outbox.sweep(now=now + MINUTE)
    return sorted(one.to[0].partition("@")[0].title() for one in mail.outbox)


def answers() -> dict[str, str]:
    return {one.child.first_name: one.answer for one in AskAnswer.objects.select_related("child")}


def test_a_link_answers_for_the_own_children_without_signing_in(town: Town, wood: Post) -> None:
    stranger = Client()
    page = stranger.get(link(town, "Karima", wood))
    assert "Mee naar het bos?" in page_text(page)
    assert not any(words in page_text(page) for words in ("We waren in het park.", "Noor", "Ilyas"))
    assert AskAnswer.objects.count() == 0
    form = {"answer": MAYBE, "on": "2026-11-26"}
    kept = stranger.post(link(town, "Karima", wood), form, follow=True)
    assert "Uw antwoord is bewaard." in page_text(kept)
    assert answers() == {"Noor": MAYBE, "Ilyas": MAYBE}
    assert "sessionid" not in stranger.cookies
    assert stranger.get(f"/thuis/bericht/{wood.uid}/").status_code == 302


def test_looking_whether_the_link_is_there_answers_nothing(town: Town, wood: Post) -> None:
    """HEAD is what scanners and mail programs ask first."""
    assert Client().head(f"{link(town, 'Karima', wood)}?answer=yes").status_code == 200
    assert answers() == {}


def test_a_link_answers_for_nobody_else(town: Town, wood: Post) -> None:
    others = {"answer": NO, "on": "2026-11-26", "kind": str(town.child["Fenna"].uid)}
    assert Client().post(link(town, "Karima", wood), others).status_code == 302
    assert answers() == {"Noor": NO, "Ilyas": NO}
    assert Client().post(link(town, "Agnieszka", wood), others).status_code == 410
    assert Client().post(link(town, "Riet", wood), others).status_code == 422
    assert AskAnswer.objects.count() == 2


def test_a_link_answers_for_who_has_no_answer_yet(town: Town, wood: Post) -> None:
    """A reminder came for Ilyas, and one tap made a yes of the no for Noor."""
    by, noor = Actor(town.user["Karima"], FAMILY, NOW), town.child["Noor"].uid
    answer_ask(post=wood, answer=NO, ask_on=THURSDAY, children=[noor], by=by)
    page = Client().get(link(town, "Karima", wood))
    assert "Voor wie nog geen antwoord heeft. In Kring antwoordt u voor elk." in page_text(page)
    for _ in range(2):  # a second click
        Client().post(link(town, "Karima", wood), {**hidden_in(page), "answer": YES})
        assert answers() == {"Noor": NO, "Ilyas": YES}
    others = {"answer": MAYBE, "on": "2026-11-26", "of": str(town.child["Fenna"].uid)}
    assert Client().post(link(town, "Karima", wood), others).status_code == 422
    page = Client().post(link(town, "Karima", wood), {"answer": MAYBE, "on": "2026-11-26"}, follow=True)
    assert "Voor al uw kinderen." in page_text(page)
    assert answers() == {"Noor": MAYBE, "Ilyas": MAYBE}


@pytest.mark.parametrize(("leaves", "stays"), [("Noor", "Ilyas"), ("Ilyas", "Noor")])
def test_a_link_for_both_children_works_when_one_changes_class(
    town: Town, wood: Post, browser_of: Callable[[str], Client], leaves: str, stays: str
) -> None:
    """It was dead for the other too; and so was the way to the message itself."""
    there, own = link(town, "Karima", wood), {"g4": "Noor", "g7": "Ilyas"}
    left, kept = sorted(Post.objects.filter(title=wood.title), key=lambda one: own[one.group.roster_key] == stays)
    places = Enrolment.objects.filter(child=town.child[leaves]).exclude(group=town.group["@school"])
    places.update(valid_until=NOW)
    town.sync()
    form = {"answer": MAYBE, "on": "2026-11-26"}
    page = Client().post(there, form, follow=True)
    assert ("Uw antwoord is bewaard." in page_text(page), answers()) == (True, {stays: MAYBE})
    karima = browser_of("Karima")
    assert karima.get(url("post", FAMILY, left.uid)).url == url("post", FAMILY, kept.uid)
    assert karima.post(url("post", FAMILY, left.uid), {"text": "Ja."}).status_code == 404
    assert [browser_of(name).get(url("post", FAMILY, left.uid)).status_code for name in ("Lotte", "Agnieszka")] == (
        [200, 404] if leaves == "Noor" else [302, 404]
    )


def test_in_the_mailbox_of_before_a_link_shows_and_answers_nothing(town: Town, wood: Post) -> None:
    """An ex-partner reads the old one."""
    before = link(town, "Karima", wood)
    town.user["Karima"].email = "nieuw@post.example"
    town.user["Karima"].save()
    unmarked = signing.dumps([town.user["Karima"].uid.hex, wood.uid.hex, "2026-11-26"], salt="messaging.answer")
    for path in (before, f"/antwoord/{unmarked}/"):
        page = Client().get(path)
        assert (page.status_code, "Deze vraag is er niet meer" in page_text(page)) == (410, True)
        assert "Mee naar het bos?" not in page_text(page)
        assert Client().post(path, {"answer": NO, "on": "2026-11-26"}).status_code == 410
    assert not AskAnswer.objects.exists()
    assert Client().post(link(town, "Karima", wood), {"answer": NO, "on": "2026-11-26"}).status_code == 302


def test_a_no_that_stands_is_said_and_by_whom_is_not(town: Town, wood: Post) -> None:
    says(town, "Said", wood, NO)
    page = Client().post(link(town, "Karima", wood), {"answer": YES, "on": "2026-11-26"}, follow=True)
    assert "Alleen wie nee zei, kan het veranderen." in page_text(page)
    assert "Said" not in page_text(page)


def test_a_link_was_made_for_one_person_and_one_question(town: Town, wood: Post, place: Callable[..., Post]) -> None:
    other = place("Anna", "g4", title="Schort mee", **APRON)
    head, signed = link(town, "Karima", wood), link(town, "Said", other)
    body, stamp = head.rstrip("/").rpartition("/")[2].split(":", 1), signed.rstrip("/").rpartition(":")[2]
    for token in (f"{body[0]}:{stamp}", signed.rstrip("/").rpartition("/")[2][1:], "x", ""):
        assert Client().get(f"/antwoord/{token}/").status_code == 404


@pytest.mark.parametrize("way", ["another day", "taken back", "over", "left", "closed"])
def test_a_link_ends_with_what_is_asked(town: Town, wood: Post, way: str) -> None:
    address, status, now = link(town, "Karima", wood), 410, later(minutes=20)
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    if way == "another day":
        words = {name: getattr(wood, name) for name in ("topic", "title", "text", "replies")}
        edit_post(post=wood, version=1, together=True, by=by, **words, **(WOOD | {"ask_on": date(2026, 11, 27)}))
    elif way == "taken back":
        retract_post(post=wood, together=True, by=by)
    elif way == "over":
        now, status = datetime(2026, 11, 27, 0, 1, tzinfo=SCHOOL_ZONE), 410
    elif way == "left":
        for row in Guardianship.objects.filter(caregiver__user=town.user["Karima"]):
            end_guardianship(guardianship=row, by=Actor(town.user["Petra"], STAFF, later(minutes=19)))
    else:
        town.user["Karima"].is_active = False
        town.user["Karima"].save()
        status = 404
    with time_machine.travel(now, tick=False):
        assert Client().get(address).status_code == status
        assert Client().post(address, {"answer": YES, "on": "2026-11-26"}).status_code in {404, 410}
    assert AskAnswer.objects.count() == 0


def test_after_the_last_day_it_says_so_and_keeps_nothing(town: Town, wood: Post) -> None:
    with time_machine.travel(datetime(2026, 11, 26, 9, tzinfo=SCHOOL_ZONE), tick=False):
        page = Client().get(link(town, "Karima", wood))
        assert "Antwoorden kan niet meer." in page_text(page)
        assert b"<button" not in page.content.partition(b"<main")[2]
        assert Client().post(link(town, "Karima", wood), {"answer": YES, "on": "2026-11-26"}).status_code == 422
    assert AskAnswer.objects.count() == 0


@pytest.mark.usefixtures("nothing_sent")
def test_the_mail_about_a_message_holds_the_link_of_who_answers(town: Town, place: Callable[..., Post]) -> None:
    choose_way(user=town.user["Thijs"], school=town.school, way=Way.WEEKLY, now=NOW)
    place("Anna", "g4", title="Mee naar het bos?", **WOOD)
    mail.outbox.clear()
    outbox.sweep(now=later(minutes=12))
    texts = {one.to[0].partition("@")[0].title(): (one.body, one.alternatives[0].content) for one in mail.outbox}  # type: ignore[attr-defined]
    assert set(texts) == {"Karima", "Lotte", "Riet", "Said"}
    links = {name: LINK.findall(text) for name, (text, _) in texts.items()}
    assert (len(links["Karima"]), len(links["Lotte"]), links["Riet"]) == (1, 1, [])
    assert links["Karima"] != links["Lotte"]
    assert links["Karima"][0] in texts["Karima"][1]
    assert "/antwoord/" not in texts["Riet"][1]


@pytest.mark.usefixtures("nothing_sent")
def test_beside_an_open_question_one_that_is_over_has_no_link(town: Town, place: Callable[..., Post]) -> None:
    choose_way(user=town.user["Karima"], school=town.school, way=Way.MESSAGE, now=NOW)
    place("Anna", "g4", title="Mee naar het bos?", **WOOD)
    over = place("Anna", "g4", title="Boek mee", **APRON)
    Post.objects.filter(pk=over.pk).update(ask_on=date(2026, 11, 19))
    outbox.sweep(now=later(minutes=12))
    [sent] = [one for one in mail.outbox if "Boek mee" in str(one.body) and "karima@post.example" in one.to]
    assert len(LINK.findall(str(sent.body))) == 1


@pytest.mark.usefixtures("nothing_sent")
def test_who_did_not_answer_is_reminded_once(town: Town, wood: Post, place: Callable[..., Post]) -> None:
    place("Anna", "g4", title="Schort mee", **APRON)
    says(town, "Karima", wood, YES)
    assert reminded() == ["Karima", "Lotte", "Said", "Thijs"]  # Karima about the apron only
    bodies = {one.to[0].partition("@")[0].title(): str(one.body) for one in mail.outbox}
    assert ("Mee naar het bos?" in bodies["Karima"], "Schort mee" in bodies["Karima"]) == (False, True)
    assert ("Mee naar het bos?" in bodies["Lotte"], "Schort mee" in bodies["Lotte"]) == (True, True)
    assert len(LINK.findall(bodies["Lotte"])) == 2
    assert not any(name in one.subject for one in mail.outbox for name in ("bos", "Noor", "Schort"))
    [html] = [str(one.alternatives[0][0]) for one in mail.outbox if one.to[0].startswith("lotte")]  # type: ignore[attr-defined]
    assert [tag for tag in re.findall(r"<[^>]*#E7ECE3[^>]*>", html) if "m-floor" not in tag] == [], "light in the dark"
    assert reminded(BEFORE + timedelta(hours=1)) == []


QUESTIONS: dict[str, dict[str, Any]] = {
    "wood": {"ask": AskKind.YES_NO_MAYBE},
    "soup": {"ask": AskKind.HELP, "tasks": "Soep koken, 1\nOpruimen, 2"},
    "play": {"ask": AskKind.COME, "capacity": 9},
    "vote": {"ask": AskKind.CHOOSE, "options": "Taart\nFruit", "is_anonymous": True},
    "choice": {"ask": AskKind.CHOOSE, "options": "Taart\nFruit"},
}


@pytest.fixture
def five_questions(town: Town, place: Callable[..., Post]) -> dict[str, Post]:
    """Of each kind one, of two groups, with answers of some."""
    days = {"ask_on": THURSDAY, "answer_by": WEDNESDAY}
    posts = {name: place("Petra", "g4", "g7", title=name, **ask, **days) for name, ask in QUESTIONS.items()}
    place("Anna", "g4", title="apron", **APRON)
    return posts


@pytest.mark.usefixtures("nothing_sent")
def test_it_asks_as_much_for_one_as_for_many(town: Town, five_questions: dict[str, Post]) -> None:
    """It asked four statements and more for each reader."""
    asked = []
    for names in (["Karima"], ["Karima", "Said", "Lotte", "Thijs", "Riet"]):
        readers = [town.user[name].pk for name in names]
        with CaptureQueriesContext(
            connection,
        ) as context:
            left = left_to_answer(readers=readers, school=town.school, last_day=WEDNESDAY, now=BEFORE)
        assert len(left[town.user["Karima"].pk]) == 6
        asked.append(len(context))
    assert asked[0] == asked[1] <= 14, asked


@pytest.mark.usefixtures("nothing_sent")
def test_what_is_left_is_what_waits_on_the_board_of_each(
    town: Town, five_questions: dict[str, Post], place: Callable[..., Post]
) -> None:
    place("Anna", "g4", title="later", ask=AskKind.DO, ask_on=THURSDAY)
    apron = Post.objects.get(title="apron")
    soup, play, vote = (five_questions[name] for name in ("soup", "play", "vote"))
    says(town, "Said", five_questions["wood"], NO)
    says(town, "Said", apron, DONE)
    answer_ask(post=play, answer=YES, heads=3, ask_on=THURSDAY, by=Actor(town.user["Karima"], FAMILY, NOW))
    answer_ask(post=vote, answer=CHOSE, chosen=[1], ask_on=THURSDAY, by=Actor(town.user["Lotte"], FAMILY, NOW))
    sign_on(post=soup, task=1, ask_on=THURSDAY, by=Actor(town.user["Karima"], FAMILY, NOW))
    sign_on(post=soup, task=1, ask_on=THURSDAY, by=Actor(town.user["Thijs"], FAMILY, NOW))
    says(town, "Lotte", soup, PASS)
    users = [town.user[name].pk for name in town.user]
    left = left_to_answer(readers=users, school=town.school, last_day=WEDNESDAY, now=BEFORE)
    for user in town.user.values():
        board = board_of(actor=Actor(user, FAMILY, BEFORE), hats=hats_of(user, now=BEFORE))
        assert left.get(user.pk, []) == [one for one in board.waiting if one.row.last_day == WEDNESDAY], user
    titles = {
        name: [one.row.title for one in left[town.user[name].pk]] for name in ("Karima", "Said", "Lotte", "Thijs")
    }
    assert titles == {
        "Karima": ["apron", "vote", "choice"],
        "Said": ["soup", "vote", "choice"],
        "Lotte": ["apron", "wood", "play", "choice"],
        "Thijs": ["apron", "wood", "play", "vote", "choice"],
    }


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize("answer", [YES, NO, MAYBE])
def test_who_answered_is_not_reminded_nor_is_the_other_parent(town: Town, wood: Post, answer: str) -> None:
    says(town, "Said", wood, answer)
    assert reminded() == ["Lotte", "Thijs"]


@pytest.mark.usefixtures("nothing_sent")
def test_a_tick_is_of_one_home(town: Town, place: Callable[..., Post]) -> None:
    apron = place("Anna", "g4", title="Schort mee", **APRON)
    says(town, "Said", apron, DONE)
    assert reminded() == ["Karima", "Lotte", "Thijs"]


@pytest.mark.usefixtures("nothing_sent")
def test_an_answer_between_the_row_and_the_mail_is_heard(town: Town, wood: Post) -> None:
    with time_machine.travel(BEFORE, tick=False):
        remind_of_asks(now=BEFORE)
        says(town, "Lotte", wood, YES, at=BEFORE)
        end_guardianship(
            guardianship=Guardianship.objects.get(caregiver__user=town.user["Thijs"]),
            by=Actor(town.user["Petra"], STAFF, BEFORE),
        )
        choose_way(user=town.user["Said"], school=town.school, way=Way.NONE, now=BEFORE)
        outbox.sweep(now=BEFORE + MINUTE)
    reminders = [one for one in mail.outbox if "beantwoord" in one.subject]
    assert [one.to for one in reminders] == [["karima@post.example"]]
    assert OutboxItem.objects.filter(kind=KIND, state=OutboxState.WITHHELD).count() >= 3


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize(
    ("now", "told"),
    [
        (BEFORE - timedelta(minutes=4), False),
        (BEFORE.replace(hour=20, minute=59), True),
        (BEFORE.replace(hour=21, minute=0), False),
        (BEFORE - timedelta(days=1), False),
        (BEFORE + timedelta(days=1), False),
    ],
)
def test_it_comes_the_day_before_in_the_afternoon(town: Town, wood: Post, now: datetime, told: bool) -> None:
    assert bool(reminded(now)) is told


@pytest.mark.usefixtures("nothing_sent")
def test_what_was_placed_today_reminds_of_itself(town: Town, place: Callable[..., Post]) -> None:
    with time_machine.travel(BEFORE - timedelta(hours=3), tick=False):
        place("Anna", "g4", now=BEFORE - timedelta(hours=3), title="Mee naar het bos?", **WOOD)
    assert reminded() == []


@pytest.mark.usefixtures("nothing_sent")
def test_what_can_be_answered_longer_is_not_in_it(town: Town, wood: Post, place: Callable[..., Post]) -> None:
    place(
        "Anna", "g4", title="Komt u helpen?", **(WOOD | {"ask_on": date(2026, 12, 1), "answer_by": date(2026, 12, 1)})
    )
    assert "Lotte" in reminded()
    assert not any("helpen" in str(one.body) for one in mail.outbox)


def test_of_what_can_be_answered_longer_nothing_is_written_down(town: Town, place: Callable[..., Post]) -> None:
    place("Anna", "g4", title="Komt u helpen?", **(WOOD | dict.fromkeys(["ask_on", "answer_by"], date(2026, 12, 1))))
    assert remind_of_asks(now=BEFORE) == 0


@pytest.mark.usefixtures("nothing_sent")
def test_who_wants_no_mail_and_who_only_reads_hears_nothing(town: Town, wood: Post) -> None:
    choose_way(user=town.user["Lotte"], school=town.school, way=Way.NONE, now=NOW)
    assert reminded() == ["Karima", "Said", "Thijs"]
    assert not OutboxItem.objects.filter(kind=KIND, recipient=town.user["Lotte"]).exists()


@pytest.mark.usefixtures("nothing_sent")
def test_a_suspended_parent_is_not_reminded(town: Town, wood: Post) -> None:
    by = Actor(town.user["Petra"], STAFF, NOW)
    kind, until = RestrictionKind.SUSPENDED, datetime(2026, 12, 10, tzinfo=UTC)
    restrict_person(person=town.user["Lotte"], school=town.school, kind=kind, until=until, case_uid=wood.uid, by=by)
    assert "Lotte" not in reminded()


@pytest.mark.usefixtures("nothing_sent")
def test_a_mail_that_waited_past_the_day_reminds_of_nothing(town: Town, wood: Post) -> None:
    with time_machine.travel(BEFORE, tick=False):
        remind_of_asks(now=BEFORE)
    with time_machine.travel(BEFORE + timedelta(days=2), tick=False):
        outbox.sweep(now=BEFORE + timedelta(days=2))
    assert not any("beantwoord" in one.subject for one in mail.outbox)


def test_the_teacher_takes_the_list_along_and_that_is_written_down(
    town: Town, wood: Post, browser_of: Callable[[str], Client]
) -> None:
    says(town, "Lotte", wood, MAYBE)
    first = Post.objects.get(group=town.group["g4"])
    anna = browser_of("Anna")
    names = page_text(anna.get(f"/school/bericht/{first.uid}/antwoorden/"))
    assert "Misschien (1)" in names
    sheet = anna.post(f"/school/bericht/{first.uid}/antwoorden.csv")
    assert sheet["Cache-Control"] == "private, no-store"
    lines = sheet.content.decode("utf-8-sig").splitlines()
    assert [line for line in lines if "Fenna" in line and "Misschien" in line]
    assert len(lines) == 5
    assert anna.get(f"/school/bericht/{first.uid}/antwoorden.csv").status_code == 405
    for name, hat in (("Joost", STAFF), ("Lotte", FAMILY)):
        with pytest.raises(PermissionDenied):
            export_answers(first, actor=Actor(town.user[name], hat, NOW))
    assert AuditEvent.objects.filter(verb="answers.exported").count() == 1
    assert browser_of("Lotte").post(f"/thuis/bericht/{first.uid}/antwoorden.csv").status_code == 404


def test_names_as_a_file_are_for_who_proves_again_who_it_is(
    town: Town, wood: Post, browser_of: Callable[[str], Client], settings: Any
) -> None:
    settings.KRING_SECOND_FACTOR = True
    town.user["Anna"].set_password("een-lang-wachtwoord")
    town.user["Anna"].save()
    first = Post.objects.get(group=town.group["g4"])
    asked = browser_of("Anna").post(f"/school/bericht/{first.uid}/antwoorden.csv")
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, reverse("account_reauthenticate"))
    assert not AuditEvent.objects.filter(verb="answers.exported").exists()


def told(kind: str) -> dict[str, str]:
    """By first name what each reads in the mail of this kind; the mail server is asked two minutes after."""
    wanted = set(OutboxItem.objects.filter(kind=kind).values_list("recipient__email", flat=True))
    mail.outbox.clear()
    outbox.sweep(now=later(minutes=15))
    words = ("veranderd" if kind == CHANGED else "niet meer",)
    found = [one for one in mail.outbox if one.to[0] in wanted and any(word in one.subject for word in words)]
    return {one.to[0].partition("@")[0].title(): str(one.body) for one in found}


def change(town: Town, post: Post, **asked: Any) -> None:
    words = {name: getattr(post, name) for name in ("topic", "title", "text", "replies")}
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(post=post, version=1, together=True, by=by, **words, **(WOOD | asked))


@pytest.mark.usefixtures("nothing_sent")
def test_who_answered_hears_of_another_day_and_answers_again_from_the_mail(town: Town, wood: Post) -> None:
    says(town, "Karima", wood, YES)
    says(town, "Thijs", wood, NO)
    change(town, wood, ask_on=date(2026, 11, 27))
    texts = told(CHANGED)
    assert set(texts) == {"Karima", "Thijs"}
    assert "vr 27 nov" in texts["Karima"].replace("\xa0", " ")
    address = LINK.findall(texts["Karima"])[0]
    assert "Mee naar het bos?" in page_text(Client().get(address))


@pytest.mark.usefixtures("nothing_sent")
def test_who_does_not_read_it_any_more_hears_of_no_change(town: Town, wood: Post) -> None:
    says(town, "Thijs", wood, NO)
    change(town, wood, ask_on=date(2026, 11, 27))
    for row in Guardianship.objects.filter(caregiver__user=town.user["Thijs"]):
        end_guardianship(guardianship=row, by=Actor(town.user["Petra"], STAFF, later(minutes=6)))
    assert told(CHANGED) == {}


@pytest.mark.usefixtures("nothing_sent")
def test_who_stopped_the_mails_meanwhile_hears_of_no_change_by_mail(town: Town, wood: Post) -> None:
    says(town, "Thijs", wood, NO)
    says(town, "Karima", wood, NO)
    change(town, wood, ask_on=date(2026, 11, 27))
    stop_mails(user=town.user["Thijs"], school=town.school, now=later(minutes=6))
    assert set(told(CHANGED)) == {"Karima"}


@pytest.mark.usefixtures("nothing_sent")
def test_a_mail_about_an_answer_carries_the_way_to_stop_it(town: Town, wood: Post) -> None:
    says(town, "Karima", wood, YES)
    change(town, wood, ask_on=date(2026, 11, 27))
    [text] = told(CHANGED).values()
    [one] = [one for one in mail.outbox if one.body == text]
    stop = one.extra_headers["List-Unsubscribe"].strip("<>")
    assert f"Stop met deze mails: {stop}" in text
    assert f'href="{stop}"' in str(one.alternatives[0][0])  # type: ignore[attr-defined]
    path = stop.removeprefix(settings.KRING_BASE_URL)
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert way_of(user=town.user["Karima"], school=town.school, kind=NewsKind.ASKS) == Way.NONE


@pytest.mark.usefixtures("nothing_sent")
def test_other_words_and_a_later_last_day_tell_nobody(town: Town, wood: Post) -> None:
    says(town, "Karima", wood, YES)
    change(town, wood, answer_by=THURSDAY)
    assert told(CHANGED) == {}


@pytest.mark.usefixtures("nothing_sent")
def test_who_answered_hears_that_it_is_asked_no_more(town: Town, wood: Post) -> None:
    says(town, "Karima", wood, YES)
    change(town, wood, ask="", ask_on=None, answer_by=None)
    texts = told(CHANGED)
    assert set(texts) == {"Karima"}
    assert "hoeft niet meer" in texts["Karima"]


@pytest.mark.usefixtures("nothing_sent")
def test_who_answered_hears_that_it_was_taken_back_and_not_what_it_was(town: Town, wood: Post) -> None:
    says(town, "Karima", wood, YES)
    says(town, "Thijs", wood, YES)
    retract_post(post=wood, together=True, by=Actor(town.user["Petra"], STAFF, later(minutes=5)))
    for row in Guardianship.objects.filter(caregiver__user=town.user["Thijs"]):
        end_guardianship(guardianship=row, by=Actor(town.user["Petra"], STAFF, later(minutes=6)))
    texts = told(GONE)
    assert set(texts) == {"Karima"}
    assert "bos" not in texts["Karima"]
    assert "donderdag 26 november" in texts["Karima"].replace("\xa0", " ")


@pytest.mark.usefixtures("nothing_sent")
def test_of_what_is_over_nobody_hears_that_it_was_taken_back(town: Town, wood: Post) -> None:
    says(town, "Karima", wood, YES)
    retract_post(post=wood, together=True, by=Actor(town.user["Petra"], STAFF, later(days=8)))
    assert not OutboxItem.objects.filter(kind=GONE).exists()


def test_an_answer_that_does_not_count_is_not_asked_for_once_more(town: Town, place: Callable[..., Post]) -> None:
    """Two presses on a vote, and a page that was open when the time was over: the first counts, the other cannot."""
    vote: dict[str, Any] = {"ask": "choose", "options": "Ja\nNee", "is_anonymous": True}
    poll = place("Anna", "g4", title="Welke dag?", **{**WOOD, **vote})
    form, there = {"answer": "chose", "chosen": "1", "on": "2026-11-26"}, link(town, "Lotte", poll)
    late = datetime.combine(THURSDAY, datetime.min.time(), tzinfo=SCHOOL_ZONE)
    Client().post(there, form)
    said = [Client().post(there, form)]
    with time_machine.travel(late, tick=False):
        said.append(Client().post(link(town, "Karima", poll), form))
    assert [one.status_code for one in said] == [422, 422]
    twice, over = map(page_text, said)
    assert ("U heeft al gestemd." in twice, "nog een keer" in twice) == (True, False)
    assert ("De vraag is veranderd, of antwoorden kan niet meer." in over, "kwam niet aan" in over) == (True, False)


@pytest.mark.usefixtures("nothing_sent")
def test_a_change_is_looked_up_once_for_all_who_answered(town: Town, wood: Post) -> None:
    for name in ("Karima", "Thijs"):
        says(town, name, wood, YES)
    change(town, wood, ask_on=date(2026, 11, 27))
    rows = list(OutboxItem.objects.filter(kind=CHANGED).select_related("recipient").order_by("pk"))
    counts = []
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as asked:
            mails = list(render_changed(some, later(minutes=15)))
        assert all(isinstance(one, Mail) for one in mails)
        counts.append((len(mails), len(asked)))
    assert counts == [(1, counts[0][1]), (2, counts[0][1])]


def helped(town: Town, place: Callable[..., Post]) -> None:
    post = place("Petra", "g4", "g7", title="Wie helpt?", ask="help", ask_on=WEDNESDAY, tasks="Soep koken, 9")
    for name in THREE:
        sign_on(post=post, task=1, ask_on=WEDNESDAY, by=Actor(town.user[name], FAMILY, NOW))
    remind_helpers(now=BEFORE)


def taken_back(town: Town, place: Callable[..., Post]) -> None:
    post = place("Petra", "g4", "g7", title="Mee naar het bos?", **WOOD)
    for name in THREE:
        says(town, name, post, YES)
    retract_post(post=post, together=True, by=Actor(town.user["Petra"], STAFF, later(minutes=5)))


def not_counted(town: Town, place: Callable[..., Post]) -> None:
    post = place("Petra", "g4", "g7", title="Komt u kijken?", ask="come", ask_on=THURSDAY)
    for name in THREE:
        says(town, name, post, NO)
    tell_off(post, [town.user[name].pk for name in THREE], by=Actor(town.user["Petra"], STAFF, later(minutes=5)))


THREE = ("Karima", "Thijs", "Lotte")
MAILS = {
    HELPER: (helped, render_helping),
    GONE: (taken_back, render_gone),
    OFF: (not_counted, render_off),
}


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize("kind", MAILS)
def test_what_is_mailed_of_asks_is_looked_up_once_for_all_readers(
    town: Town, place: Callable[..., Post], kind: str
) -> None:
    happens, render = MAILS[kind]
    happens(town, place)
    rows = list(OutboxItem.objects.filter(kind=kind).select_related("recipient").order_by("pk"))
    counts = []
    for some in (rows, rows[:1], rows):
        with CaptureQueriesContext(connection) as asked:
            mails = list(render(some, BEFORE))
        assert all(isinstance(one, Mail) for one in mails)
        counts.append((len(mails), len(asked)))
    assert counts[1:] == [(1, counts[1][1]), (3, counts[1][1])]
