"""What families get by mail: a receipt, and what a round asks; each once, and nothing about somebody else's child."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from consent.asking.domain.purposes import WEBSITE
from consent.asking.services.letters import mail_rounds, remind_families
from consent.models import ConsentRound, RoundPurpose
from groups.models import Caregiver, Guardianship, Level, School
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE, slot_end
from portal.core.models import OutboxItem, OutboxState
from tests import rows
from tests.cast import Cast, address
from tests.consent.answering import begin, browser, purpose, tap, turn_16, words_read

pytestmark = pytest.mark.django_db
NOON = timezone.now().astimezone(SCHOOL_ZONE).replace(hour=12, minute=1, second=0, microsecond=0)
RECEIPT = "What you chose in Kring"


@pytest.fixture(autouse=True)
def _asked(cast: Cast) -> None:
    with time_machine.travel(NOON - timedelta(days=20), tick=False):
        begin(cast)
    Caregiver.objects.filter(joined_at__isnull=False).update(joined_at=NOON - timedelta(days=30))


def sent(now: datetime) -> list[Any]:
    """What leaves until `now`, of what this test wrote."""
    mail.outbox.clear()
    OutboxItem.objects.filter(kind__in=["admitted", "invited", "told"]).update(state=OutboxState.WITHHELD)
    outbox.sweep(now=now)
    return sorted(mail.outbox, key=lambda message: message.to)


def to(messages: list[Any]) -> list[str]:
    return [message.to[0].split("@")[0] for message in messages]


def words(message: Any) -> str:
    return message.body + message.alternatives[0][0]


def at(moment: datetime, cast: Cast, person: str, child: str, **button: Any) -> None:
    with time_machine.travel(moment, tick=False):
        assert tap(browser(cast, person), cast.child(child), **button).status_code == 302


def test_one_receipt_for_everything_that_was_chosen_within_ten_minutes(cast: Cast) -> None:
    website = purpose(cast.linde, WEBSITE).uid
    at(NOON, cast, "parent_of_two", "Finn", yes=website)
    at(NOON + timedelta(minutes=3), cast, "parent_of_two", "Lot", groups="no", everybody="no")
    at(NOON + timedelta(minutes=5), cast, "parent_of_two", "Finn", no=website)
    assert sent(NOON + timedelta(minutes=7)) == []
    [message] = sent(slot_end(NOON))
    assert (message.subject, message.to) == (RECEIPT, [address("parent_of_two")])
    assert "Finn\n- Photos on the website: no\n\nLot\n- Photos in the group: no" in message.body
    assert words(message).count("Photos on the website") == 4
    assert sent(slot_end(NOON) + timedelta(days=1)) == []


def test_a_receipt_is_for_who_chose_and_says_nothing_of_another(cast: Cast) -> None:
    website = purpose(cast.linde, WEBSITE).uid
    at(NOON, cast, "mother", "Noor", yes=website)
    at(NOON, cast, "father", "Noor", no=website)
    messages = sent(slot_end(NOON))
    assert to(messages) == ["father", "mother"]
    told = [("website: no" in message.body, "website: yes" in message.body) for message in messages]
    assert told == [(True, False), (False, True)]


def test_of_children_at_two_schools_each_school_has_its_own_receipt(cast: Cast) -> None:
    noor, parent = cast.child("Noor"), cast.user("parent_elsewhere")
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        rows.caregiver(cast.linde, "Dubbel", noor, level=Level.WITH_AUTHORITY, user=parent)
        access.reproject(users=[parent.pk], children=[noor.pk])
    for guardianship in Guardianship.objects.filter(caregiver__user=parent).select_related("child__school"):
        child = guardianship.child
        with time_machine.travel(NOON, tick=False):
            tap(browser(cast, "parent_elsewhere"), child, yes=purpose(child.school, WEBSITE).uid)
    told = {message.body.partition("\n")[0]: message.body for message in sent(slot_end(NOON))}
    assert {school: ["Noor" in body, "Saar" in body] for school, body in told.items()} == {
        "De Linde": [True, False],
        "De Berk": [False, True],
    }


def test_the_same_answer_again_has_no_receipt(cast: Cast) -> None:
    website = purpose(cast.linde, WEBSITE).uid
    at(NOON, cast, "mother", "Noor", yes=website)
    sent(slot_end(NOON))
    at(NOON + timedelta(hours=1), cast, "mother", "Noor", yes=website)
    assert sent(NOON + timedelta(days=1)) == []


def test_who_lost_authority_meanwhile_gets_no_receipt(cast: Cast) -> None:
    at(NOON, cast, "mother", "Noor", groups="yes", everybody="yes")
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=Actor(cast.directie, Hat.ANY, NOON))
    assert sent(slot_end(NOON)) == []
    assert OutboxItem.objects.get(kind="consent_receipt").state == OutboxState.WITHHELD


def opened(cast: Cast, *, days: int = 14, lapses: bool = True, school: School | None = None) -> ConsentRound:
    school = school or cast.linde
    made = ConsentRound.objects.create(
        school=school,
        opens_at=NOON,
        closes_at=(NOON + timedelta(days=days)).replace(hour=0, minute=0),
        lapses=lapses,
        opened_by=cast.directie,
    )
    for asked in school.purposes.all():
        RoundPurpose.objects.create(round=made, purpose=asked, text_version=1)
    return made


def tick(moment: datetime) -> list[Any]:
    """What the clock's task and a sweep at this moment bring about."""
    mail_rounds(now=moment)
    return sent(moment)


