"""What every family has to read: how many, who says so, a mail after a day, the desk after two (POL-30, 50, 65)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from groups.models import Group, Restriction, RestrictionKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from groups.schools.services import change_school
from messaging.handins.models import HandinKind
from messaging.handins.services.handins import hand_in
from messaging.models import FollowUp, Post, Seen, UrgentDeputy
from messaging.newsletter.services.editions import send_due_editions
from messaging.newsletter.services.kinds import kind_of
from messaging.posts.services.essential import ONE_IN, EssentialRefusedError, NotEssential
from messaging.posts.services.posts import Draft, edit_post, publish_post
from messaging.urgent.domain import FOLLOWED_FOR, PHONED_AFTER, REMINDED_AFTER, Arrival
from messaging.urgent.services.following import follow_essentials, tell_shown_again
from messaging.urgent.services.kinds import ESSENTIAL
from messaging.urgent.services.reach import end_follow_up, find_followed, note_call, reach_of
from messaging.urgent.services.sending import UrgentDraft, send_urgent
from messaging.writings.domain.text import content_in
from messaging.writings.services.audience import reached_families
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import hide_written, show_written
from portal.core import outbox, waiting
from portal.core.actor import Actor, clock
from portal.core.domain.moments import end_of_day
from portal.core.models import OutboxItem, OutboxState
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.weekly import weekly_mails

MINUTE = timedelta(minutes=1)
WORDS = {
    "topic": "notice",
    "title": "Nieuwe tijden",
    "text": "Vanaf januari om kwart over acht.",
    "replies": "off",
}


def place(
    town: Town, *groups: str, who: str = "Anna", hat: Hat = STAFF, essential: bool = True, at: datetime | None = None
) -> Post:
    keys = [town.group[key] for key in groups or ("g4",)]
    by = Actor(town.user[who], hat, at or NOW)
    [post, *_] = publish_post(groups=keys, by=by, is_essential=essential, **WORDS)  # type: ignore[arg-type]
    return post


def read_by(town: Town, name: str, post: Post, *, at: datetime = NOW) -> None:
    mark_seen(by=Actor(town.user[name], FAMILY, at), uids=[post.uid])


def mailed(now: datetime) -> dict[str, str]:
    """To whom the extra mail went, with its words."""
    mail.outbox.clear()
    outbox.sweep(now=now)
    found = {one.to[0].partition("@")[0]: str(one.body) for one in mail.outbox if "Lees dit" in str(one.subject)}
    mail.outbox.clear()
    return found


def desk_of(town: Town, name: str, now: datetime) -> list[str]:
    page = waiting.listed(Actor(town.user[name], STAFF, now))
    return [one.line.url for one in page[:20] if "bereik" in one.line.url]


# How many


def test_of_ten_in_a_row_one(town: Town) -> None:
    place(town)
    for number in range(1, ONE_IN):
        moment = NOW + number * MINUTE
        with pytest.raises(EssentialRefusedError) as refused:
            place(town, at=moment)
        assert (refused.value.why, refused.value.group) == (NotEssential.ANOTHER, "Groep 4")
        place(town, at=moment, essential=False)
    place(town, at=NOW + ONE_IN * MINUTE)
    assert Post.objects.filter(is_essential=True).count() == 2


def test_what_is_planned_counts_on_both_sides(town: Town) -> None:
    by = Actor(town.user["Anna"], STAFF, NOW)
    publish_post(groups=[town.group["g4"]], by=by, at=NOW + timedelta(days=2), is_essential=True, **WORDS)  # type: ignore[arg-type]
    with pytest.raises(EssentialRefusedError):
        place(town)
    place(town, "g7", who="Joost")


def test_in_each_of_its_groups(town: Town) -> None:
    place(town, "g7", who="Petra")
    with pytest.raises(EssentialRefusedError) as refused:
        place(town, "g4", "g7", who="Petra")
    assert refused.value.group == "Groep 7"


def test_changed_it_may_become_one_and_stays_one(town: Town) -> None:
    post, anna = place(town, essential=False), Actor(town.user["Anna"], STAFF, NOW)
    [now_one] = edit_post(post=post, version=1, by=anna, **{**content_in(vars(post)), "is_essential": True})
    [still] = edit_post(post=now_one, version=2, by=anna, **{**content_in(vars(now_one)), "title": "Anders"})
    assert still.is_essential
    assert still.versions.get(number=1).is_essential is False
    other = place(town, essential=False)
    with pytest.raises(EssentialRefusedError):
        edit_post(post=other, version=1, by=anna, **{**content_in(vars(other)), "is_essential": True})


def test_only_staff_and_only_of_families(town: Town) -> None:
    with pytest.raises(EssentialRefusedError) as refused:
        place(town, "@team", who="Petra")
    assert refused.value.why == NotEssential.NO_FAMILIES
    member = next(name for name in ("Said", "Karima", "Lotte") if _publishes(town, name))
    with pytest.raises(EssentialRefusedError) as refused:
        place(town, "@mr", who=member, hat=FAMILY)
    assert refused.value.why == NotEssential.NOT_STAFF


def _publishes(town: Town, name: str) -> bool:
    return Group.objects.writable_by(Actor(town.user[name], FAMILY, NOW)).exists()


def test_a_draft_that_is_handed_in_is_held_to_the_same(town: Town) -> None:
    place(town)
    anna = Actor(town.user["Anna"], STAFF, NOW)
    draft = Draft({**WORDS, "is_essential": True})  # type: ignore[typeddict-item]
    with pytest.raises(EssentialRefusedError):
        hand_in(kind=HandinKind.ADVICE, group=town.group["g4"], draft=draft, by=anna)


def test_a_teacher_reads_why_and_loses_nothing(town: Town, browser_of: Callable[[str], Client]) -> None:
    place(town)
    typed = {"groep": str(town.group["g4"].uid), **WORDS, "is_essential": "on", "key": str(uuid4()), "when": "now"}
    page = browser_of("Anna").post(url("compose", STAFF), typed)
    assert page.status_code == 422
    words = page_text(page)
    assert "Groep 4" in words
    assert "Nieuwe tijden" in page.content.decode()
    assert Post.objects.count() == 1


# How it arrives


def test_it_comes_as_what_asks_something(town: Town) -> None:
    assert kind_of(place(town)) == "asks"
    assert kind_of(place(town, essential=False)) == "stories"


def test_ticked_on_a_message_that_stands_already_it_comes_at_once_and_is_followed_from_then(
    town: Town, cut: datetime
) -> None:
    """Also in the mail of the week, of who hears of it in that way, and once."""
    choose_way(user=town.user["Riet"], school=town.school, way=Way.WEEKLY, now=NOW)
    post, ticked = place(town, essential=False), NOW + 20 * MINUTE
    outbox.sweep(now=ticked)
    mail.outbox.clear()
    assert not OutboxItem.objects.filter(kind="messages").exists()
    read_by(town, "Karima", post)
    by = Actor(town.user["Anna"], STAFF, ticked)
    [post] = edit_post(post=post, version=1, by=by, **{**content_in(vars(post)), "is_essential": True})
    outbox.sweep(now=ticked + 15 * MINUTE)
    assert {one.to[0].partition("@")[0] for one in mail.outbox} == {"karima", "said", "lotte", "thijs"}
    assert all("Nieuwe tijden" in one.body for one in mail.outbox)
    told = [one for one in weekly_mails(cut) if "Nieuwe tijden" in one.body]
    assert [one.to for one in told] == [["riet@post.example"]]
    assert follow_essentials(now=NOW + REMINDED_AFTER) == 0
    read_by(town, "Lotte", post, at=ticked)
    assert follow_essentials(now=ticked + REMINDED_AFTER) > 0
    assert {"karima", "said", "thijs"} == set(mailed(ticked + REMINDED_AFTER))


def test_the_ordinary_mail_has_the_way_to_say_that_it_was_read(town: Town, client: Client) -> None:
    post = place(town)
    outbox.sweep(now=NOW + timedelta(minutes=15))
    [body] = [str(one.body) for one in mail.outbox if one.to[0].startswith("karima")]
    link = re.search(r"/gelezen/\S+/", body)
    assert link
    assert client.post(link[0]).status_code == 302
    assert Seen.objects.get(writing=post.pk).user == town.user["Karima"]


@pytest.mark.parametrize("way", ["bord", "mail"])
def test_who_answers_what_it_asks_has_read_it(town: Town, client: Client, browser_of: Any, way: str) -> None:
    """On the board or in the mail, without the message open: nobody is phoned who said yes."""
    friday = (NOW + timedelta(days=7)).date()
    by = Actor(town.user["Anna"], STAFF, NOW)
    asking = {**WORDS, "ask": "yes_no", "ask_on": friday, "text": "Gaat uw kind mee?"}
    [post] = publish_post(groups=[town.group["g4"]], by=by, is_essential=True, **asking)
    outbox.sweep(now=NOW + timedelta(minutes=15))
    [body] = [str(one.body) for one in mail.outbox if one.to[0].startswith("karima")]
    form = {"answer": "yes", "on": friday.isoformat()}
    if way == "mail":
        [page] = set(re.findall(r"/antwoord/\S+/", body))
        assert client.post(page, form).status_code == 302
    else:
        browser_of("Karima").post(url("answer", FAMILY, post.uid), {**form, "van": way})
    assert Seen.objects.get(writing=post.pk).user == town.user["Karima"]
    follow_essentials(now=NOW + REMINDED_AFTER)
    assert "karima" not in mailed(NOW + REMINDED_AFTER + MINUTE)


# After a day


def test_after_a_day_it_goes_to_families_of_whom_nobody_read_it_whatever_they_chose(town: Town) -> None:
    choose_way(user=town.user["Lotte"], school=town.school, way=Way.NONE, now=NOW)
    post = place(town)
    read_by(town, "Said", post)
    outbox.sweep(now=NOW + MINUTE)
    assert follow_essentials(now=NOW + REMINDED_AFTER - MINUTE) == 0
    assert follow_essentials(now=NOW + REMINDED_AFTER) > 0
    assert follow_essentials(now=NOW + REMINDED_AFTER + MINUTE) == 0
    got = mailed(NOW + REMINDED_AFTER + MINUTE)
    assert {"lotte", "riet", "thijs"} >= set(got) >= {"lotte", "thijs"}


def test_where_mails_carry_titles_only_the_reminder_does_too(town: Town) -> None:
    """But for who cannot read it in Kring; and who was told no words cannot say there that they were read."""
    change_school(school=town.school, by=clock(NOW), digest_titles_only=True)
    place(town)
    _suspend(town, "Lotte")
    follow_essentials(now=NOW + REMINDED_AFTER)
    OutboxItem.objects.exclude(kind="essential").delete()
    outbox.sweep(now=NOW + REMINDED_AFTER + MINUTE)
    mails = {one.to[0].partition("@")[0]: f"{one.body} {one.alternatives[0][0]}" for one in mail.outbox}
    assert all("Nieuwe tijden" in read for read in mails.values())
    said = {"Vanaf januari", "Ik heb het gelezen"}
    assert {name for name, read in mails.items() if any(words in read for words in said)} == {"lotte"}


def test_the_reminder_says_in_both_its_parts_what_is_asked(town: Town) -> None:
    day = (NOW + timedelta(days=7)).date()
    asked = {"ask": "yes_no", "ask_on": day, "answer_by": day, "bring": "laarzen", "cost": "4 euro"}
    by = Actor(town.user["Anna"], STAFF, NOW)
    publish_post(groups=[town.group["g4"]], by=by, is_essential=True, **{**WORDS, **asked})  # type: ignore[arg-type]
    follow_essentials(now=NOW + REMINDED_AFTER)
    read = mailed(NOW + REMINDED_AFTER + MINUTE)["karima"].replace("\xa0", " ")
    for words in ("Ja of nee voor vr 27 nov", "Meenemen: laarzen", "Kosten: 4 euro"):
        assert words in read


def test_who_reads_it_meanwhile_or_may_not_any_more_gets_none(town: Town) -> None:
    post, after = place(town), NOW + REMINDED_AFTER
    follow_essentials(now=after)
    read_by(town, "Karima", post)
    for row in town.caregiver["Lotte"].guardianships.all():
        end_guardianship(guardianship=row, by=Actor(town.user["Petra"], STAFF, NOW))
    assert not {"karima", "lotte"} & set(mailed(after))


def test_what_was_hidden_as_its_mail_left_comes_when_it_is_shown_again(town: Town) -> None:
    """To who did not read it meanwhile, and once."""
    post, petra, after = place(town), town.user["Petra"], NOW + REMINDED_AFTER
    follow_essentials(now=after)
    hide_written(written=post, by=Actor(petra, STAFF, after))
    assert mailed(after) == {}
    show_written(written=post, by=Actor(petra, STAFF, after + MINUTE))
    read_by(town, "Karima", post)
    for _ in range(2):
        tell_shown_again(now=after + 2 * MINUTE)
        outbox.sweep(now=after + 2 * MINUTE)
    got = {one.to[0].partition("@")[0]: one for one in mail.outbox if "Lees dit" in str(one.subject)}
    assert {"lotte", "thijs"} <= set(got) <= {"lotte", "riet", "thijs"}
    assert len(got) == len(mail.outbox)


def test_written_to_two_groups_it_is_mailed_once_to_a_family_of_both(town: Town) -> None:
    """By the message in the other group where that of the first is hidden; and of both it is known that it arrived."""
    place(town, "g4", "g7", who="Petra")
    first, other = Post.objects.order_by("pk")
    after = NOW + REMINDED_AFTER
    follow_essentials(now=after)
    assert OutboxItem.objects.filter(kind="essential", recipient=town.user["Karima"]).count() == 1
    hide_written(written=first, by=Actor(town.user["Petra"], STAFF, after))
    got = mailed(after + MINUTE)
    assert set(got) == {"karima", "said"}
    assert f"/{other.uid}/" in got["karima"]
    by = Actor(town.user["Petra"], STAFF, after + 2 * MINUTE)
    [family] = [one for one in reach_of(other, actor=by).families if "Ilyas" in str(one.children)]
    assert {one.arrival for one in family.adults} == {Arrival.ARRIVED}
    show_written(written=first, by=by)
    tell_shown_again(now=after + 3 * MINUTE)
    assert set(mailed(after + 4 * MINUTE)) == {"lotte", "riet", "thijs"}


def test_what_every_family_of_one_group_has_read_stops_no_other_message(town: Town) -> None:
    """Not the reminder of one that begins, not the desk of one that began, nor what is shown again."""
    after, before = NOW + REMINDED_AFTER, NOW - timedelta(hours=12)
    begun = place(town, "@school", who="Petra", at=before)
    assert follow_essentials(now=before + REMINDED_AFTER) > 0
    read, other = place(town, "g7", who="Joost"), place(town, "g4")
    read_by(town, "Said", read)
    assert follow_essentials(now=after) > 0
    assert set(FollowUp.objects.values_list("post", flat=True)) == {begun.pk, read.pk, other.pk}
    follow_essentials(now=before + PHONED_AFTER)
    assert FollowUp.objects.get(post=begun).waits_since
    hide_written(written=read, by=Actor(town.user["Petra"], STAFF, after))
    show_written(written=read, by=Actor(town.user["Petra"], STAFF, after + MINUTE))
    assert tell_shown_again(now=after + 2 * MINUTE) == 0


def test_a_suspended_parent_hears_by_mail_without_a_way_to_a_closed_page(town: Town, client: Client) -> None:
    post, after = place(town), NOW + REMINDED_AFTER
    _suspend(town, "Lotte")
    assert not Post.objects.visible_to(Actor(town.user["Lotte"], FAMILY, NOW)).exists()
    follow_essentials(now=after)
    body = mailed(after)["lotte"]
    assert "Vanaf januari" in body
    assert str(post.uid) not in body
    link = re.search(r"/gelezen/\S+/", body)
    assert link
    assert client.post(link[0]).status_code == 302
    assert Seen.objects.filter(writing=post.pk, user=town.user["Lotte"]).exists()


def test_what_not_every_family_has_to_read_any_more_reaches_no_suspended_parent(town: Town) -> None:
    post, after = place(town), NOW + REMINDED_AFTER
    _suspend(town, "Lotte")
    follow_essentials(now=after)
    changed = {**content_in(vars(post)), "is_essential": False}
    edit_post(post=post, version=1, by=Actor(town.user["Anna"], STAFF, after), **changed)
    assert mailed(after) == {}
    waited = OutboxItem.objects.filter(kind=ESSENTIAL, recipient=town.user["Lotte"])
    assert [one.state for one in waited] == [OutboxState.WITHHELD]


def test_what_is_urgent_reaches_a_suspended_parent_too(town: Town) -> None:
    _suspend(town, "Lotte")
    draft = UrgentDraft(town.group["g4"], "Storm", "Haal je kind.", "Code rood.")
    send_urgent(school=town.school, draft=draft, by=Actor(town.user["Petra"], STAFF, NOW))
    outbox.sweep(lane=outbox.Lane.FAST, now=NOW + MINUTE)
    assert "lotte@post.example" in {one.to[0] for one in mail.outbox}
    elsewhere = UrgentDraft(town.group["g7"], "Storm", "Haal je kind.", "Code rood.")
    mail.outbox.clear()
    send_urgent(school=town.school, draft=elsewhere, by=Actor(town.user["Petra"], STAFF, NOW))
    outbox.sweep(lane=outbox.Lane.FAST, now=NOW + MINUTE)
    assert "lotte@post.example" not in {one.to[0] for one in mail.outbox}


def _suspend(town: Town, name: str) -> None:
    Restriction.objects.create(
        user=town.user[name],
        school=town.school,
        kind=RestrictionKind.SUSPENDED,
        valid_from=NOW - MINUTE,
        valid_until=NOW + timedelta(days=20),
        case_uid=uuid4(),
        decided_by=town.user["Petra"],
    )
    town.sync()


# After two days


def test_after_two_days_it_waits_for_who_phones_and_for_nobody_else(town: Town) -> None:
    post, later = place(town), NOW + PHONED_AFTER
    follow_essentials(now=NOW + REMINDED_AFTER)
    assert desk_of(town, "Petra", NOW + REMINDED_AFTER) == []
    follow_essentials(now=later)
    assert desk_of(town, "Petra", later) == [f"/school/bereik/{post.uid}/"]
    assert desk_of(town, "Anna", later) == []
    UrgentDeputy.objects.create(
        school=town.school, staff=town.staff["Anna"], place=1, named_by=town.user["Petra"], named_at=NOW
    )
    assert desk_of(town, "Anna", later) == [f"/school/bereik/{post.uid}/"]


def test_who_was_named_and_has_no_desk_finds_whom_to_phone_where_what_is_urgent_is_sent(
    town: Town, browser_of: Callable[[str], Client]
) -> None:
    post, later = place(town), NOW + PHONED_AFTER
    UrgentDeputy.objects.create(
        school=town.school, staff=town.staff["Anna"], place=1, named_by=town.user["Petra"], named_at=NOW
    )
    follow_essentials(now=NOW + REMINDED_AFTER)
    page = "/school/spoed/"
    with time_machine.travel(later, tick=False):
        anna = browser_of("Anna")
        assert anna.get("/bureau/").status_code == 404
        assert f"/school/bereik/{post.uid}/" not in anna.get(page).content.decode()
        follow_essentials(now=later)
        assert f"/school/bereik/{post.uid}/" in anna.get(page).content.decode()
        anna.post(f"/school/bereik/{post.uid}/")
        assert f"/school/bereik/{post.uid}/" not in anna.get(page).content.decode()


@pytest.mark.parametrize(("name", "back"), [("Petra", "bericht/{0.uid}/"), ("Joost", "spoed/")])
def test_whoever_does_not_read_the_message_is_not_led_back_to_it(
    town: Town, browser_of: Callable[[str], Client], name: str, back: str
) -> None:
    """Joost is named and teaches another group: he knows whom to phone, and what it says from who asked him."""
    post, place_back = place(town), "/school/" + back
    UrgentDeputy.objects.create(
        school=town.school, staff=town.staff["Joost"], place=1, named_by=town.user["Petra"], named_at=NOW
    )
    reader, link = browser_of(name), place_back.format(post)
    page = reader.get(f"/school/bereik/{post.uid}/").content.decode()
    heading = page.partition("<h1")[0]
    assert f'href="{link}"' in heading.rpartition("<a ")[2]
    assert reader.get(link).status_code == 200


def test_it_ends_when_everybody_knows(town: Town) -> None:
    post, later = place(town), NOW + PHONED_AFTER
    petra = Actor(town.user["Petra"], STAFF, later)
    follow_essentials(now=NOW + REMINDED_AFTER)
    follow_essentials(now=later)
    for name in ("Karima", "Lotte", "Thijs"):
        read_by(town, name, post)
    follow_essentials(now=later)
    assert desk_of(town, "Petra", later)
    for adult in town.child["Pim"].guardianships.all():
        note_call(post=post, caregiver=adult.caregiver.uid, was_called=True, by=petra)
    follow_essentials(now=later)
    assert desk_of(town, "Petra", later) == []
    assert FollowUp.objects.get().ended_by is None


@pytest.mark.parametrize("gone", ["taken back", "old"])
def test_it_ends_with_the_message_and_after_two_weeks(town: Town, gone: str) -> None:
    post, later = place(town), NOW + PHONED_AFTER
    follow_essentials(now=NOW + REMINDED_AFTER)
    follow_essentials(now=later)
    if gone == "taken back":
        Post.objects.filter(pk=post.pk).update(state="retracted", retracted_at=NOW)
    follow_essentials(now=later if gone == "taken back" else NOW + FOLLOWED_FOR)
    assert FollowUp.objects.get().ended_at is not None


def test_it_ends_with_the_day_it_is_about(town: Town) -> None:
    """Nobody is phoned on Tuesday about what was brought along on Monday; nor mailed, of what was about tomorrow."""
    about, by = (NOW + timedelta(days=3)).date(), Actor(town.user["Anna"], STAFF, NOW)
    asking = {**WORDS, "ask": "do", "text": "Graag laarzen mee."}
    [post] = publish_post(groups=[town.group["g4"]], by=by, is_essential=True, **{**asking, "ask_on": about})
    follow_essentials(now=NOW + REMINDED_AFTER)
    over = end_of_day(about)
    for now, waits in ((over - MINUTE, True), (over, False)):
        follow_essentials(now=now)
        assert (desk_of(town, "Petra", now) == [f"/school/bereik/{post.uid}/"]) is waits
    today = {**asking, "ask_on": NOW.date()}
    publish_post(groups=[town.group["g7"]], by=Actor(town.user["Petra"], STAFF, NOW), is_essential=True, **today)
    assert follow_essentials(now=NOW + REMINDED_AFTER) == 0


def test_the_page_says_who_has_not_read_it_and_ends_with_a_letter(
    town: Town, browser_of: Callable[[str], Client]
) -> None:
    post, later = place(town), NOW + PHONED_AFTER
    read_by(town, "Karima", post)
    follow_essentials(now=NOW + REMINDED_AFTER)
    follow_essentials(now=later)
    with time_machine.travel(later, tick=False):
        petra, page = browser_of("Petra"), f"/school/bereik/{post.uid}/"
        words = page_text(petra.get(page))
        assert "1 van 4 gezinnen bereikt" in words
        assert "las het nog niet" in words
        assert "1 volwassene las het 5 volwassenen kregen nog geen e-mail en lazen het nog niet" in words
        assert f'href="{page}"' in petra.get(f"/school/bericht/{post.uid}/").content.decode()
        assert "Pim" in page_text(petra.get(f"{page}brieven/"))
        assert browser_of("Anna").get(page).status_code == 404
        assert browser_of("Anna").post(page).status_code == 404
        petra.post(page)
    assert FollowUp.objects.get().ended_by == town.user["Petra"]
    assert desk_of(town, "Petra", later) == []


@pytest.mark.parametrize("way", [Way.MESSAGE, Way.WEEKLY, Way.NONE])
def test_who_had_it_in_an_ordinary_mail_has_the_mail(town: Town, way: Way) -> None:
    """The mail of the message itself, or that of the week, says it too: nobody reads that such a parent got none."""
    choose_way(user=town.user["Lotte"], school=town.school, way=way, now=NOW)
    post, sunday = place(town), NOW + timedelta(days=2)
    assert _arrival(town, post, "Lotte", NOW) == Arrival.NOT
    send_due_editions(now=sunday)
    outbox.sweep(now=sunday)
    assert _arrival(town, post, "Lotte", sunday) == (Arrival.NOT if way == Way.NONE else Arrival.ARRIVED)
    read_by(town, "Lotte", post)
    assert _arrival(town, post, "Lotte", sunday) == Arrival.READ


def _arrival(town: Town, post: Post, name: str, now: datetime) -> Arrival:
    reach = reach_of(post, actor=Actor(town.user["Petra"], STAFF, now))
    uid = town.caregiver[name].uid
    return next(adult.arrival for family in reach.families for adult in family.adults if adult.uid == uid)


def test_nobody_follows_an_ordinary_message(town: Town) -> None:
    post, petra = place(town, essential=False), Actor(town.user["Petra"], STAFF, NOW)
    assert find_followed(post.uid, actor=petra) is None
    with pytest.raises(PermissionDenied):
        end_follow_up(post=post, by=petra)
    follow_essentials(now=NOW + PHONED_AFTER)
    assert not FollowUp.objects.exists()
    assert not OutboxItem.objects.filter(kind="essential").exists()


def test_hidden_for_a_while_it_leaves_no_room_for_another(town: Town) -> None:
    post, petra = place(town), Actor(town.user["Petra"], STAFF, NOW)
    hide_written(written=post, by=petra)
    with pytest.raises(EssentialRefusedError):
        place(town, at=NOW + MINUTE)
    show_written(written=post, by=petra)
    assert Post.objects.filter(is_essential=True, state="published").count() == 1


@pytest.mark.parametrize("when", [REMINDED_AFTER, PHONED_AFTER])
def test_taken_away_for_a_while_it_is_followed_again_when_it_is_back(town: Town, when: timedelta) -> None:
    """Hidden by mistake and put back: the families who did not read it still wait for who phones."""
    post, later = place(town), NOW + PHONED_AFTER + MINUTE * 30
    follow_essentials(now=NOW + REMINDED_AFTER)
    follow_essentials(now=NOW + when)
    hide_written(written=post, by=Actor(town.user["Petra"], STAFF, NOW + when + MINUTE))
    away = NOW + when + MINUTE * 10
    follow_essentials(now=away)
    assert desk_of(town, "Petra", away) == []
    show_written(written=post, by=Actor(town.user["Petra"], STAFF, NOW + when + MINUTE * 20))
    follow_essentials(now=later)
    assert desk_of(town, "Petra", later) == [f"/school/bereik/{post.uid}/"]
    hide_written(written=post, by=Actor(town.user["Petra"], STAFF, later))
    follow_essentials(now=NOW + FOLLOWED_FOR)
    assert not FollowUp.objects.open().exists()


def _about(town: Town, day: timedelta) -> Post:
    asking = {**WORDS, "ask": "do", "text": "Graag laarzen mee.", "ask_on": (NOW + day).date()}
    by = Actor(town.user["Anna"], STAFF, NOW)
    [post] = publish_post(groups=[town.group["g4"]], by=by, is_essential=True, **asking)  # type: ignore[arg-type]
    return post


def _moved(town: Town, post: Post, day: timedelta, now: datetime) -> None:
    present = Post.objects.get(pk=post.pk)
    by, moved = Actor(town.user["Anna"], STAFF, now), {**content_in(vars(present)), "ask_on": (NOW + day).date()}
    edit_post(post=present, version=present.version, by=by, **moved)


def test_moved_to_another_day_it_begins_anew_for_everybody(town: Town) -> None:
    """Who read of Tuesday has not read that it is Friday: whoever read it before, was phoned or has it on paper."""
    day, moment = timedelta(days=4), NOW + PHONED_AFTER + MINUTE
    post, petra = _about(town, day), Actor(town.user["Petra"], STAFF, NOW + PHONED_AFTER)
    for name in ("Karima", "Said"):
        read_by(town, name, post)
    assert follow_essentials(now=NOW + REMINDED_AFTER) > 0
    mailed(NOW + REMINDED_AFTER + MINUTE)
    follow_essentials(now=NOW + PHONED_AFTER)
    for adult in town.child["Pim"].guardianships.all():
        note_call(post=post, caregiver=adult.caregiver.uid, was_called=True, by=petra)
    end_follow_up(post=post, by=petra)
    _moved(town, post, day * 3, moment)
    post.refresh_from_db()
    follow_essentials(now=moment + MINUTE)
    assert {_arrival(town, post, name, moment + MINUTE) for name in ("Karima", "Lotte")} == {Arrival.NOT}
    assert reached_families({post.pk: post.group_id}, now=moment + MINUTE)[post.pk].reached == 0
    assert all(not family.is_reached for family in reach_of(post, actor=petra).families)
    mark_seen(by=Actor(town.user["Said"], FAMILY, moment + MINUTE), uids=[post.uid])
    assert _arrival(town, post, "Said", moment + MINUTE) == Arrival.READ
    assert follow_essentials(now=moment + REMINDED_AFTER - MINUTE) == 0
    assert follow_essentials(now=moment + REMINDED_AFTER) > 0
    got = set(mailed(moment + REMINDED_AFTER + MINUTE))
    assert "said" not in got
    assert {"lotte", "thijs"} <= got
    assert desk_of(town, "Petra", moment + REMINDED_AFTER) == []
    follow_essentials(now=moment + PHONED_AFTER)
    assert desk_of(town, "Petra", moment + PHONED_AFTER) == [f"/school/bereik/{post.uid}/"]


def test_moved_after_its_day_was_over_it_begins_too_and_lasts_until_the_new_one(town: Town) -> None:
    post, over = _about(town, timedelta(days=3)), end_of_day((NOW + timedelta(days=3)).date())
    follow_essentials(now=NOW + REMINDED_AFTER)
    follow_essentials(now=over)
    assert not FollowUp.objects.open().exists()
    _moved(town, post, timedelta(days=24), over)
    assert follow_essentials(now=over + REMINDED_AFTER) > 0
    follow_essentials(now=over + FOLLOWED_FOR - MINUTE)
    assert FollowUp.objects.open().exists()
    follow_essentials(now=over + FOLLOWED_FOR)
    assert not FollowUp.objects.open().exists()


def test_who_says_by_the_mail_that_it_was_read_says_it_of_the_new_day(town: Town, client: Client) -> None:
    """And who read of the day before, and has the reminder already under way, gets it."""
    post, moment = _about(town, timedelta(days=4)), NOW + MINUTE
    read_by(town, "Lotte", post)
    _moved(town, post, timedelta(days=8), moment)
    follow_essentials(now=moment + REMINDED_AFTER)
    body = mailed(moment + REMINDED_AFTER)["lotte"]
    link = re.search(r"/gelezen/\S+/", body)
    assert link
    with time_machine.travel(moment + REMINDED_AFTER, tick=False):
        client.post(link[0])
    assert _arrival(town, post, "Lotte", moment + REMINDED_AFTER) == Arrival.READ


def test_words_that_change_begin_nothing_anew_nor_does_what_not_every_family_has_to_read(town: Town) -> None:
    post = _about(town, timedelta(days=4))
    read_by(town, "Lotte", post)
    changed = {**content_in(vars(post)), "title": "Laarzen"}
    edit_post(post=post, version=1, by=Actor(town.user["Anna"], STAFF, NOW + MINUTE), **changed)
    assert _arrival(town, post, "Lotte", NOW + MINUTE) == Arrival.READ
    asking = {**WORDS, "ask": "do", "ask_on": (NOW + timedelta(days=4)).date()}
    [other] = publish_post(groups=[town.group["g4"]], by=Actor(town.user["Anna"], STAFF, NOW), **asking)
    read_by(town, "Lotte", other)
    _moved(town, other, timedelta(days=8), NOW + MINUTE)
    assert reached_families({other.pk: other.group_id}, now=NOW + MINUTE)[other.pk].reached == 1
