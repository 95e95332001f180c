"""What school tells somebody: who is told what, who reads it, and where the answer comes (POL-61, 63, 65, 66)."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.letters.services.claims import unlink_account
from groups.models import Caregiver, Guardianship, Level, StaffAssignment, StaffMember, Telling, TellingAnswer
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.roles import Hat, Role
from groups.staff.services.staff import end_assignment
from groups.told import services
from messaging.posts.services.posts import publish_post
from messaging.removing.services.removal import remove_written, retract_written
from messaging.writings.services.written import hide_written, show_written
from moderation.access_requests.services.access_requests import draw_up
from moderation.cases.services.cases import hide_reported
from moderation.cases.services.measures import NotHeardError, NotToldError, record_measure, restore_access
from moderation.cases.services.notes import address_colleague
from moderation.cases.services.telling import answers_for, find_answered, tell_of_left_answers
from moderation.models import Case, Measure
from portal.core import access, waiting
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox.kinds import kind_of
from tests import rows
from tests.cast import NAMES, Cast
from tests.messaging.pages import page_text
from tests.moderation.asking import start
from tests.moderation.reporting import reported, visit
from tests.moderation.test_dossier_pages import come_in
from tests.scene import Scene

FAMILY, STAFF, WHY = Hat.FAMILY, Hat.STAFF, "De toon kwetst meester Joost."


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def _nothing_told_before(scene: Scene) -> None:
    """In the scene there are hidden and removed texts, of which their writers were told."""
    OutboxItem.objects.filter(kind=services.TOLD).delete()
    Telling.objects.all().delete()


@pytest.fixture
def case(cast: Cast, scene: Scene) -> Case:
    """The father of Noor doubts what her mother replied in groep 4."""
    return reported(cast, scene.reply).case


def worn(user: Any, hat: str = Hat.STAFF) -> Actor:
    return Actor(user, hat, timezone.now())


def told_to(user: Any) -> list[str]:
    return list(Telling.objects.filter(to=user).order_by("pk").values_list("kind", flat=True))


def hidden(cast: Cast, scene: Scene) -> Telling:
    hide_written(written=scene.reply, by=worn(cast.teacher))
    return Telling.objects.get()


def sees(cast: Cast, name: str, telling: Telling) -> int:
    return visit(cast, name).get(reverse("groups:telling", args=[telling.hat, telling.uid])).status_code


def test_who_is_hidden_and_shown_again_is_told_both(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    hide_written(written=scene.reply, by=worn(cast.teacher))
    assert told_to(cast.mother) == ["hidden"]
    show_written(written=scene.reply, by=worn(cast.teacher))
    assert told_to(cast.mother) == ["hidden", "shown"]
    assert (telling.hat, telling.about_uid, telling.author_name) == ("family", scene.reply.uid, "Juf teacher")
    assert {name for name in NAMES if name != "anonymous" and sees(cast, name, telling) == 200} == {"mother"}
    assert visit(cast, "mother").get(reverse("groups:telling", args=["staff", telling.uid])).status_code == 404


def test_the_line_on_every_page_counts_what_waits(cast: Cast, scene: Scene) -> None:
    hidden(cast, scene)
    mothers = visit(cast, "mother")
    assert "A message from school waits for you. Read it" in page_text(mothers.get("/thuis/berichten/"))
    show_written(written=scene.reply, by=worn(cast.teacher))
    assert "2 messages from school wait for you. Read them" in page_text(mothers.get("/thuis/berichten/"))


def test_what_one_takes_away_oneself_is_told_to_nobody(cast: Cast, scene: Scene) -> None:
    retract_written(written=scene.reply, by=worn(cast.mother, FAMILY))
    assert not Telling.objects.exists()


def test_taken_back_under_report_its_writer_hears_no_difference(cast: Cast, case: Case) -> None:
    assert case.writing
    retract_written(written=case.writing, by=worn(cast.mother, FAMILY))
    assert not Telling.objects.exists()


def test_a_removal_is_told_without_the_reason_of_the_dossier(cast: Cast, scene: Scene) -> None:
    remove_written(written=scene.reply, reason="Melding van de vader.", by=worn(cast.teacher))
    telling = Telling.objects.get()
    assert (telling.kind, telling.words) == ("removed", "")
    page = visit(cast, "mother").get(reverse("groups:telling", args=["family", telling.uid])).content.decode()
    assert "vader" not in page


def test_the_mail_says_only_that_something_waits(cast: Cast, case: Case) -> None:
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    [row] = OutboxItem.objects.filter(kind="told")
    [mail] = kind_of(row.kind).render([row], timezone.now())
    telling = Telling.objects.get()
    assert row.recipient == cast.mother
    assert reverse("groups:telling", args=["family", telling.uid]) in mail.text
    assert not [word for word in (WHY, "Noor", "groep", "Father", "hidden") if word in mail.text]
    cast.mother.is_active = False
    cast.mother.save(update_fields=["is_active"])
    [withheld] = kind_of(row.kind).render(list(OutboxItem.objects.filter(pk=row.pk)), timezone.now())
    assert not hasattr(withheld, "text")
    cast.mother.is_active = True
    cast.mother.save(update_fields=["is_active"])


def test_what_is_not_told_yet_stays_in_the_case(cast: Cast, case: Case) -> None:
    hide_reported(case=case, withheld_because="Er is gevaar voor een kind.", by=worn(cast.directie))
    telling = Telling.objects.get()
    assert sees(cast, "mother", telling) == 404
    assert not OutboxItem.objects.filter(kind="told").exists()
    assert services.waits_on_a_page(worn(cast.mother, FAMILY)) == {}
    page = visit(cast, "directie").get(reverse("moderation:case", args=[case.uid])).content.decode()
    assert "Er is gevaar voor een kind." in page
    assert case.writing
    show_written(written=case.writing, by=worn(cast.directie))
    assert told_to(cast.mother) == ["hidden"]


def test_nobody_is_warned_or_limited_unheard_or_untold(cast: Cast, case: Case) -> None:
    by, facts = worn(cast.directie, Hat.ANY), {"case": case, "kind": "warning", "words": "Intern."}
    with pytest.raises(NotHeardError):
        record_measure(**facts, told=WHY, by=by)
    with pytest.raises(NotToldError):
        record_measure(**facts, heard=True, by=by)
    assert not Measure.objects.exists()
    record_measure(**facts, told=WHY, why_unheard="Het kon niet wachten.", by=by)
    assert Measure.objects.get().why_unheard == "Het kon niet wachten."
    telling = Telling.objects.get()
    assert (telling.kind, telling.words, telling.case_uid) == ("warning", WHY, case.uid)
    page = visit(cast, "mother").get(reverse("groups:telling", args=["family", telling.uid])).content.decode()
    assert (WHY in page, "Intern." in page, "Father" in page) == (True, False, False)


def test_the_form_asks_for_both_in_words_and_keeps_what_was_typed(cast: Cast, case: Case) -> None:
    client, url = visit(cast, "directie"), reverse("moderation:measure", args=[case.uid])
    answer = client.post(url, {"kind": "warning", "words": "Intern.", "told": WHY}, headers={"accept-language": "en"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert ("Hear the person first." in page, WHY in page) == (True, True)


def test_of_what_goes_outside_the_school_nobody_is_told(cast: Cast, case: Case) -> None:
    for kind in ("note", "police", "inspector"):
        record_measure(case=case, kind=kind, words="W.", told=WHY, why_outside="Om.", by=worn(cast.directie, Hat.ANY))
    assert not Telling.objects.exists()


def test_access_that_is_given_back_is_told(cast: Cast, case: Case) -> None:
    until = timezone.localdate() + timedelta(days=2)
    facts = {"words": "Intern.", "told": WHY, "heard": True, "until": until}
    record_measure(case=case, kind="suspended", **facts, by=worn(cast.directie, Hat.ANY))
    telling = Telling.objects.get()
    assert telling.until is not None
    assert sees(cast, "mother", telling) == 200
    restore_access(case=case, by=worn(cast.directie, Hat.ANY))
    assert told_to(cast.mother) == ["suspended", "restored"]


def test_the_answer_comes_to_who_handles_the_case_and_waits_there(cast: Cast, case: Case) -> None:
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    telling = Telling.objects.get()
    mother, page = visit(cast, "mother"), reverse("groups:telling", args=["family", telling.uid])
    assert "groups/told/telling.html" in [one.name for one in mother.get(page).templates]
    for _ in range(2):
        assert mother.post(page, {"text": "Dat was niet mijn bedoeling."}).status_code == 302
    answer = TellingAnswer.objects.get()
    read = reverse("moderation:answered", args=[telling.uid])
    opens = {name for name in NAMES if name != "anonymous" and visit(cast, name).get(read).status_code == 200}
    assert opens == {"directie", "teacher", "duo_teacher", "substitute", "teacher_two_groups"} & opens
    assert {"directie"} <= opens
    assert "Dat was niet mijn bedoeling." in visit(cast, "directie").get(read).content.decode()
    lines = [row.line.url for row in waiting.listed(worn(cast.directie, Hat.ANY))[0:30]]
    assert read in lines
    [mail_row] = OutboxItem.objects.filter(kind="told_answered")
    assert mail_row.recipient == cast.directie
    [mail] = kind_of("told_answered").render([mail_row], timezone.now())
    assert (read in mail.text, "bedoeling" in mail.text) == (True, False)
    reader = visit(cast, "directie")
    assert reader.post(read, put_away_form(reader, read)).url == "/"
    answer.refresh_from_db()
    assert answer.seen_by == cast.directie
    assert read not in [row.line.url for row in waiting.listed(worn(cast.directie, Hat.ANY))[0:30]]
    [late] = kind_of("told_answered").render([mail_row], timezone.now())
    assert not hasattr(late, "text")


def test_read_is_what_stood_on_the_page_and_not_what_came_since(cast: Cast, case: Case) -> None:
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    telling, mother = Telling.objects.get(), worn(cast.mother, FAMILY)
    services.answer(telling, text="Dat was niet mijn bedoeling.", by=mother)
    directie, read = visit(cast, "directie"), answered_page(telling)
    shown = put_away_form(directie, read)
    services.answer(telling, text="Mijn kind slaapt er niet van.", by=mother)
    assert directie.post(read, shown).url == read
    assert [one.seen_at is None for one in TellingAnswer.objects.order_by("pk")] == [False, True]
    assert read in [row.line.url for row in waiting.listed(worn(cast.directie, Hat.ANY))[0:30]]
    assert "slaapt er niet van" in directie.get(read).content.decode()


def test_an_answer_without_a_case_is_for_who_told_it_and_the_directie(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    services.answer(telling, text="Waarom?", by=worn(cast.mother, FAMILY))
    reads = {
        name
        for name in NAMES
        if name not in {"anonymous", "inactive"} and find_answered(telling.uid, actor=worn(cast.user(name), Hat.ANY))
    }
    assert reads == {"teacher", "directie"}


@pytest.mark.parametrize("ends", [False, True])
def test_what_an_adult_of_an_own_child_writes_back_is_for_somebody_else_of_the_directie(cast: Cast, ends: bool) -> None:
    """Lies, who directs De Linde too, is Noor's stepmother: what Noor's father writes to Dirk is not hers to read."""
    lies = rows.account("lies@cast.example", name="Lies")
    rows.staff(cast.linde, "Lies", Role.DIRECTIE, user=lies)
    access.reproject(users=[lies.pk])
    row, by = cast.guardianship("father", "Noor"), worn(cast.directie, Hat.ANY)
    if ends:
        end_guardianship(guardianship=row, by=by)
    else:
        decide_guardianship(guardianship=row, level=Level.ADMITTED_READER, by=by)
    telling = Telling.objects.get(to=cast.father)
    services.answer(telling, text="Lies stookt.", by=worn(cast.father, FAMILY))
    page = reverse("moderation:answered", args=[telling.uid])
    lists = [worn(lies, Hat.ANY), worn(cast.directie, Hat.ANY)]
    assert [answers_for(one).count() for one in lists] == [1, 1]
    rows.caregiver(cast.linde, "Lies", cast.child("Noor"), user=lies)
    access.reproject(users=[lies.pk])
    assert [answers_for(one).count() for one in lists] == [0, 1]
    assert find_answered(telling.uid, actor=lists[0]) is None
    assert visit(cast, "directie").get(page).status_code == 200


def test_what_was_written_back_is_found_again_at_school_also_without_a_case(cast: Cast, scene: Scene) -> None:
    """A teacher has no desk: what waits stands under the cases, and stays there when it was read."""
    telling, page = hidden(cast, scene), reverse("moderation:answers")
    assert answered_page(telling) not in visit(cast, "teacher").get(page).content.decode()
    services.answer(telling, text="Waarom?", by=worn(cast.mother, FAMILY))
    teacher = visit(cast, "teacher")
    assert [one.waits for one, _ in teacher.get(page).context["lines"]] == [True]
    teacher.post(answered_page(telling), put_away_form(teacher, answered_page(telling)))
    for name, finds in (("teacher", True), ("directie", True), ("case_officer", False)):
        listed = visit(cast, name).get(page).content.decode()
        assert (answered_page(telling) in listed) is finds
    assert [one.waits for one, _ in teacher.get(page).context["lines"]] == [False]


def test_who_moderates_nothing_finds_what_was_written_back_to_a_kind_word(cast: Cast, scene: Scene) -> None:
    """A colleague without a class has no cases: it stands with what school told her, new or read."""
    page, own = reverse("moderation:answers"), reverse("groups:told", args=["staff"])
    by = worn(cast.editor, STAFF)
    order = {"topic": "notice", "title": "Let op", "text": "Zo niet.", "replies": "off"}
    [post] = publish_post(groups=[cast.whole_school], by=by, **order)
    note = address_colleague(written=post, text="Dag!", by=worn(cast.colleague, Hat.ANY))
    telling, reader = Telling.objects.get(uid=note.uid), visit(cast, "colleague")
    assert (reader.get(page).status_code, page in reader.get(own).content.decode()) == (404, False)
    services.answer(telling, text="Dank je.", by=by)
    for is_new in (True, False):
        assert page in reader.get(own).content.decode()
        listed = reader.get(page)
        assert [one.waits for one, _ in listed.context["lines"]] == [is_new]
        assert f'href="{own}"' in listed.content.decode()
        assert f'"{reverse("moderation:cases")}"' not in listed.content.decode()
        if is_new:
            sent = put_away_form(reader, answered_page(telling))
            assert "From school to you" in reader.post(answered_page(telling), sent, follow=True).content.decode()
    assert page not in visit(cast, "editor").get(own).content.decode()


def test_the_same_words_count_again_after_ten_minutes(cast: Cast, scene: Scene) -> None:
    telling, mother = hidden(cast, scene), worn(cast.mother, FAMILY)
    for minutes in (0, 9, 11):
        later = mother._replace(now=mother.now + timedelta(minutes=minutes))
        services.answer(telling, text="Wilt u mij bellen?", by=later)
    assert telling.answers.count() == 2


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_of_what_was_written_back_asks_the_same_for_one_and_for_three(
    cast: Cast, scene: Scene, django_assert_num_queries: Any, more: int
) -> None:
    telling, reader, page = hidden(cast, scene), visit(cast, "directie"), reverse("moderation:answers")
    services.answer(telling, text="Waarom?", by=worn(cast.mother, FAMILY))
    for _ in range(more):
        again = Telling.objects.get(pk=telling.pk)
        again.pk, again.uid = None, uuid4()
        again.save()
        services.answer(again, text="Waarom?", by=worn(cast.mother, FAMILY))
    reader.get(page)
    with django_assert_num_queries(9):
        assert len(reader.get(page).context["lines"]) == 1 + more


def test_nobody_answers_for_another_or_too_often(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    for name in ("father", "teacher", "directie"):
        with pytest.raises(PermissionDenied):
            services.answer(telling, text="Ik.", by=worn(cast.user(name), FAMILY))
    with pytest.raises(PermissionDenied):
        services.answer(telling, text="Ik.", by=worn(cast.mother, STAFF))
    for number in range(services.MOST_ANSWERS):
        services.answer(telling, text=f"Nog iets, {number}.", by=worn(cast.mother, FAMILY))
    with pytest.raises(services.EnoughAnswersError):
        services.answer(telling, text="Te veel.", by=worn(cast.mother, FAMILY))
    page = reverse("groups:telling", args=["family", telling.uid])
    answer = visit(cast, "mother").post(page, {"text": "Te veel."})
    assert (answer.status_code, "Te veel." in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("came_in", [True, False])
def test_what_only_the_own_family_could_read_at_school_is_for_the_case_officer(
    cast: Cast, scene: Scene, came_in: bool
) -> None:
    """Petra is all there is of the directie, and Noor's stepmother, also while she did not come in as that; Anna, who
    hid it, works there no more and stays a mother there. No words are lost.
    """
    telling = hidden(cast, scene)
    services.answer(telling, text="Waarom?", by=worn(cast.mother, FAMILY))

    def readers() -> set[str]:
        people = [name for name in NAMES if name != "anonymous"]
        return {name for name in people if answers_for(worn(cast.user(name), Hat.ANY)).exists()}

    assert readers() == {"teacher", "directie"}
    said = {"user": cast.directie} if came_in else {"email": cast.directie.email}
    rows.caregiver(cast.linde, "Petra", cast.child("Noor"), **said)
    assert readers() == {"teacher"}
    rows.caregiver(cast.linde, "Anna", cast.child("Finn"), user=cast.teacher)
    for task in StaffAssignment.objects.filter(staff__user=cast.teacher).active(now=timezone.now()):
        end_assignment(assignment=task, by=worn(cast.directie, Hat.ANY))
    assert readers() == {"case_officer"}
    assert waiting.count(worn(cast.case_officer, Hat.ANY)) == 1, "also where no page read her rights first"
    assert "Waarom?" in visit(cast, "case_officer").get(answered_page(telling)).content.decode()
    come_in("tweede", Role.DIRECTIE, cast)
    assert readers() == set()


def put_away_form(reader: Client, page: str) -> dict[str, str]:
    """What its button sends."""
    form = reader.get(page).content.decode().partition('class="list"')[2]
    return dict(re.findall(r'name="(\w+)" value="([^"]+)"', form))


def answered_page(telling: Telling) -> str:
    return reverse("moderation:answered", args=[telling.uid])


def test_who_was_not_that_parent_reads_no_more_what_the_parent_was_told(cast: Cast, scene: Scene) -> None:
    """Neither what it said nor that there is something, nor is it mailed; another parent who left school reads on."""
    telling = hidden(cast, scene)
    account, page = visit(cast, "mother"), reverse("groups:telling", args=["family", telling.uid])
    assert (account.get(page).status_code, services.waits_on_a_page(worn(cast.mother))) == (200, {"family": 1})
    [row] = OutboxItem.objects.filter(kind=services.TOLD)
    unlink_account(caregiver=Caregiver.objects.get(user=cast.mother), by=worn(cast.directie, Hat.ANY))
    cache.clear()
    again = visit(cast, "mother")
    assert (again.get(page).status_code, services.waits_on_a_page(worn(cast.mother))) == (404, {})
    assert again.post(page, {"text": "Toch nog."}).status_code == 404
    assert not again.get(reverse("groups:told", args=["family"])).context["page"].object_list
    [mail] = kind_of(row.kind).render([row], timezone.now())
    assert not hasattr(mail, "text")


def test_that_one_was_not_that_parent_takes_nothing_from_others_nor_at_another_school(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    mother = Caregiver.objects.get(user=cast.mother)
    unlink_account(caregiver=mother, by=worn(cast.directie, Hat.ANY))
    told = Telling.objects.filter(pk=telling.pk)
    assert not told.meant().exists()
    told.update(to=cast.teacher)
    assert told.meant().exists()
    told.update(to=cast.mother)
    Caregiver.objects.filter(pk=mother.pk).update(school=cast.berk)
    assert told.meant().exists()


def test_who_is_no_parent_there_any_more_reads_on_what_was_told(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    for bond in Guardianship.objects.filter(caregiver__user=cast.mother):
        end_guardianship(guardianship=bond, by=worn(cast.directie, Hat.ANY))
    assert sees(cast, "mother", telling) == 200


def test_a_teacher_who_is_no_parent_any_more_finds_what_was_told_as_one(cast: Cast, scene: Scene) -> None:
    """The side of the parent is gone; what was told there waits on every page, and is found later."""
    caregiver = rows.caregiver(cast.linde, "Anna", cast.child("Noor"))
    Caregiver.objects.filter(pk=caregiver.pk).update(user=cast.teacher, joined_at=timezone.now())
    access.reproject(users=[cast.teacher.pk])
    end_guardianship(guardianship=caregiver.guardianships.get(), by=worn(cast.directie, Hat.ANY))
    [telling] = Telling.objects.filter(to=cast.teacher)
    client, listed = visit(cast, "teacher"), reverse("groups:told", args=["family"])
    assert f'href="{listed}"' in client.get("/school/berichten/").content.decode()
    assert client.get(listed).context["page"].object_list == [telling]
    client.post(reverse("groups:telling", args=["family", telling.uid]), {"away": "1"})
    assert f'href="{listed}"' not in client.get("/school/berichten/").content.decode()
    assert f'href="{listed}"' in client.get("/instellingen/").content.decode()
    assert f'href="{listed}"' not in visit(cast, "colleague").get("/instellingen/").content.decode()


def test_who_wears_both_hats_reads_of_each_in_its_own(cast: Cast, scene: Scene) -> None:
    hidden(cast, scene)
    record = rows.staff(cast.linde, "Karima", Role.COLLEAGUE)
    StaffMember.objects.filter(pk=record.pk).update(user=cast.mother, joined_at=timezone.now())
    access.reproject(users=[cast.mother.pk])
    listed, client = reverse("groups:told", args=["family"]), visit(cast, "mother")
    pages = [client.get(page).content.decode() for page in ("/thuis/berichten/", "/school/berichten/")]
    assert [f'href="{listed}"' in page for page in pages] == [True, False]


def test_what_is_written_back_to_who_left_is_mailed_to_who_reads_it_now(cast: Cast, case: Case) -> None:
    """The other directie had it on the desk, and heard nothing."""
    second = come_in("tweede", Role.DIRECTIE, cast)
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    telling, now = Telling.objects.get(), timezone.now()
    services.answer(telling, text="Dit klopt niet.", by=worn(cast.mother, FAMILY))
    assert tell_of_left_answers(now=now) == 0
    task = StaffAssignment.objects.get(staff__user=cast.directie, role=Role.DIRECTIE, group__isnull=True)
    end_assignment(assignment=task, by=worn(second))
    for _ in range(2):
        assert tell_of_left_answers(now=timezone.now()) == 1
    rows_ = list(OutboxItem.objects.filter(kind="told_answered").order_by("pk"))
    assert [row.recipient for row in rows_] == [cast.directie, second]
    mails = list(kind_of("told_answered").render(rows_, timezone.now()))
    assert [hasattr(mail, "text") for mail in mails] == [False, True]
    services.see_answers(telling, last=TellingAnswer.objects.get().uid, by=worn(second))
    assert tell_of_left_answers(now=timezone.now()) == 0


def test_of_answers_to_who_left_it_asks_as_much_for_many_as_for_one(cast: Cast, case: Case) -> None:
    """Each hour; it asked of each telling, and of each person for each."""
    second = come_in("tweede", Role.DIRECTIE, cast)
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    task = StaffAssignment.objects.get(staff__user=cast.directie, role=Role.DIRECTIE, group__isnull=True)
    end_assignment(assignment=task, by=worn(second))
    first, asked = Telling.objects.get(), []
    for more in (0, 4):
        for _ in range(more):
            first.pk, first.uid, first._state.adding = None, uuid4(), True
            first.save()
        for telling in Telling.objects.all():
            services.answer(telling, text="Dit klopt niet.", by=worn(cast.mother, FAMILY))
        tell_of_left_answers(now=timezone.now())
        with CaptureQueriesContext(connection) as context:
            assert tell_of_left_answers(now=timezone.now()) == 1 + more
        asked.append(len(context))
    assert asked[0] == asked[1], asked
    assert OutboxItem.objects.filter(kind="told_answered", recipient=second).count() == 5


def test_who_left_the_school_reads_no_answer(cast: Cast, scene: Scene) -> None:
    telling = hidden(cast, scene)
    services.answer(telling, text="Waarom?", by=worn(cast.mother, FAMILY))
    for task in StaffAssignment.objects.filter(staff__user=cast.teacher).active(now=timezone.now()):
        end_assignment(assignment=task, by=worn(cast.directie, Hat.ANY))
    assert find_answered(telling.uid, actor=worn(cast.teacher, Hat.ANY)) is None
    assert visit(cast, "teacher").get(reverse("moderation:answered", args=[telling.uid])).status_code == 404
    [row] = OutboxItem.objects.filter(kind="told_answered")
    [mail] = kind_of(row.kind).render([row], timezone.now())
    assert not hasattr(mail, "text")


def test_what_was_never_told_is_not_told_when_it_ends(cast: Cast, case: Case) -> None:
    until = timezone.localdate() + timedelta(days=2)
    facts = {"words": "Intern.", "withheld_because": "Gevaar.", "heard": True, "until": until}
    record_measure(case=case, kind="limited", **facts, by=worn(cast.directie, Hat.ANY))
    restore_access(case=case, by=worn(cast.directie, Hat.ANY))
    assert not Telling.objects.visible_to(worn(cast.mother, FAMILY)).exists()


def test_of_a_second_time_only_the_second_counts(cast: Cast, case: Case) -> None:
    assert case.writing
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    show_written(written=case.writing, by=worn(cast.directie))
    hide_reported(case=case, withheld_because="Gevaar.", by=worn(cast.directie))
    show_written(written=case.writing, by=worn(cast.directie))
    assert told_to(cast.mother) == ["hidden", "shown", "hidden"]


def test_every_page_says_so_until_it_is_put_away_and_asks_nothing_when_nothing_waits(cast: Cast, scene: Scene) -> None:
    mother, feed = visit(cast, "mother"), reverse("messaging:feed", args=["family"])
    listed = reverse("groups:told", args=["family"])
    mother.get(feed)
    with CaptureQueriesContext(connection) as queries:
        assert listed not in mother.get(feed).content.decode()
    assert not any("groups_telling" in query["sql"] for query in queries)
    telling = hidden(cast, scene)
    assert listed in mother.get(feed).content.decode()
    assert listed not in visit(cast, "father").get(feed).content.decode()
    assert mother.post(reverse("groups:telling", args=["family", telling.uid]), {"away": "1"}).status_code == 302
    assert listed not in mother.get(feed).content.decode()
    assert telling.heading in mother.get(listed).content.decode()


def test_the_copy_of_an_access_request_has_what_was_told_and_written_back(cast: Cast, case: Case) -> None:
    hide_reported(case=case, told=WHY, by=worn(cast.directie))
    services.answer(Telling.objects.get(), text="Dat zag ik anders.", by=worn(cast.mother, FAMILY))
    record_measure(
        case=case, kind="talk", words="Intern.", withheld_because="Nog niet.", by=worn(cast.directie, Hat.ANY)
    )
    drawn = draw_up(asked=start(case, cast.directie), by=worn(cast.directie, Hat.ANY))
    lines = list(drawn.passages.values_list("text", flat=True))
    assert (WHY in lines, "Dat zag ik anders." in lines, "Nog niet." in lines) == (True, True, False)


def test_a_message_and_its_twins_are_told_once(cast: Cast) -> None:
    """Removed in two groups in one act; what is done to another text in that moment is told too."""
    words = {"topic": "notice", "title": "Let op", "text": "Zo gaat het hier.", "replies": "on"}
    twins = publish_post(groups=[cast.groep_4, cast.groep_5], by=worn(cast.directie), **words)
    [other] = publish_post(groups=[cast.groep_4], by=worn(cast.directie), **words)
    by = worn(come_in("tweede", Role.DIRECTIE, cast))
    for twin in twins:
        remove_written(written=twin, reason="R.", by=by)
    assert told_to(cast.directie) == ["removed"]
    remove_written(written=other, reason="R.", by=by)
    assert told_to(cast.directie) == ["removed", "removed"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("mother", "Van de school aan u"), ("ict", "Van de school aan jou"), ("pupil", "Van de school aan jou")],
)
def test_who_works_at_school_is_spoken_to_as_a_colleague(cast: Cast, name: str, words: str) -> None:
    """Also who is in no group of it."""
    client = visit(cast, name)
    client.post(reverse("settings"), {"language": "nl"})
    assert f"<span>{words}</span>" in client.get(reverse("settings")).content.decode()