def languages(cast: Cast) -> None:
    type(cast.mother).objects.update(language="en")


DECIDING = [
    "council_member",
    "father",
    "future_parent",
    "mother",
    "other_parent",
    "parent_of_two",
    "teacher_who_is_parent",
]


def test_a_round_writes_to_everybody_who_decides_once(cast: Cast) -> None:
    languages(cast)
    at(NOON - timedelta(days=5), cast, "mother", "Noor", groups="yes", everybody="yes")
    sent(NOON - timedelta(days=4))
    opened(cast)
    assert tick(NOON - timedelta(seconds=1)) == []
    messages = tick(NOON)
    assert to(messages) == DECIDING
    assert {message.subject for message in messages} == {"De Linde asks: what may we show?"}
    mothers = messages[DECIDING.index("mother")]
    assert "Will you choose for Noor?" in mothers.body
    assert "Noor\n- Photos in the group: yes" in mothers.body
    assert "Without an answer it is a no." in mothers.body
    assert "- Photos" not in messages[DECIDING.index("father")].body
    assert tick(NOON + timedelta(minutes=10)) == []


def test_it_reminds_half_way_and_on_the_last_day_only_who_has_still_to_answer(cast: Cast) -> None:
    languages(cast)
    opened(cast)
    tick(NOON)
    at(NOON + timedelta(minutes=20), cast, "mother", "Noor", groups="yes", everybody="yes")
    at(NOON + timedelta(minutes=20), cast, "parent_of_two", "Finn", groups="no", everybody="no")
    sent(NOON + timedelta(hours=2))
    half_way = (NOON + timedelta(days=7)).replace(hour=8, minute=0)
    assert tick(half_way - timedelta(seconds=1)) == []
    messages = tick(half_way)
    assert to(messages) == [name for name in DECIDING if name != "mother"]
    [about_lot] = [message for message in messages if message.to == [address("parent_of_two")]]
    assert ("choose for Lot?" in about_lot.body, "Finn" in words(about_lot)) == (True, False)
    assert tick(half_way + timedelta(hours=3)) == []
    at(half_way, cast, "father", "Noor", groups="no", everybody="no")
    sent(half_way + timedelta(hours=1))
    last = (NOON + timedelta(days=13)).replace(hour=8, minute=0)
    assert tick(last - timedelta(seconds=1)) == []
    messages = tick(last)
    assert to(messages) == [name for name in DECIDING if name not in ("mother", "father")]
    assert {message.subject for message in messages} == {"De Linde asks: will you choose today?"}
    assert tick(NOON + timedelta(days=20)) == []


