"""Somebody asks in Kring what school keeps about oneself; it waits for who answers it (AVG 12, 15)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from groups.letters.services.claims import unlink_account
from groups.models import Child, StaffAssignment
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat
from groups.schools.services import change_school
from groups.staff.services.staff import end_assignment
from groups.told.services import Addressee, Said, tell
from moderation.access_requests.services.access_requests import (
    NotForThemError,
    OpenRequestError,
    ask_access,
    close_request,
    draw_up,
    extend_request,
    hand_over,
)
from moderation.access_requests.services.news import tell_of_left_requests
from moderation.models import AccessRequest
from portal.core import waiting
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld
from portal.core.outbox.kinds import kind_of
from tests import canaries
from tests.cast import NAMES, Cast
from tests.messaging.pages import page_text
from tests.moderation.asking import approve, start, submit
from tests.moderation.reporting import visit, written_case


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def waits_for(asked: AccessRequest, cast: Cast) -> set[str]:
    queue = next(one for one in waiting.queues() if one.name == "access_requests")
    now = timezone.now()
    signed_in = [name for name in NAMES if name not in {"anonymous", "inactive"}]
    return {name for name in signed_in if queue.rows(Actor(cast.user(name), Hat.ANY, now)).filter(pk=asked.pk).exists()}


def test_a_mother_asks_and_the_directie_has_a_month(cast: Cast) -> None:
    client, page = visit(cast, "mother"), reverse("moderation:ask_access", args=["family"])
    for _ in range(2):
        assert client.post(page, {"school": str(cast.linde.uid)}).status_code == 302
    asked = AccessRequest.objects.get()
    assert (asked.about, asked.side, asked.asker, asked.means) == (cast.mother, "family", "self", "kring")
    assert timedelta(days=27) < asked.due_on - asked.received_on < timedelta(days=36)
    assert waits_for(asked, cast) == {"directie"}
    assert f"on {asked.due_on:%A} {asked.due_on.day} {asked.due_on:%B %Y} at the latest" in page_text(client.get(page))
    assert 'name="school"' not in client.get(page).content.decode()
    assert 'name="school"' in visit(cast, "father").get(page).content.decode()


def test_of_whom_there_is_no_case_neither_page_nor_copy_says_that_nothing_is_kept(cast: Cast) -> None:
    """School has a record of her, and what she chose and wrote: the file of reports is not all there is."""
    now = timezone.now()
    promised = page_text(visit(cast, "mother").get(reverse("moderation:ask_access", args=["family"])))
    assert "a copy of what it keeps about reports and decisions" in promised
    assert "everything about you" not in promised
    asked = ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))
    drawn = draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, now))
    there = reverse("moderation:mark_access", args=[drawn.uid])
    assert "Also give what stands outside this file" in page_text(visit(cast, "directie").get(there))
    copy = bytes(submit(drawn, cast.directie).draft).decode()
    assert f"<h1>Wat in het dossier over meldingen staat over {cast.mother.name}</h1>" in copy
    assert "In het dossier over meldingen staat niets over deze persoon." in copy


def test_of_a_directie_the_case_officer_answers(cast: Cast) -> None:
    asked = ask_access(school=cast.linde, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert (asked.against_directie, asked.side, waits_for(asked, cast)) == (True, "staff", {"case_officer"})


@pytest.mark.parametrize("name", ["directie", "teacher"])
def test_who_is_of_the_directie_reads_that_the_board_answers(cast: Cast, name: str) -> None:
    change_school(
        school=cast.linde, by=clock(timezone.now()), phone="030 999 00 11", board_contact="bestuur@cast.example"
    )
    client, page, is_board = visit(cast, name), reverse("moderation:ask_access", args=["staff"]), name == "directie"
    before = page_text(client.get(page))
    after = page_text(client.post(page, {"school": str(cast.linde.uid)}, follow=True))
    for told in (before, after):
        assert ("bestuur@" in told, "030 999 00 11" in told) == (is_board, not is_board)
    assert ("The board gives a copy" in before, "School gives a copy" in before) == (is_board, not is_board)
    assert ("The board knows that you ask" in after, "School knows that" in after) == (is_board, not is_board)


@pytest.mark.parametrize("name", ["ict", "case_officer"])
def test_who_works_for_a_school_without_a_group_asks_too(cast: Cast, name: str) -> None:
    page = reverse("moderation:ask_access", args=["staff"])
    assert visit(cast, name).post(page, {"school": str(cast.linde.uid)}).status_code == 302
    asked = AccessRequest.objects.get()
    assert (asked.about, asked.side, waits_for(asked, cast)) == (cast.user(name), "staff", {"directie"})
    with pytest.raises(PermissionDenied):
        ask_access(school=cast.linde, by=Actor(cast.user(name), Hat.FAMILY, timezone.now()))


def test_only_of_the_own_school_in_the_own_hat_and_once(cast: Cast) -> None:
    now = timezone.now()
    for school, hat in ((cast.berk, Hat.FAMILY), (cast.linde, Hat.STAFF)):
        with pytest.raises(PermissionDenied):
            ask_access(school=school, by=Actor(cast.mother, hat, now))
    ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))
    with pytest.raises(OpenRequestError):
        ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))
    page = reverse("moderation:ask_access", args=["family"])
    assert visit(cast, "mother").post(page, {"school": str(cast.berk.uid)}).status_code == 404


def test_who_is_parent_and_staff_asks_on_each_side(cast: Cast) -> None:
    """A copy is of one side, so there is a request for each; the page of the one leads to the other."""
    client, school = visit(cast, "teacher_who_is_parent"), {"school": str(cast.linde.uid)}
    pages = {side: reverse("moderation:ask_access", args=[side]) for side in ("family", "staff")}
    client.post(pages["family"], school)
    assert f'href="{pages["staff"]}"' in client.get(pages["family"]).content.decode()
    assert 'name="school"' in client.get(pages["staff"]).content.decode()
    for _ in range(2):
        client.post(pages["staff"], school)
    assert sorted(AccessRequest.objects.values_list("side", flat=True)) == ["family", "staff"]
    assert pages["staff"] not in visit(cast, "mother").get(pages["family"]).content.decode()


@pytest.mark.parametrize(("years", "may"), [(15, False), (17, True)])
def test_a_pupil_asks_from_sixteen_on(cast: Cast, years: int, may: bool) -> None:
    born = timezone.localdate() - timedelta(days=366 * years)
    Child.objects.filter(user=cast.pupil).update(birth_on=born)
    by = Actor(cast.pupil, Hat.FAMILY, timezone.now())
    if may:
        assert ask_access(school=cast.linde, by=by).child is not None
    else:
        with pytest.raises(NotForThemError):
            ask_access(school=cast.linde, by=by)


def mailed(asked: AccessRequest) -> dict[str, list[User]]:
    """By kind of mail who is told something about this request."""
    told: dict[str, list[User]] = {}
    for row in OutboxItem.objects.filter(subject_uid=asked.uid).order_by("pk"):
        told.setdefault(row.kind, []).extend([row.recipient] if row.recipient else [])
    return told


@pytest.mark.parametrize(("name", "hat"), [("mother", "family"), ("directie", "staff")])
def test_who_answers_it_is_told_by_mail(cast: Cast, name: str, hat: str) -> None:
    """The case officer seldom looks at the desk, and has a month."""
    asked = ask_access(school=cast.linde, by=Actor(cast.user(name), hat, timezone.now()))
    assert mailed(asked) == {"access_request": [cast.case_officer if name == "directie" else cast.directie]}
    [mail] = kind_of("access_request").render(list(OutboxItem.objects.filter(kind="access_request")), timezone.now())
    assert isinstance(mail, Mail)
    assert str(asked.uid) in mail.text


def test_who_stands_in_for_a_directie_that_cannot_any_more_is_told_by_mail_and_once(cast: Cast) -> None:
    """The month runs on: the case officer found it on the desk, which is seldom looked at."""
    now = timezone.now()
    asked = ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))
    assert (tell_of_left_requests(now=now), mailed(asked)) == (0, {"access_request": [cast.directie]})
    limit = {"kind": "suspended", "until": now + timedelta(days=20), "case_uid": uuid4()}
    restrict_person(person=cast.directie, school=cast.linde, **limit, by=Actor(cast.case_officer, Hat.STAFF, now))
    assert waits_for(asked, cast) == {"case_officer"}
    assert [tell_of_left_requests(now=now + timedelta(hours=hour)) for hour in (0, 1)] == [1, 1]
    assert mailed(asked) == {"access_request": [cast.directie, cast.case_officer]}
    to_directie, to_officer = kind_of("access_request").render(
        list(OutboxItem.objects.filter(kind="access_request").order_by("pk")), now
    )
    assert (isinstance(to_directie, Withheld), isinstance(to_officer, Mail)) == (True, True)
    later = ask_access(school=cast.linde, by=Actor(cast.father, Hat.FAMILY, now))
    assert (tell_of_left_requests(now=now), mailed(later)) == (2, {"access_request": [cast.case_officer]})
    close_request(asked=asked, reason="Ingetrokken.", by=Actor(cast.case_officer, Hat.ANY, now))
    assert tell_of_left_requests(now=now) == 1


def answered(asked: AccessRequest, cast: Cast) -> AccessRequest:
    """Drawn up by the directie, read over by the case officer, and given today."""
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    approve(submit(draw_up(asked=asked, by=by), cast.directie), cast.case_officer)
    return hand_over(asked=asked, handing="post", handed_on=at_school(by.now).date(), by=by)


@pytest.mark.parametrize("gives", [True, False])
def test_who_asked_reads_how_it_ended(cast: Cast, gives: bool) -> None:
    asked = ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, timezone.now()))
    if gives:
        answered(asked, cast)
    else:
        close_request(asked=asked, reason="Ingetrokken.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    rows = list(OutboxItem.objects.filter(kind="access_ended", recipient=cast.mother))
    [mail] = kind_of("access_ended").render(rows, timezone.now())
    page = reverse("moderation:ask_access", args=["family"])
    assert isinstance(mail, Mail)
    assert page in mail.text
    client = visit(cast, "mother")
    told = page_text(client.get(page))
    said = ("by registered post", "without a copy", "Ingetrokken", "Autoriteit Persoonsgegevens")
    assert [words in told for words in said] == [gives, not gives, not gives, not gives]
    client.post(page, {"school": str(cast.linde.uid)})
    again = page_text(client.get(page))
    assert ("at the latest" in again, "by registered post" in again or "without a copy" in again) == (True, False)
    assert "by registered post" not in page_text(visit(cast, "father").get(page))


def test_who_asked_reads_why_it_takes_longer_and_nobody_else_does(cast: Cast) -> None:
    now, page = timezone.now(), reverse("moderation:ask_access", args=["family"])
    asked = ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))
    client = visit(cast, "directie")
    form = reverse("moderation:extend_access", args=[asked.uid])
    assert "Who asked reads this" in page_text(client.get(form))
    client.post(form, {"word": "Er is veel na te lezen."})
    rows = list(OutboxItem.objects.filter(kind="access_ended"))
    assert [row.recipient for row in rows] == [cast.mother]
    [mail] = kind_of("access_ended").render(rows, now)
    assert isinstance(mail, Mail)
    assert page in mail.text
    assert "veel" not in mail.text
    asked.refresh_from_db()
    told = page_text(visit(cast, "mother").get(page))
    assert ("It takes longer:" in told, "Er is veel na te lezen." in told) == (True, True)
    assert at_school(now).date() + timedelta(days=80) < asked.due_on
    assert "Er is veel" not in page_text(visit(cast, "father").get(page))
    close_request(asked=asked, reason="Ingetrokken.", by=Actor(cast.directie, Hat.ANY, now))
    assert OutboxItem.objects.filter(kind="access_ended").count() == 2
    told = page_text(visit(cast, "mother").get(page))
    assert ("Er is veel" in told, "Ingetrokken." in told) == (False, True)


def test_who_waits_too_long_reads_that_it_is_late_and_where_to_complain(cast: Cast) -> None:
    now, page = timezone.now(), reverse("moderation:ask_access", args=["family"])
    asked = ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))

    def told(due: Any) -> tuple[bool, ...]:
        AccessRequest.objects.filter(pk=asked.pk).update(due_on=due)
        text = page_text(visit(cast, "mother").get(page))
        return tuple(
            one in text for one in ("at the latest", "should have been there on", "(Autoriteit Persoonsgegevens)")
        )

    today = at_school(now).date()
    assert told(today) == (True, False, False)
    assert told(today - timedelta(days=1)) == (False, True, True)


def test_of_a_year_ago_nothing_is_said(cast: Cast) -> None:
    now = timezone.now()
    asked = ask_access(school=cast.linde, by=Actor(cast.mother, Hat.FAMILY, now))
    close_request(asked=asked, reason="Om.", by=Actor(cast.directie, Hat.ANY, now))
    page = reverse("moderation:ask_access", args=["family"])
    for days, is_said in ((364, True), (366, False)):
        AccessRequest.objects.filter(pk=asked.pk).update(ended_at=now - timedelta(days=days))
        assert ("without a copy" in page_text(visit(cast, "mother").get(page))) == is_said


def about_mother(cast: Cast) -> dict[str, Any]:
    facts = {"about": cast.mother, "side": "family", "opened_by": cast.father, "opened_at": timezone.now()}
    return {"school": cast.linde, **facts}


def test_a_pupil_reads_who_asked_for_it(cast: Cast) -> None:
    """The parents get that copy, and hear how it ends: the pupil is told neither that it comes, nor by mail."""
    now, page = timezone.now(), reverse("moderation:ask_access", args=["family"])
    Child.objects.filter(user=cast.pupil).update(birth_on="2018-01-01")
    case = written_case(**{**about_mother(cast), "about": cast.pupil})
    asked = start(case, cast.directie, asker="parent")
    told = page_text(visit(cast, "pupil").get(page))
    assert ("by a parent" in told, "You get" in told) == (True, False)
    extend_request(asked=asked, reason="Lang.", by=Actor(cast.directie, Hat.ANY, now))
    told = page_text(visit(cast, "pupil").get(page))
    assert ("by a parent" in told, "Lang." in told) == (True, False)
    close_request(asked=asked, reason="Om.", by=Actor(cast.directie, Hat.ANY, now))
    assert mailed(asked) == {}
    assert "without a copy" not in page_text(visit(cast, "pupil").get(page))


def test_whose_account_was_taken_off_still_reads_what_was_asked(cast: Cast) -> None:
    now = timezone.now()
    ask_access(school=cast.linde, by=Actor(cast.father, Hat.FAMILY, now))
    for caregiver in cast.father.caregivers.all():
        unlink_account(caregiver=caregiver, by=Actor(cast.directie, Hat.ANY, now))
    client, page = visit(cast, "father"), reverse("moderation:ask_access", args=["family"])
    told = client.get(page)
    assert ("at the latest" in page_text(told), 'name="school"' in told.content.decode()) == (True, False)
    canaries.leaks.clear()  # the name of the school where it was asked


def test_what_was_told_to_somebody_else_is_not_in_the_copy(cast: Cast) -> None:
    """Another person came in as Noor's father, and school took that account off; what the father was told is his."""
    now = timezone.now()
    by, father = Actor(cast.directie, Hat.ANY, now), Addressee(cast.father, "family", cast.linde)
    assert cast.father.claims.filter(ended_at=None).exists()
    told = tell("warning", to=father, said=Said("Zilvervos mag dit niet."), by=by)
    assert told
    asked = ask_access(school=cast.linde, by=Actor(cast.father, Hat.FAMILY, now))
    assert "Zilvervos mag dit niet." in passages(asked, by)
    for caregiver in cast.father.caregivers.all():
        unlink_account(caregiver=caregiver, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert "Zilvervos mag dit niet." not in passages(asked, by)


def passages(asked: AccessRequest, by: Actor) -> set[str]:
    drawn = draw_up(asked=asked, by=Actor(by.user, Hat.ANY, timezone.now()))
    return {one.text for one in drawn.passages.all()}


@pytest.mark.parametrize("name", ["directie", "teacher"])
def test_where_the_board_appointed_nobody_who_asks_reads_that(cast: Cast, name: str) -> None:
    """As who reported somebody of the directie does; it said that the board knows."""
    by, is_board = clock(timezone.now()), name == "directie"
    change_school(school=cast.linde, by=by, board_contact="bestuur@cast.example")
    end_assignment(assignment=StaffAssignment.objects.get(staff__user=cast.case_officer), by=by)
    client, page = visit(cast, name), reverse("moderation:ask_access", args=["staff"])
    before = page_text(client.get(page))
    after = page_text(client.post(page, {"school": str(cast.linde.uid)}, follow=True))
    for told in (before, after):
        assert ("nobody of the board is in Kring yet" in told) == is_board
    assert "The board knows" not in after
