"""Drafts handed in: seen by writer and judges only, placed by nobody else, every step kept (POL-07, 08, 71)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.asking.domain.purposes import NAMES, Says
from groups.models import CouncilSeat
from groups.people.services.shields import shield_child
from groups.roles import Hat
from groups.staff.services.staff import end_assignment
from messaging.handins.querysets import judges_of
from messaging.handins.services.handin_reading import difference_of
from messaging.handins.services.handins import return_left
from messaging.models import Handin, HandinState, HandinStep, Image, Message, Placement, Post, Reply, WritingVersion
from messaging.photos.domain import Picture
from messaging.photos.services.gate import GateClosedError
from messaging.photos.services.photos import album_of, find_photo
from messaging.posts.services.posts import Draft, edit_post
from messaging.writings.services.names import NamesRefusedError
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError
from tests.messaging import photo_files
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer, begin, everybody_agrees
from tests.messaging.drafts import WAYS, act_on, add_editor, finders, hand_in
from tests.messaging.steering import second_directie
from tests.share import share

FAMILY, STAFF = Hat.FAMILY.value, Hat.STAFF.value
KINDS = ["council", "school", "advice"]


def waits_for(user, now):
    """How many drafts wait for this person."""
    return Handin.objects.waiting_for(Actor(user, Hat.ANY, now)).count()


def now_of(handin):
    return Handin.objects.select_related("post").get(pk=handin.pk)


def test_only_its_writer_and_who_judges_find_a_draft(town):
    add_editor(town)
    found = {kind: finders(town, hand_in(town, kind)) for kind in KINDS}
    assert found == {
        "council": {("Lotte", FAMILY), ("Petra", STAFF)},
        "school": {("Anna", STAFF), ("Petra", STAFF), ("Els", STAFF)},
        "advice": {("Anna", STAFF), ("Petra", STAFF)},
    }


@pytest.mark.parametrize("kind", KINDS)
def test_who_judges_is_the_same_from_both_ends(town, kind):
    add_editor(town)
    second_directie(town)
    handin = hand_in(town, kind)
    told = set(judges_of(kind=kind, group=handin.post.group, writer=handin.post.author, now=NOW))
    assert told == {
        user for user in town.user.values() if Handin.objects.waiting_for(Actor(user, Hat.ANY, NOW)).exists()
    }
    assert {user for user in town.user.values() if waits_for(user, NOW) == 1} == told


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_is_in_no_feed_letter_album_or_byte_of_others(town, kind, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    everybody_agrees(town)
    by = town.user[WAYS[kind]["by"]]
    [image] = photo_files.uploads(1, by=by, school=town.school, now=NOW, hat=WAYS[kind]["hat"])
    handin = hand_in(town, kind, pictures=[Picture(image.uid)])
    seen = {name for name, user in town.user.items() if find_photo(image.uid, actor=Actor(user, Hat.ANY, NOW))}
    assert seen == {name for name, _hat in finders(town, handin)}
    for user in town.user.values():
        for hat in Hat:
            assert not Post.objects.visible_to(Actor(user, hat, NOW)).exists()
            assert not Placement.objects.visible_to(Actor(user, hat, NOW)).exists()
            assert album_of(handin.post.group, actor=Actor(user, hat, NOW)).photos == []
    assert not Post.objects.visible_pairs(town.user.values(), now=NOW).exists()
    assert not OutboxItem.objects.filter(kind__in=("messages", "digest", "message")).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=handin.post.pk).update(published_at=NOW)


def test_on_behalf_of_the_council(town):
    handin = hand_in(town)
    act_on(town, handin, "approve", now=later(minutes=5))
    post = now_of(handin).post
    assert (post.state, post.published_at, post.author) == ("published", later(minutes=5), town.user["Lotte"])
    assert (post.author_name, post.author_function) == ("Lotte Bouzid", "namens de MR")
    readers = {
        name
        for name, user in town.user.items()
        if Post.objects.visible_to(Actor(user, Hat.ANY, later(minutes=5))).exists()
    }
    assert {"Karima", "Said", "Lotte", "Anna", "Petra"} <= readers
    assert not Post.objects.editable_by(Actor(town.user["Lotte"], FAMILY, later(minutes=5))).exists()
    with pytest.raises(PermissionDenied):
        edit_post(
            post=post,
            version=1,
            topic="update",
            title="X",
            text="X",
            replies="on",
            by=Actor(town.user["Lotte"], FAMILY, later(minutes=5)),
        )


def test_the_writer_sees_what_the_directie_changed(town):
    handin = hand_in(town, text="Wie denkt er met ons mee?")
    assert difference_of(now_of(handin)) is None
    act_on(town, handin, "approve", text="Wie denkt er dit jaar met ons mee?")
    changes = difference_of(now_of(handin))
    assert [(piece.text.strip(), piece.change) for piece in changes.text if piece.change != "kept"] == [
        ("dit jaar", "new")
    ]
    steps = HandinStep.objects.order_by("number").values_list("kind", "by_name", "post_version")
    assert list(steps) == [
        ("handed_in", "Lotte Bouzid", 1),
        ("changed", "Petra Schuurman", 2),
        ("placed", "Petra Schuurman", 2),
    ]
    versions = WritingVersion.objects.order_by("number")
    assert list(versions.values_list("written_by__name", flat=True)) == ["Lotte", "Petra"]
    assert now_of(handin).post.edited_at is None


@pytest.mark.parametrize("kind", KINDS)
def test_given_back_with_a_word_changed_and_handed_in_again(town, kind):
    handin = hand_in(town, kind)
    act_on(town, handin, "return", word="Noem de datum.")
    assert now_of(handin).state == HandinState.RETURNED
    assert HandinStep.objects.get(kind="returned").word == "Noem de datum."
    act_on(town, handin, "again", text="Wie denkt er mee, op 3 december?")
    assert (now_of(handin).state, now_of(handin).post.version) == (HandinState.WAITING, 2)
    assert now_of(handin).post.state == "submitted"


def test_given_back_with_other_words_the_writer_sees_both(town):
    """Nothing that who judges typed is lost, and nothing of it is placed by itself."""
    handin = hand_in(town, "council")
    mine = now_of(handin).post.text
    words = {name: getattr(handin.post, name) for name in ("topic", "title", "replies")}
    act_on(town, handin, "return", draft=Draft({**words, "text": f"{mine} Graag."}))
    given = now_of(handin)
    assert (given.state, given.post.text, given.post.state) == (HandinState.RETURNED, f"{mine} Graag.", "submitted")
    assert [(one.text.strip(), one.change) for one in difference_of(given).text if one.change != "kept"] == [
        ("Graag.", "new")
    ]
    act_on(town, handin, "again", text=mine)
    assert (now_of(handin).post.text, difference_of(now_of(handin))) == (mine, None)


def test_the_directie_reads_first_and_the_teacher_places(town):
    handin = hand_in(town, "advice")
    with pytest.raises(PermissionDenied):
        act_on(town, handin, "approve")
    with pytest.raises(PermissionDenied):
        act_on(town, handin, "place")
    act_on(town, handin, "agree")
    assert not Post.objects.visible_to(Actor(town.user["Karima"], Hat.ANY, NOW)).exists()
    act_on(town, handin, "place", now=later(minutes=1))
    post = now_of(handin).post
    assert (post.state, post.group, post.author_function) == ("published", town.group["g4"], "leerkracht groep 4")
    assert Post.objects.visible_to(Actor(town.user["Karima"], Hat.ANY, later(minutes=1))).get() == post


def test_a_word_is_advice_and_no_lock(town):
    handin = hand_in(town, "advice")
    act_on(town, handin, "return")
    act_on(town, handin, "place", text="Anders.")
    assert now_of(handin).post.text == "Anders."


@pytest.mark.parametrize("kind", KINDS)
def test_withdrawn_is_gone_for_everybody(town, kind):
    handin = hand_in(town, kind)
    act_on(town, handin, "withdraw")
    assert finders(town, handin) == set()
    assert now_of(handin).post.state == "retracted"
    for act in ("return", "agree" if kind == "advice" else "approve", "again", "withdraw"):
        with pytest.raises(PermissionDenied):
            act_on(town, handin, act)


# Who may not


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("council", {"by": "Karima"}),
        ("council", {"by": "Anna", "hat": STAFF}),
        ("council", {"hat": STAFF}),
        ("council", {"group": "g4"}),
        ("council", {"council": "g4"}),
        ("school", {"by": "Lotte", "hat": FAMILY}),
        ("school", {"by": "Karima", "hat": FAMILY}),
        ("school", {"by": "Petra"}),
        ("school", {"group": "g4"}),
        ("advice", {"by": "Joost"}),
        ("advice", {"by": "Karima", "hat": FAMILY}),
        ("advice", {"by": "Petra"}),
    ],
)
def test_who_cannot_hand_in(town, kind, more):
    with pytest.raises(PermissionDenied):
        hand_in(town, kind, **more)
    assert not Post.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", ["Lotte", "Anna", "Joost", "Karima", "Harm", "Els"])
def test_who_cannot_judge(town, kind, by):
    add_editor(town)
    handin = hand_in(town, kind)
    for act in ("return", "agree" if kind == "advice" else "approve"):
        if (kind, by) == ("school", "Els"):
            continue
        with pytest.raises(PermissionDenied):
            act_on(town, handin, act, by=by)
    assert now_of(handin).state == HandinState.WAITING


def test_an_editor_judges_what_is_for_the_whole_school(town):
    add_editor(town)
    handin = hand_in(town, "school")
    act_on(town, handin, "approve", by="Els")
    post = now_of(handin).post
    assert (post.author_name, post.author_function) == ("juf Anna", "leerkracht groep 4")


# Meanwhile


def test_two_who_judge_at_once_give_one_answer(town):
    second_directie(town)
    handin = hand_in(town)
    act_on(town, handin, "return", version=1)
    for act in ("approve", "return"):
        with pytest.raises((PermissionDenied, EditedMeanwhileError)):
            act_on(town, handin, act, by="Ruud", version=1)
    act_on(town, handin, "again")
    with pytest.raises(EditedMeanwhileError):
        act_on(town, handin, "approve", by="Ruud", version=1)
    assert not Post.objects.filter(state="published").exists()


@pytest.mark.parametrize("staying", [[], ["Said"]])
def test_a_seat_that_ended_meanwhile_stops_the_placing(town, staying):
    """Also where somebody else of the council stays."""
    for name in staying:
        CouncilSeat.objects.create(group=town.group["@mr"], caregiver=town.caregiver[name], valid_from=NOW)
    town.sync()
    handin = hand_in(town)
    CouncilSeat.objects.filter(caregiver=town.caregiver["Lotte"]).update(valid_until=later(hours=1))
    town.sync(later(hours=1))
    at = later(hours=1)
    with pytest.raises(PermissionDenied):
        act_on(town, handin, "approve", now=at)
    act_on(town, handin, "return", now=at)
    with pytest.raises(PermissionDenied):
        act_on(town, handin, "again", now=at)
    act_on(town, handin, "withdraw", now=at)


def test_a_teacher_who_left_the_group_places_nothing_there(town):
    handin = hand_in(town, "advice")
    act_on(town, handin, "agree")
    end_assignment(assignment=town.staff["Anna"].assignments.get(), by=clock(later(hours=1)))
    with pytest.raises(PermissionDenied):
        act_on(town, handin, "place", now=later(hours=1))
    assert finders(town, handin, now=later(hours=1)) == {("Petra", STAFF)}


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_school_year_nobody_judges_what_was_left(town, kind):
    handin, over = hand_in(town, kind), town.year.ends_at
    assert waits_for(town.user["Petra"], over - timedelta(seconds=1)) == 1
    assert waits_for(town.user["Petra"], over) == 0
    with pytest.raises(PermissionDenied):
        act_on(town, handin, "agree" if kind == "advice" else "approve", now=over)
    assert {name for name, _hat in finders(town, handin, now=over)} == {WAYS[kind]["by"]}
    act_on(town, handin, "withdraw", now=over)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_left_when_the_school_year_ended_comes_back_to_its_writer(town, kind):
    """It waited for ever, and its writer read that it waits for an answer."""
    handin, over = hand_in(town, kind), town.year.ends_at
    outbox.sweep(now=later(days=1))
    mail.outbox.clear()
    assert [return_left(now=over + timedelta(seconds=wait)) for wait in (-1, 0, 1)] == [0, 1, 0]
    last = HandinStep.objects.order_by("number").last()
    said = (last.kind, last.by_name, last.by_function, last.word)
    assert said == ("returned", "De Proef", "", "Het schooljaar is voorbij. Lever het opnieuw in.")
    assert now_of(handin).state == "returned"
    outbox.sweep(now=over + timedelta(days=3))
    told = [one.to for one in mail.outbox if one.subject == "Het concept is terug met een toelichting"]
    assert told == [[f"{WAYS[kind]['by'].lower()}@post.example"]]


def test_a_double_click_is_one_draft(town):
    key = uuid4()
    first = hand_in(town, submission_key=key)
    for again in (key, uuid4()):
        with pytest.raises(AlreadySubmittedError) as refused:
            hand_in(town, submission_key=again, now=later(minutes=1))
        assert (refused.value.subject_kind, refused.value.subject_uid) == ("handin", first.uid)
    assert Handin.objects.count() == Post.objects.count() == 1


# Photos and names: the gate at handing in and again at placing


@pytest.fixture
def image(town, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    everybody_agrees(town)
    [found] = photo_files.uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    return found


def test_names_pass_the_gate_when_handed_in_and_when_placed(town, agreed):
    answer(town, "Fenna", key=NAMES)
    handin = hand_in(town, "school", text="Fenna wint.")
    answer(town, "Fenna", Says.NO, key=NAMES)
    with pytest.raises(NamesRefusedError):
        act_on(town, handin, "approve")
    with pytest.raises(NamesRefusedError):
        hand_in(town, "school", title="Nog eens", text="Fenna wint.")
    assert now_of(handin).state == HandinState.WAITING
    act_on(town, handin, "approve", text="Iemand wint.")


def test_a_parent_in_a_council_learns_no_other_familys_answer_and_who_places_is_asked(town, agreed):
    answer(town, "Fenna", key=NAMES)
    answer(town, "Mees", Says.NO, key=NAMES)
    said = [hand_in(town, title=name, text=f"{name} wint.") for name in ("Fenna", "Mees")]
    act_on(town, said[0], "approve")
    with pytest.raises(NamesRefusedError):
        act_on(town, said[1], "approve")
    assert [now_of(one).state for one in said] == [HandinState.PLACED, HandinState.WAITING]


@pytest.mark.parametrize("asks", [False, True], ids=["the school asks nothing", "the school asks"])
def test_who_hands_in_is_not_told_that_a_shielded_child_is_at_the_school(town, asks):
    """Joost of groep 5 hears no Noor named; Anna, who teaches her, is stopped, and so is who places it."""
    if asks:
        begin(town)
        answer(town, "Noor", key=NAMES)
    shield_child(child=town.child["Noor"], reason="blijfhuis", by=Actor(town.user["Petra"], STAFF, NOW))
    named = {"title": "Noor", "text": "Noor wint."}
    handin = hand_in(town, "school", by="Joost", **named)
    for refused in (
        lambda: hand_in(town, "school", by="Anna", **named),
        lambda: act_on(town, handin, "approve"),
    ):
        with pytest.raises(NamesRefusedError):
            refused()


def test_a_no_meanwhile_hides_the_photo_and_stops_the_placing(town, image):
    marked = Picture(image.uid, marks=frozenset({town.child["Noor"].uid}))
    handin = hand_in(town, "advice", pictures=[marked])
    assert {name for name, user in town.user.items() if find_photo(image.uid, actor=Actor(user, Hat.ANY, NOW))} == {
        "Anna",
        "Petra",
    }
    act_on(town, handin, "agree")
    answer(town, "Noor", Says.NO, by="Said")
    for user in town.user.values():
        assert not Image.objects.visible_to(Actor(user, Hat.ANY, NOW)).exists()
    with pytest.raises(GateClosedError):
        act_on(town, handin, "place")
    act_on(town, handin, "place", pictures=[])
    assert now_of(handin).post.state == "published"
    assert not Placement.objects.visible_to(Actor(town.user["Karima"], Hat.ANY, NOW)).exists()


def test_who_judges_leaves_a_photo_out(town, image):
    handin = hand_in(town, "school", pictures=[Picture(image.uid)])
    act_on(town, handin, "approve", pictures=[])
    assert not Placement.objects.filter(removed_at=None).exists()
    assert HandinStep.objects.filter(kind="changed").count() == 1


# Mail


def test_mail_goes_to_who_has_to_act_and_says_nothing_of_it(town):
    handin = hand_in(town, text="Geheim.")
    outbox.sweep(now=later(hours=1))
    act_on(town, handin, "return", now=later(hours=2))
    outbox.sweep(now=later(hours=3))
    sent = [one for one in mail.outbox if one.to[0].endswith("@post.example")]
    assert [one.to[0].split("@")[0] for one in sent] == ["petra", "lotte"]
    for one in sent:
        whole = one.subject + one.body + one.alternatives[0][0]
        assert not any(word in whole for word in ("Geheim", "De MR zoekt", "Lotte", "korter"))
        assert str(handin.uid) in whole


def test_mail_about_what_waits_no_more_stays_away(town):
    handin = hand_in(town)
    act_on(town, handin, "withdraw")
    outbox.sweep(now=later(days=1))
    assert [one for one in mail.outbox if one.to[0] == "petra@post.example"] == []


def test_the_trail_has_every_step_and_no_words(town):
    handin = hand_in(town)
    act_on(town, handin, "approve", text="Iets anders.")
    told = AuditEvent.objects.filter(subject_kind="handin").order_by("pk")
    assert [event.verb for event in told] == ["handin.handed_in", "handin.changed", "handin.placed"]
    assert "anders" not in str([event.facts for event in AuditEvent.objects.all()])


# Any order of acts against the plainest model of it

ACTS = ["approve", "agree", "return", "again", "place", "withdraw"]
MOVES = {
    ("waiting", "return"): "returned",
    ("waiting", "withdraw"): "withdrawn",
    ("returned", "again"): "waiting",
    ("returned", "withdraw"): "withdrawn",
    ("agreed", "again"): "waiting",
    ("agreed", "withdraw"): "withdrawn",
}
OWN_MOVES = {
    "council": {("waiting", "approve"): "placed"},
    "school": {("waiting", "approve"): "placed"},
    "advice": {("waiting", "agree"): "agreed", ("returned", "place"): "placed", ("agreed", "place"): "placed"},
}
POST_STATES = {"placed": "published", "withdrawn": "retracted"}


@given(kind=st.sampled_from(KINDS), acts=st.lists(st.sampled_from(ACTS), max_size=8))
@settings(max_examples=share(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_state_and_act_is_the_table(town, kind, acts):
    with transaction.atomic():
        handin, state, steps = hand_in(town, kind), "waiting", 1
        for act in acts:
            to = (MOVES | OWN_MOVES[kind]).get((state, act))
            if to is None:
                with pytest.raises(PermissionDenied), transaction.atomic():
                    act_on(town, handin, act)
            else:
                act_on(town, handin, act)
                state, steps = to, steps + 1
            current = now_of(handin)
            assert (current.state, current.steps.count()) == (state, steps)
            assert current.post.state == POST_STATES.get(state, "submitted")
            read = Post.objects.visible_to(Actor(town.user["Karima"], Hat.ANY, NOW)).filter(pk=current.post.pk).exists()
            assert read == (state == "placed")
        assert not Reply.objects.exists()
        assert not Message.objects.exists()
        transaction.set_rollback(True)