def test_whose_own_yes_ends_with_the_round_is_asked_too(cast: Cast) -> None:
    """Staff and pupils of sixteen said yes about themselves: it went in silence on the last day (POL-41, 46)."""
    turn_16(cast.child("Tess"), in_days=-30)
    pages = {"teacher": cast.linde.uid, "pupil": cast.child("Tess").uid, "mother": cast.linde.uid}
    fields = words_read(cast.linde)
    with time_machine.travel(NOON - timedelta(days=5), tick=False):
        for name, uid in pages.items():
            answered = browser(cast, name).post(f"/instellingen/toestemming/{uid}/", {**fields, "groups": "yes"})
            assert answered.status_code == 302
    sent(NOON - timedelta(days=4))
    opened(cast)
    messages = {message.to[0].split("@")[0]: message for message in tick(NOON)}
    assert set(messages) == {*DECIDING, "teacher", "pupil"} - {"other_parent"}
    own = "An earlier yes about the own image counts until"
    assert {name for name, message in messages.items() if own in message.body} == set(pages)
    assert "choose for" not in messages["teacher"].body
    assert ("/thuis/toestemming/" in words(messages["teacher"]), "choose for Noor" in messages["mother"].body) == (
        False,
        True,
    )
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        page = browser(cast, "teacher").get("/instellingen/toestemming/").content.decode()
        assert "An earlier yes counts until" in page
        teacher = browser(cast, "teacher")
        assert teacher.post(f"/instellingen/toestemming/{cast.linde.uid}/", {**fields, "keep": "on"}).status_code == 302
    sent(NOON + timedelta(days=2))
    last = (NOON + timedelta(days=13)).replace(hour=8, minute=0)
    reminded = to(tick(last))
    assert ("teacher" in reminded, "pupil" in reminded) == (False, True)


def test_a_round_that_only_reminds_asks_nobody_about_the_own_image(cast: Cast) -> None:
    with time_machine.travel(NOON - timedelta(days=5), tick=False):
        fields = {**words_read(cast.linde), "groups": "yes"}
        browser(cast, "teacher").post(f"/instellingen/toestemming/{cast.linde.uid}/", fields)
    sent(NOON - timedelta(days=4))
    opened(cast, lapses=False)
    assert to(tick(NOON)) == DECIDING


def test_a_round_that_only_reminds_says_what_stands_and_asks_nothing(cast: Cast) -> None:
    languages(cast)
    at(NOON - timedelta(days=5), cast, "mother", "Noor", groups="yes", everybody="yes")
    sent(NOON - timedelta(days=4))
    opened(cast, lapses=False)
    messages = tick(NOON)
    body = messages[to(messages).index("mother")].body
    assert "This is what you chose. Is it still right?" in body
    assert ("choose for" in body, "Without an answer" in body) == (False, False)


def test_who_answered_before_the_mail_leaves_is_not_reminded(cast: Cast) -> None:
    opened(cast)
    tick(NOON)
    half_way = (NOON + timedelta(days=7)).replace(hour=8, minute=0)
    mail_rounds(now=half_way)
    at(half_way, cast, "mother", "Noor", groups="yes", everybody="yes")
    assert "mother" not in to([m for m in sent(half_way) if m.subject != RECEIPT])


def test_a_family_that_came_in_is_asked_once(cast: Cast) -> None:
    languages(cast)
    Caregiver.objects.filter(user=cast.mother).update(joined_at=NOON)
    assert tick(NOON + timedelta(minutes=59)) == []
    [message] = tick(NOON + timedelta(hours=1))
    assert (message.to, "Noor" in message.subject) == ([address("mother")], False)
    assert "choose for Noor?" in message.body
    assert tick(NOON + timedelta(hours=2)) == []


def test_who_came_in_and_meets_a_round_is_asked_by_the_round_only(cast: Cast) -> None:
    Caregiver.objects.filter(user=cast.mother).update(joined_at=NOON - timedelta(hours=1))
    opened(cast)
    assert to(tick(NOON)).count("mother") == 1


def test_a_round_of_another_school_asks_nobody_here(cast: Cast) -> None:
    Caregiver.objects.filter(user=cast.mother).update(joined_at=NOON - timedelta(hours=1))
    made = opened(cast)
    ConsentRound.objects.filter(pk=made.pk).update(school=cast.berk)
    assert to(tick(NOON)).count("mother") == 1


