"""The page on which families choose: one tap either way, every day, and what it means today."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.answers.services.reluctance import note_reluctance
from consent.asking.domain.purposes import IMAGES, WEBSITE, Says
from consent.asking.domain.standing import PHOTOS_STAND
from consent.asking.services.texts import resume_purpose, retire_purpose
from consent.models import Clearance, ConsentRound, Decision, RoundPurpose
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.cast import Cast
from tests.consent.answering import PAGE, begin, browser, purpose, rewrite, said, tap, words_read

pytestmark = pytest.mark.django_db
ASKED = 6


@pytest.fixture(autouse=True)
def _asked(cast: Cast) -> None:
    begin(cast, now=timezone.now() - timedelta(days=20))


def page(client: Any) -> str:
    return client.get(PAGE).content.decode()


def test_a_page_says_what_is_asked_and_that_no_answer_is_no(cast: Cast) -> None:
    text = page(browser(cast, "mother"))
    assert f"0 of {ASKED} questions answered" in text
    assert "Without a yes your child is not shown. One yes is enough if nobody says no." in text
    assert "At this moment:" not in text
    assert "A photo of your child on the school’s website." in text
    assert 'aria-pressed="true"' not in text


def test_yes_and_no_take_one_tap_each_and_count_at_once(cast: Cast) -> None:
    mother, noor, website = browser(cast, "mother"), cast.child("Noor"), purpose(cast.linde, WEBSITE)
    answer = tap(mother, noor, yes=website.uid)
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}#{website.uid}")
    assert (pressed(page(mother)), f"1 of {ASKED} questions answered" in page(mother)) == (["yes"], True)
    tap(mother, noor, no=website.uid)
    assert pressed(page(mother)) == ["no"]
    assert said(noor) == [(WEBSITE, "yes", 1), (WEBSITE, "no", 1)]


def test_a_no_is_drawn_exactly_like_a_yes(cast: Cast) -> None:
    text = page(browser(cast, "mother"))
    assert text.count('name="yes"') == text.count('name="no"') == ASKED
    for block in ("groups", "everybody"):
        assert text.count(f'name="{block}" value="yes"') == text.count(f'name="{block}" value="no"') == 1


def test_the_same_answer_again_adds_no_row(cast: Cast) -> None:
    mother, noor, website = browser(cast, "mother"), cast.child("Noor"), purpose(cast.linde, WEBSITE)
    for _ in range(3):
        assert tap(mother, noor, yes=website.uid).status_code == 302
    assert said(noor) == [(WEBSITE, "yes", 1)]


def test_a_block_at_once(cast: Cast) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    assert tap(mother, noor, everybody="no")["Location"] == f"{PAGE}#{cast.linde.uid}-everybody"
    assert [(says, number) for _, says, number in said(noor)] == [("no", 1)] * 4
    tap(mother, noor, groups="yes")
    assert [says for _, says, _ in said(noor)[4:]] == ["yes"] * 2


def test_a_yes_to_everything_leaves_a_no_that_was_given_and_says_so(cast: Cast) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    tap(mother, noor, no=purpose(cast.linde, WEBSITE).uid)
    assert "An earlier no stays under" in page(mother)
    tap(mother, noor, everybody="yes")
    assert [(key, says) for key, says, _ in said(noor) if key == WEBSITE] == [(WEBSITE, "no")]
    assert "An earlier no stays: Photos on the website." in page(mother)
    tap(mother, noor, everybody="yes")
    text = page(mother)
    assert ("An earlier no stays: Photos on the website." in text, len(said(noor))) == (True, 4)


def test_a_no_to_everything_ends_every_yes_of_that_block(cast: Cast) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    tap(mother, noor, groups="yes", everybody="yes")
    tap(mother, noor, everybody="no")
    assert pressed(page(mother)) == ["yes"] * 2 + ["no"] * 4


def pressed(text: str) -> list[str]:
    """The answers that stand pressed, from above to below."""
    return re.findall(r'name="(yes|no)"[^>]*aria-pressed="true"', text)


def drawn(client: Any) -> str:
    """The page but for what is new each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page(client))


@pytest.mark.parametrize("own", ["", "yes", "no"])
def test_what_the_other_parent_chose_cannot_be_read_from_the_page(cast: Cast, own: str) -> None:
    """Beside whom another decides, the page is the same to the byte whatever that other one says."""
    mother, father, noor = browser(cast, "mother"), browser(cast, "father"), cast.child("Noor")
    website = purpose(cast.linde, WEBSITE)
    if own:
        tap(mother, noor, **{own: website.uid})
    page(mother)
    alone = drawn(mother)
    for says in ("no", "yes"):
        tap(father, noor, **{says: website.uid})
        assert drawn(mother) == alone
    for word in ("Father", "father", "Vader"):
        assert word not in alone


def test_who_decides_alone_reads_what_counts_where_it_is_not_the_answer(cast: Cast) -> None:
    parent, finn = browser(cast, "parent_of_two"), cast.child("Finn")
    tap(parent, finn, yes=purpose(cast.linde, WEBSITE).uid)
    assert "At this moment:" not in page(parent)
    note_reluctance(child=finn, note="", by=Actor(cast.teacher, Hat.ANY, timezone.now()))
    type(cast.groep_4).objects.filter(pk=cast.groep_4.pk).update(year_level="8")
    assert page(parent).count("At this moment: not on the website.") == 1


def test_where_everybody_has_to_say_yes_a_yes_says_so(cast: Cast) -> None:
    website = purpose(cast.linde, WEBSITE)
    type(website).objects.filter(pk=website.pk).update(requires_all=True)
    mother = browser(cast, "mother")
    assert "A yes counts once every parent with authority says yes." in page(mother)


def test_what_kring_has_no_place_for_is_not_asked_until_the_school_has_one(cast: Cast) -> None:
    mother, films = browser(cast, "mother"), purpose(cast.linde, "recordings")
    assert "Videos and sound" not in page(mother)
    resume_purpose(purpose=films, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert "Videos and sound in the group" in page(mother)


def test_what_is_asked_no_more_takes_a_no_while_photos_of_before_stand(cast: Cast) -> None:
    """Without names on them they stay there, "but after a no": and nobody could say it."""
    mother, noor, images = browser(cast, "mother"), cast.child("Noor"), purpose(cast.linde, IMAGES)
    tap(mother, noor, groups="yes")
    retire_purpose(purpose=images, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    text = page(mother)
    assert ("School asks this no more." in text, f"of {ASKED - 1} questions" in text) == (True, True)
    assert re.findall(rf'name="(yes|no)" value="{images.uid}"', text) == ["no"]
    before = said(noor)
    assert tap(mother, noor, yes=images.uid).status_code == 422
    tap(mother, noor, groups="yes")
    assert said(noor) == before
    tap(mother, noor, no=images.uid)
    assert said(noor) == [*before, (IMAGES, "no", 1)]
    refused = Clearance.objects.refusals(IMAGES, schools=[cast.linde], now=timezone.now())
    assert refused.filter(child=noor).exists()
    yes = {"child": noor, "answers": {images: (Says.YES, 1)}}
    with pytest.raises(PermissionDenied):
        decide_for_child(**yes, by=Actor(cast.mother, Hat.ANY, timezone.now()))
    with time_machine.travel(timezone.now() + PHOTOS_STAND):
        assert str(images.uid) not in page(browser(cast, "mother"))


def test_staff_is_not_asked_about_it(cast: Cast) -> None:
    """Whoever is marked on a photo is away with it."""
    retire_purpose(purpose=purpose(cast.linde, IMAGES), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    text = browser(cast, "teacher").get("/instellingen/toestemming/").content.decode()
    assert ("School asks this no more." in text, "Photos on the website" in text) == (False, True)


def test_a_card_for_each_child_of_both_schools_own_children_only(cast: Cast) -> None:
    client = browser(cast, "parent_of_two")
    text = page(client)
    assert [f"</i>{name}<" in text for name in ("Finn", "Lot", "Noor")] == [True, True, False]
    assert tap(client, cast.child("Lot"), groups="yes", everybody="yes").status_code == 302
    assert (len(said(cast.child("Lot"))), said(cast.child("Finn"))) == (ASKED, [])


@pytest.mark.parametrize("name", ["admitted_reader", "father_without_authority", "former_parent", "other_parent"])
def test_nobody_else_finds_the_child(cast: Cast, name: str) -> None:
    client, noor = browser(cast, name), cast.child("Noor")
    assert tap(client, noor, groups="yes", everybody="yes").status_code == 404
    assert said(noor) == []


def test_changed_words_come_back_with_what_was_chosen(cast: Cast) -> None:
    mother, noor, website = browser(cast, "mother"), cast.child("Noor"), purpose(cast.linde, WEBSITE)
    read = words_read(cast.linde)
    rewrite(website, "Now also on the site of the foundation.", by=cast.directie, now=timezone.now())
    answer = tap(mother, noor, read, no=website.uid)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Now also on the site of the foundation." in text
    assert "Chosen: no. Not saved yet." in text
    assert said(noor) == []
    assert tap(mother, noor, no=website.uid).status_code == 302
    assert said(noor) == [(WEBSITE, "no", 2)]


def test_all_at_once_with_changed_words_keeps_nothing_and_shows_everything_that_was_chosen(cast: Cast) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    read = words_read(cast.linde)
    rewrite(purpose(cast.linde, WEBSITE), "Other words.", by=cast.directie, now=timezone.now())
    answer = tap(mother, noor, read, groups="yes", everybody="yes")
    assert answer.status_code == 409
    assert answer.content.decode().count("Chosen: yes. Not saved yet.") == ASKED
    assert said(noor) == []


def test_a_form_without_words_is_one_of_old_words(cast: Cast) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    assert tap(mother, noor, {}, groups="yes", everybody="yes").status_code == 409
    assert said(noor) == []


@pytest.mark.parametrize("button", [{}, {"yes": uuid4()}, {"everything": "perhaps"}, {"yes": "x\0"}])
def test_a_tap_on_nothing_of_ours_is_refused_in_words(cast: Cast, button: dict[str, Any]) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    answer = tap(mother, noor, **button)
    assert (answer.status_code, "Nothing was saved. Tap yes or no." in answer.content.decode()) == (422, True)
    assert said(noor) == []


def test_a_purpose_of_another_school_is_like_none(cast: Cast) -> None:
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    assert tap(mother, noor, yes=purpose(cast.berk, WEBSITE).uid).status_code == 422
    assert Decision.objects.count() == 0


def test_what_was_said_to_what_stands_in_the_trail(cast: Cast) -> None:
    website = purpose(cast.linde, WEBSITE)
    tap(browser(cast, "mother"), cast.child("Noor"), no=website.uid)
    told = AuditEvent.objects.get(subject_kind="decision").facts
    assert (told["purpose"], told["says"]) == (WEBSITE, "no")


def open_round(cast: Cast, *, lapses: bool) -> ConsentRound:
    now = timezone.now()
    opened = ConsentRound.objects.create(
        school=cast.linde,
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=14),
        lapses=lapses,
        opened_by=cast.directie,
    )
    for asked in cast.linde.purposes.all():
        RoundPurpose.objects.create(round=opened, purpose=asked, text_version=asked.texts.count())
    return opened


def answered_before(cast: Cast, **button: Any) -> Any:
    """Noor's mother answered long ago."""
    client = browser(cast, "mother")
    with time_machine.travel(timezone.now() - timedelta(days=10)):
        tap(browser(cast, "mother"), cast.child("Noor"), **button)
    return client


def test_a_yearly_round_asks_a_yes_again_and_one_tap_leaves_it_so(cast: Cast) -> None:
    noor, website = cast.child("Noor"), purpose(cast.linde, WEBSITE)
    mother = answered_before(cast, groups="yes", everybody="yes")
    answered_before(cast, no=website.uid)
    assert "Leave it so" not in page(mother)
    open_round(cast, lapses=True)
    assert "Is it all still right?" in page(mother)
    assert "An earlier yes counts until" in page(mother)
    assert tap(mother, noor, keep="on").status_code == 302
    again = said(noor)[ASKED + 1 :]
    assert (len(again), {says for _, says, _ in again}) == (ASKED - 1, {"yes"})
    assert "Leave it so" not in page(mother)
    assert tap(mother, noor, keep="on").status_code == 302
    assert len(said(noor)) == 2 * ASKED


def test_a_round_that_only_reminds_asks_nothing_again(cast: Cast) -> None:
    mother = answered_before(cast, groups="yes", everybody="yes")
    open_round(cast, lapses=False)
    assert "Leave it so" not in page(mother)
    assert "counts until" not in page(mother)


def test_changed_words_ask_again_kindly_and_lock_nothing(cast: Cast) -> None:
    noor, website = cast.child("Noor"), purpose(cast.linde, WEBSITE)
    mother = answered_before(cast, groups="yes", everybody="yes")
    rewrite(website, "Now also on the site of the foundation.", by=cast.directie, now=timezone.now())
    text = page(mother)
    assert ("Some words were changed." in text, text.count("These words are new.")) == (True, 1)
    assert "You said yes before." in text
    tap(mother, noor, keep="on")
    assert said(noor)[ASKED:] == [(WEBSITE, "yes", 2)]


def test_what_needs_no_yes_is_asked_as_an_objection(cast: Cast) -> None:
    guide = purpose(cast.linde, "school_guide")
    guide.basis = "objection"
    guide.save(update_fields=["basis"])
    mother, noor = browser(cast, "mother"), cast.child("Noor")
    text = page(mother)
    assert ("The school needs no yes for this." in text, text.count("I object")) == (True, 1)
    assert f"0 of {ASKED - 1} questions answered" in text
    tap(mother, noor, no=guide.uid)
    assert pressed(page(mother)) == ["no"]


@pytest.mark.parametrize(("level", "is_told"), [("6", False), ("7", True), ("8", True)])
def test_parents_of_older_children_read_that_the_child_would_rather_not(cast: Cast, level: str, is_told: bool) -> None:
    noor, mother = cast.child("Noor"), browser(cast, "mother")
    tap(mother, noor, groups="yes", everybody="yes")
    type(cast.groep_4).objects.filter(pk=cast.groep_4.pk).update(year_level=level)
    note_reluctance(child=noor, note="Liever niet.", by=Actor(cast.teacher, Hat.ANY, timezone.now()))
    text = page(mother)
    assert ("Noor would rather not be on photos." in text, "Liever niet." in text) == (is_told, False)
    assert ("At this moment: not on the website." in text) == is_told


def test_the_page_asks_the_database_as_much_for_two_children_as_for_one(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for name in ("mother", "parent_of_two"):
        client = browser(cast, name)
        client.get(PAGE)
        with django_assert_num_queries(14):
            assert client.get(PAGE).status_code == 200