def test_a_family_that_chose_at_once_is_not_asked(cast: Cast) -> None:
    Caregiver.objects.filter(user=cast.mother).update(joined_at=NOON)
    at(NOON + timedelta(minutes=10), cast, "mother", "Noor", groups="no", everybody="no")
    sent(NOON + timedelta(minutes=30))
    assert tick(NOON + timedelta(hours=1)) == []


def test_the_directie_reminds_a_group_once_a_day(cast: Cast) -> None:
    languages(cast)
    at(NOON - timedelta(hours=2), cast, "mother", "Noor", groups="no", everybody="no")
    sent(NOON - timedelta(hours=1))
    in_4 = ["father", "parent_of_two", "teacher_who_is_parent"]
    assert remind_families(group=cast.groep_4, by=Actor(cast.directie, Hat.ANY, NOON)) == len(in_4)
    assert to(sent(NOON)) == in_4
    assert remind_families(group=cast.groep_4, by=Actor(cast.directie, Hat.ANY, NOON + timedelta(hours=1))) == 0
    with pytest.raises(PermissionDenied):
        remind_families(group=cast.groep_4, by=Actor(cast.teacher, Hat.ANY, NOON))


def test_each_mail_is_about_its_round_or_about_the_school_that_asks(cast: Cast) -> None:
    Caregiver.objects.filter(user=cast.mother).update(joined_at=NOON + timedelta(seconds=1))
    asks = opened(cast)
    later = NOON + timedelta(hours=2)
    mail_rounds(now=later)
    remind_families(group=cast.groep_4, by=Actor(cast.directie, Hat.ANY, later))
    rows = OutboxItem.objects.filter(kind__startswith="consent_", recipient=cast.mother, due_at=later)
    columns = ("subject_kind", "subject_uid", "school_uid", "state", "address", "dedupe_key")
    about = {(kind.rpartition("_")[2], *row) for kind, *row in rows.values_list("kind", *columns)}
    linde, mother, day = cast.linde.uid, cast.mother.pk, f"{later:%Y-%m-%d}"
    assert about == {
        ("opened", "consent_round", asks.uid, linde, "pending", "", f"consent_opened:{asks.uid}:{mother}"),
        ("entry", "school", linde, linde, "pending", "", f"consent_entry:{linde}:{mother}"),
        ("reminder", "school", linde, linde, "pending", "", f"consent_reminder:{linde}:{day}:{mother}"),
    }


def test_the_clock_counts_what_all_schools_wrote_together(cast: Cast) -> None:
    """Two rounds that open at one moment, and at both schools a parent who came in: whoever runs it reads how many."""
    opened(cast)
    opened(cast, school=cast.berk)
    new = Caregiver.objects.filter(user__in=[cast.mother, cast.user("parent_elsewhere")])
    new.update(joined_at=NOON + timedelta(seconds=1))
    before = OutboxItem.objects.count()
    assert mail_rounds(now=NOON + timedelta(hours=2)) == OutboxItem.objects.count() - before
    kinds = OutboxItem.objects.filter(due_at=NOON + timedelta(hours=2)).values_list("kind", "school_uid")
    both = {cast.linde.uid, cast.berk.uid}
    assert {school for kind, school in kinds if kind == "consent_opened"} == both
    assert {school for kind, school in kinds if kind == "consent_entry"} == both


def test_mail_is_in_the_readers_own_language(cast: Cast) -> None:
    opened(cast)
    cast.father.language = "nl"
    cast.father.save()
    subjects = {message.to[0]: message.subject for message in tick(NOON)}
    assert subjects[address("father")] == "De Linde vraagt: wat mogen we laten zien?"


@pytest.mark.parametrize("days", [1, 2])
def test_a_short_round_never_writes_twice_a_day(cast: Cast, days: int) -> None:
    opened(cast, days=days)
    moments = [NOON + timedelta(hours=hour) for hour in range(24 * days + 2)]
    days_written = [moment.date() for moment in moments if "mother" in to(tick(moment))]
    assert len(days_written) == len(set(days_written)) == days


def test_a_chunk_asks_the_database_as_much_for_one_as_for_all(cast: Cast, django_assert_max_num_queries: Any) -> None:
    opened(cast)
    mail_rounds(now=NOON)
    with django_assert_max_num_queries(91):  # of which one for each kind of mail there is
        assert len(sent(NOON)) == len(DECIDING)
