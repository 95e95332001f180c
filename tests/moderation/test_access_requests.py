"""Access requests (AVG 12, 15): who handles one, what is gathered, kept back and black; read over by a second."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from agenda.feeds.services.addresses import make_address
from groups.letters.services.people import claim_records
from groups.models import Child, StaffAssignment, StaffMember
from groups.roles import Hat, Role
from groups.staff.services.staff import invite_staff
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import remove_photo, remove_written
from messaging.writings.domain.naming import Names
from moderation.access_requests.domain import BLACK, blackened, due_on, months_later, named_in
from moderation.access_requests.policies import can_read_over
from moderation.access_requests.services import access_requests as service
from moderation.access_requests.services.access_copies import draw_copy
from moderation.access_requests.services.news import ACCESS_REQUEST
from moderation.cases.domain.letters import templates_for
from moderation.cases.policies import can_lead
from moderation.cases.services.cases import close_case, remove_reported
from moderation.cases.services.letters import write_letter
from moderation.cases.services.measures import record_measure
from moderation.cases.services.notes import address_writer
from moderation.models import (
    AccessCopy,
    AccessPassage,
    AccessRequest,
    Case,
    DossierReading,
    Ground,
    RequestState,
    TrailEvent,
)
from portal.core import access, outbox, triggers
from portal.core.actor import Actor, clock
from portal.core.domain import chain
from portal.core.domain.moments import at_school
from portal.core.dossier import CopyDamagedError
from portal.core.models import AuditEvent, OutboxItem, User
from portal.core.outbox.kinds import kind_of
from portal.core.paging import paged
from tests import canaries, rows
from tests.cast import NAMES, Cast, address
from tests.consent.answering import turn_16
from tests.ground import GROUNDS, ON, ground
from tests.kept import is_kept_until_it_arrived
from tests.messaging.pages import page_text
from tests.moderation.asking import approve, mark, start, submit
from tests.moderation.reporting import photo_in, reported, visit, written_case
from tests.moderation.test_dossier_pages import client_of, come_in
from tests.scene import Scene

SECRET = "Zilvervos"
"""A word that is nowhere else."""


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture
def second(cast: Cast) -> User:
    """Another member of the directie of De Linde."""
    return come_in("tweede", Role.DIRECTIE, cast)


def _case(scene: Scene) -> Case:
    """The father of Noor doubts what her mother replied; the directie wrote a measure, a letter and a kind word."""
    cast = Cast()
    case = reported(cast, scene.reply, words=f"{SECRET} staat in de melding.").case
    who = {"case": case, "by": Actor(cast.directie, Hat.ANY, timezone.now())}
    talk = "Gebeld. Father Adres was erbij.\nWij spraken af dat het anders gaat."
    record_measure(**who, kind="talk", words=talk)
    write_letter(
        **who,
        template=templates_for("family")[0].key,
        title="Wat wij afspraken",
        text="Dank voor het gesprek.",
    )
    address_writer(**who, text="Zullen wij even praten?")
    return case


GROUNDS["case_of_the_mother"], ON["case_of_the_mother"] = _case, "scene_as_written"


@pytest.fixture
def case_of_the_mother(scene: Scene) -> Case:
    return ground.made("case_of_the_mother", scene)


@pytest.fixture
def case(case_of_the_mother: Case) -> Case:
    return case_of_the_mother


@pytest.fixture
def request_(cast: Cast, case: Case) -> AccessRequest:
    """The mother asks; nothing is gathered yet."""
    return start(case, cast.directie)


@pytest.fixture
def drawn(cast: Cast, request_: AccessRequest) -> AccessRequest:
    return service.draw_up(asked=request_, by=Actor(cast.directie, Hat.ANY, timezone.now()))


@pytest.fixture
def waiting(cast: Cast, drawn: AccessRequest) -> AccessRequest:
    """Drawn up by the directie, and waiting for a second person."""
    return submit(drawn, cast.directie)


def line(request: AccessRequest, words: str) -> AccessPassage:
    return request.passages.get(text__contains=words)


def page(name: str, *args: Any) -> str:
    return reverse(f"moderation:{name}", args=args)


# Days


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        ("2026-11-20", "2026-12-20", "2027-02-20"),
        ("2026-12-05", "2027-01-05", "2027-03-05"),
        ("2027-01-31", "2027-02-28", "2027-04-30"),
        ("2027-11-30", "2027-12-30", "2028-02-29"),
    ],
)
def test_due_after_one_month_and_after_three(received: str, due: str, extended: str) -> None:
    day = date.fromisoformat(received)
    assert due_on(day) == date.fromisoformat(due)
    assert due_on(day, is_extended=True) == date.fromisoformat(extended)
    assert months_later(day, 0) == day


def test_a_request_comes_in_today_or_before(cast: Cast, case: Case) -> None:
    today = at_school(timezone.now()).date()
    with pytest.raises(service.WrongDayError):
        start(case, cast.directie, received_on=today + timedelta(days=1))
    with pytest.raises(service.WrongDayError):  # a wrong year would be too late at once, and nothing puts it right
        start(case, cast.directie, received_on=today - timedelta(days=366))
    made = start(case, cast.directie, received_on=today - timedelta(days=40))
    assert service.is_late(made, now=timezone.now())
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    [asked] = service.request_rows(service.requests_of(actor=by), actor=by)
    assert (asked.request, asked.is_late) == (made, True)


def test_however_many_requests_there_were_the_list_has_a_page_for_each(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.access_requests.views.paged", partial(paged, size=1))
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    first, last = (service.close_request(asked=start(case, cast.directie), reason="Gebeld.", by=by) for _ in "ab")
    shown = [visit(cast, "directie").get(page("access_requests"), {"klaar": 1, "pagina": number}) for number in (1, 2)]
    found = [[str(one.uid) in answer.content.decode() for one in (last, first)] for answer in shown]
    assert found == [[True, False], [False, True]]
    assert "Page 1 of 2" in page_text(shown[0])


def test_more_time_once_and_in_the_first_month(cast: Cast, case: Case) -> None:
    now = timezone.now()
    made = start(case, cast.directie)
    extended = service.extend_request(asked=made, reason="Veel werk.", by=Actor(cast.directie, Hat.ANY, now))
    assert extended.due_on == due_on(made.received_on, is_extended=True)
    with pytest.raises(service.TooLateError):
        service.extend_request(asked=made, reason="Nog meer.", by=Actor(cast.directie, Hat.ANY, now))
    service.close_request(asked=made, reason="Ingetrokken.", by=Actor(cast.directie, Hat.ANY, now))
    late = start(case, cast.directie, received_on=at_school(now).date() - timedelta(days=40))
    with pytest.raises(service.TooLateError):
        service.extend_request(asked=late, reason="Te laat.", by=Actor(cast.directie, Hat.ANY, now))


# Who


def test_one_open_request_of_a_person(cast: Cast, request_: AccessRequest, case: Case, second: User) -> None:
    with pytest.raises(service.OpenRequestError) as found:
        start(case, second)
    assert found.value.request == request_
    answer = visit(cast, "directie").get(page("start_access", case.uid))
    assert answer["Location"] == page("access_request", request_.uid)


def test_of_who_turned_sixteen_meanwhile_no_parent_gets_the_copy(cast: Cast, scene: Scene, second: User) -> None:
    """Asked in the last week of fifteen: the birthday comes before the copy, and the file is the pupil's own."""
    now = timezone.now()
    about: dict[str, Any] = {"about": cast.pupil, "side": "family", "opened_by": cast.directie, "opened_at": now}
    tess = turn_16(cast.child("Tess"), in_days=1)
    by = Actor(cast.directie, Hat.ANY, now)
    asked = start(written_case(school=cast.linde, **about), cast.directie, asker="parent")
    waits = submit(service.draw_up(asked=asked, by=by), cast.directie)
    approve(waits, second)
    directie, today = client_of(cast.directie), at_school(now).date()
    assert directie.post(page("access_pdf", asked.uid)).status_code == 200
    turn_16(tess)
    printed = directie.post(page("access_pdf", asked.uid), follow=True)
    given = directie.post(page("hand_over_access", asked.uid), {"handing": "post", "handed_on": f"{today:%d-%m-%Y}"})
    told = "Deze leerling is intussen zestien"
    assert (told in page_text(printed), given.status_code, told in page_text(given)) == (True, 422, True)
    turn_16(tess, in_days=1)
    assert service.hand_over(asked=asked, handing="post", handed_on=today, by=by).state == RequestState.ANSWERED


def test_parents_ask_for_a_pupil_under_sixteen(cast: Cast, scene: Scene, case: Case) -> None:
    with pytest.raises(service.NotForThemError):
        start(case, cast.directie, asker="parent")
    now, tess = timezone.now(), cast.child("Tess")
    about: dict[str, Any] = {"about": cast.pupil, "side": "family", "opened_by": cast.directie, "opened_at": now}
    pupils = written_case(school=cast.linde, **about)
    Child.objects.filter(pk=tess.pk).update(birth_on="2008-01-01")
    with pytest.raises(service.NotForThemError):
        start(pupils, cast.directie, asker="parent")
    Child.objects.filter(pk=tess.pk).update(birth_on="2018-01-01")
    assert start(pupils, cast.directie, asker="parent").child == tess
    assert "jonger dan zestien" in page_text(
        client_of(cast.directie).get(page("start_access", pupils.uid), follow=True)
    )


def test_who_drew_it_up_does_not_approve_it(cast: Cast, waiting: AccessRequest, second: User) -> None:
    with pytest.raises(PermissionDenied):
        approve(waiting, cast.directie)
    copy = approve(waiting, second)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessCopy.objects.create(
            request=waiting,
            content=b"",
            digest=copy.digest,
            prepared_by=second,
            approved_by=second,
            sealed_at=timezone.now(),
        )


def test_who_takes_over_begins_again_and_is_then_the_first_person(
    cast: Cast, drawn: AccessRequest, second: User
) -> None:
    row = line(drawn, "Wij spraken af")
    mark(drawn, cast.directie, grounds={row.pk: "inquiry"})
    with pytest.raises(PermissionDenied):
        mark(drawn, second)
    over = service.draw_up(asked=drawn, by=Actor(second, Hat.ANY, timezone.now()))
    assert line(over, "Wij spraken af").ground == ""
    submit(over, second)
    with pytest.raises(PermissionDenied):
        approve(over, second)
    assert approve(over, cast.directie).prepared_by == second


def test_a_party_does_not_read_over(cast: Cast, scene: Scene, drawn: AccessRequest, second: User) -> None:
    """Not with an open case about oneself, nor when a case about this person is about the own child."""
    now, told = timezone.now(), submit(drawn, cast.directie)
    assert can_read_over(Actor(second, Hat.ANY, now), told)
    nothing: dict[str, Any] = {"school": cast.linde, "opened_by": cast.directie, "opened_at": now}
    own = written_case(about=second, side="staff", against_directie=True, **nothing)
    assert not can_read_over(Actor(second, Hat.ANY, now), told)
    close_case(case=own, by=Actor(cast.case_officer, Hat.ANY, now))
    assert can_read_over(Actor(second, Hat.ANY, now), told)
    finn = cast.child("Finn")
    rows.caregiver(cast.linde, "Tweede", finn, user=second, since=now - timedelta(days=1))
    access.reproject(users=[second.pk])
    assert can_read_over(Actor(second, Hat.ANY, now), told)
    closed = {"state": "closed", "closed_at": now, "closed_by": cast.directie}
    written_case(about=cast.mother, side="staff", child=finn, **nothing, **closed)
    assert not can_read_over(Actor(second, Hat.ANY, now), told)


def test_the_own_family_is_nobodys_to_handle(cast: Cast, case: Case) -> None:
    """A teacher leads nothing; the directie of another school finds nothing."""
    for name, status in [("teacher", 403), ("directie_elsewhere", 404), ("mother", 404), ("operator", 404)]:
        assert visit(cast, name).get(page("start_access", case.uid)).status_code == status, name


# What is gathered


def texts(request: AccessRequest) -> str:
    return "\n".join(f"{one.title}\n{one.text}" for one in request.passages.all())


def test_what_is_gathered(cast: Cast, scene: Scene, drawn: AccessRequest) -> None:
    found = texts(drawn)
    for words in ("Dank u wel.", "Gebeld.", "Wat wij afspraken", "Dank voor het gesprek.", "Zullen wij even praten?"):
        assert words in found
    assert SECRET not in found
    row = line(drawn, "Father Adres")
    assert (row.ground, drawn.blackened) == (Ground.OTHERS, ["Father Adres"])
    assert line(drawn, "Wij spraken af").ground == ""
    assert line(drawn, "Dank voor het gesprek.").ground == ""


def test_the_hard_copies_of_what_the_person_wrote_alone(cast: Cast, scene: Scene, request_: AccessRequest) -> None:
    """Not what others wrote around it, nor who had read it; opening it is written down."""
    now = timezone.now()
    said = publish_reply(post=scene.post, text="Weg ermee, zei ik.", by=Actor(cast.mother, "family", now))
    other = publish_reply(post=scene.post, text="Van een ander.", by=Actor(cast.father, "family", now))
    for written in (said, other):
        remove_written(written=written, reason="Kwetsend.", by=Actor(cast.teacher, Hat.STAFF, now))
    remove_photo(placement=photo_in(scene.post), reason="Om.", by=Actor(cast.directie, Hat.STAFF, now))
    drawn = service.draw_up(asked=request_, by=Actor(cast.directie, Hat.ANY, now))
    found = texts(drawn)
    assert "Weg ermee, zei ik." in found
    assert "Van een ander." not in found
    assert "Vandaag in de kring." not in found
    reading = DossierReading.objects.get()
    assert (reading.reader, reading.reason) == (cast.directie, "Een inzageverzoek")
    assert AuditEvent.objects.get(verb="dossier.read").actor_uid == cast.directie.uid


def test_who_is_a_parent_and_works_there_reads_of_each_side_what_is_of_that_side(cast: Cast) -> None:
    """POL-15: in the copy for the parent stands nothing of the teacher, neither a case nor a hard copy."""
    now = timezone.now()
    who, both = {"school": cast.linde, "opened_by": cast.mother, "opened_at": now}, cast.teacher_who_is_parent
    by, cases = Actor(cast.directie, Hat.ANY, now), {}
    for side, words in (("family", "Als ouder gesproken."), ("staff", "Als juf gesproken.")):
        cases[side] = written_case(about=both, side=side, **who)
        record_measure(case=cases[side], kind="talk", words=words, by=by)
    [post] = publish_post(groups=[cast.groep_5], topic="update", title="Op", text="Van de juf.", replies="off",
                          by=Actor(both, Hat.STAFF, now))  # fmt: skip
    remove_written(written=post, reason="Kwetsend.", by=by.wearing(Hat.STAFF))
    found = {}
    for side, case in cases.items():
        asked = service.draw_up(asked=start(case, cast.directie), by=by)
        found[side] = {words for words in ("Als ouder", "Als juf", "Van de juf.") if words in texts(asked)}
    assert found == {"family": {"Als ouder"}, "staff": {"Als juf", "Van de juf."}}


def test_what_the_person_is_not_told_yet_is_kept_back_unless_somebody_lets_it_stand(
    cast: Cast, scene: Scene, case: Case, second: User
) -> None:
    """Neither the measure, nor why something was removed, nor a heading that says which it was."""
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    unsaid = {"withheld_because": "Veilig Thuis kijkt nog.", "by": by}
    record_measure(case=case, kind="warning", words=f"{SECRET} gewaarschuwd.", heard=True, **unsaid)
    remove_reported(case=case, reason=f"{SECRET} weggehaald.", **unsaid)
    drawn = service.draw_up(asked=start(case, cast.directie), by=by)
    kept = {one.text: one.ground for one in drawn.passages.all() if SECRET in one.text}
    assert kept == dict.fromkeys([f"{SECRET} gewaarschuwd.", f"{SECRET} weggehaald."], Ground.INQUIRY)
    copy = approve(submit(drawn, cast.directie), second)
    given = bytes(copy.content).decode()
    assert [words for words in (SECRET, "aarschuwing", "Veilig Thuis") if words in given] == []
    assert "school zoekt dit nog uit" in given


@pytest.mark.parametrize("directing", ["now", "then", "never"])
def test_the_copy_says_that_directie_and_board_each_give_what_they_handle(
    cast: Cast, scene: Scene, second: User, directing: str
) -> None:
    """Whatever is there: that the other one handles something is for nobody to read who does not handle it."""
    about, school = scene.post.author, cast.linde
    staff = StaffMember.objects.get(user=about, school=school)
    if directing != "never":
        task = StaffAssignment.objects.create(
            staff=staff, school=school, role=Role.DIRECTIE, valid_from=timezone.now() - timedelta(days=2)
        )
    if directing == "then":  # the case is the board's, and she is of the directie no more when she asks
        access.reproject()
        case = reported(cast, scene.post, words="Naar.").case
        record_measure(
            case=case, kind="talk", words=f"{SECRET} gesproken.", by=Actor(cast.case_officer, Hat.ANY, timezone.now())
        )
        StaffAssignment.objects.filter(pk=task.pk).update(valid_until=timezone.now())
    access.reproject()
    asked = service.ask_access(school=school, by=Actor(about, Hat.STAFF, timezone.now()))
    preparer = cast.case_officer if directing == "now" else cast.directie
    drawn = service.draw_up(asked=asked, by=Actor(preparer, Hat.ANY, timezone.now()))
    said = "De directie en het bestuur geven elk wat zij zelf behandelen."
    assert said in page_text(client_of(preparer).get(page("mark_access", drawn.uid)))
    draft = bytes(submit(drawn, preparer).draft).decode()
    assert f"{said} Vraag het zo nodig bij allebei." in draft
    assert SECRET not in draft


def test_of_who_came_into_the_directie_since_the_case_nobody_of_it_begins_a_request(cast: Cast, scene: Scene) -> None:
    """The case stays with who led it; what the directie keeps of a colleague there it does not gather itself."""
    now = timezone.now()
    case = reported(cast, scene.post).case
    staff = StaffMember.objects.get(user=case.about, school=cast.linde)
    StaffAssignment.objects.create(staff=staff, school=cast.linde, role=Role.DIRECTIE, valid_from=now)
    access.reproject()
    assert can_lead(Actor(cast.directie, Hat.ANY, now), case)
    with pytest.raises(PermissionDenied):
        start(case, cast.directie, now=now)
    assert not AccessRequest.objects.exists()


def test_another_school_is_not_gathered(cast: Cast, scene: Scene, case: Case) -> None:
    """Nor when the same person directs both."""
    now = timezone.now()
    invite_staff(email=address("directie"), role=Role.DIRECTIE, school=cast.berk, by=clock(now))
    claim_records(user=cast.directie, now=now)
    own: dict[str, Any] = {"about": cast.mother, "side": "family", "opened_by": cast.father, "opened_at": now}
    elsewhere = written_case(school=cast.berk, **own)
    record_measure(case=elsewhere, kind="talk", words="Van De Berk.", by=Actor(cast.directie, Hat.ANY, now))
    drawn = service.draw_up(asked=start(case, cast.directie), by=Actor(cast.directie, Hat.ANY, now))
    assert "Van De Berk." not in texts(drawn)


def test_what_was_said_of_the_same_lines_stays(cast: Cast, case: Case, drawn: AccessRequest) -> None:
    row = line(drawn, "Wij spraken af")
    mark(drawn, cast.directie, grounds={row.pk: "inquiry"}, blackened=["spraken"])
    record_measure(
        case=case, kind="talk", words="Mother Adres en Noor.", by=Actor(cast.directie, Hat.ANY, timezone.now())
    )
    again = service.draw_up(asked=drawn, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert line(again, "Wij spraken af").ground == "inquiry"
    assert again.blackened == ["Noor", "spraken"]


def test_gathering_asks_as_often_for_one_case_as_for_many(cast: Cast, scene: Scene, request_: AccessRequest) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            service.find_pieces(request_, actor=Actor(cast.directie, Hat.ANY, timezone.now()))
        return len(counted)

    before = asked()
    for number in range(4):
        said = publish_reply(post=scene.post, text=f"Nog {number}.", by=Actor(cast.mother, "family", timezone.now()))
        reported(cast, said)
    assert asked() == before


# Black, and kept back


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Said belde.", f"{BLACK} belde."),
        ("SAID, en said.", f"{BLACK}, en {BLACK}."),
        ("Saïds moeder", f"{BLACK}s moeder"),
        ("said.bouzid@post.example", f"{BLACK}.bouzid@post.example"),
        ("Saidja belde.", "Saidja belde."),
        ("S\u200bai\u00add belde.", f"{BLACK} belde."),
    ],
)
def test_blackened(text: str, shown: str) -> None:
    assert blackened(text, Names(("Said",))) == shown


def test_a_name_is_black_with_the_apostrophe_of_a_phone_too() -> None:
    assert blackened("O’Neill zei: O'Neill belt.", Names(("O'Neill",))) == f"{BLACK} zei: {BLACK} belt."


def test_a_name_of_one_word_counts_with_its_capital() -> None:
    names = Names(("Wil", "Karima Bouzid"))
    assert named_in("Ik wil naar karima bouzid.", names) == {"karima bouzid"}
    assert named_in("Wil belde.", names) == {"wil"}


def test_what_is_kept_back_or_black_is_nowhere_in_the_copy(cast: Cast, drawn: AccessRequest, second: User) -> None:
    """Neither in the bytes that are sealed, nor in the PDF, nor in what the second person reads."""
    rows = list(drawn.passages.all())
    kept_back = line(drawn, "Wij spraken af")
    grounds = {one.pk: "" for one in rows} | {kept_back.pk: "advice"}
    marked = mark(drawn, cast.directie, grounds=grounds, blackened=["Father Adres", "gesprek"])
    submit(marked, cast.directie)
    canaries.leaks.clear()
    client = visit(cast, "case_officer")
    review = page_text(client.get(page("review_access", drawn.uid)))
    canaries.leaks.clear()  # the second person reads what its writer gets
    copy = approve(marked, second)
    html = bytes(copy.content).decode()
    paper = PdfReader(io.BytesIO(draw_copy(copy, language="nl")))
    printed = "\n".join(one.extract_text() for one in paper.pages)
    for shown in (html, printed, review):
        assert not [word for word in ("Father", "Adres was", "gesprek", "Wij spraken af") if word in shown]
        assert BLACK in shown
        assert "Dank u wel." in shown
        assert "advies van een advocaat" in shown
    assert copy.digest in printed


def test_what_is_typed_is_text(cast: Cast, case: Case, second: User) -> None:
    words = "<script>alert(1)</script> & <b>Noor</b>"
    record_measure(case=case, kind="talk", words=words, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    drawn = service.draw_up(asked=start(case, cast.directie), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    mark(drawn, cast.directie, grounds={one.pk: "" for one in drawn.passages.all()})
    submit(drawn, cast.directie)
    html = bytes(approve(drawn, second).content).decode()
    assert "<script" not in html
    assert f"&lt;b&gt;{BLACK}&lt;/b&gt;" in html


# Two people, and what changed meanwhile


def test_what_was_read_is_what_is_sealed(cast: Cast, waiting: AccessRequest, second: User) -> None:
    draft = bytes(waiting.draft or b"")
    with pytest.raises(service.OtherCopyError):
        service.approve_copy(asked=waiting, digest="0" * 64, by=Actor(second, Hat.ANY, timezone.now()))
    copy = approve(waiting, second)
    assert bytes(copy.content) == draft
    now = AccessRequest.objects.get(pk=waiting.pk)
    assert (now.state, now.draft) == (RequestState.APPROVED, None)


CHANGES: dict[str, Callable[[Cast, Scene, Case], Any]] = {
    "a measure": lambda cast, scene, case: record_measure(
        case=case, kind="note", words="Nieuw.", by=Actor(cast.directie, Hat.ANY, timezone.now())
    ),
    "a kind word": lambda cast, scene, case: address_writer(
        case=case, text="Nog iets.", by=Actor(cast.directie, Hat.ANY, timezone.now())
    ),
    "the case closed": lambda cast, scene, case: close_case(
        case=case, by=Actor(cast.directie, Hat.ANY, timezone.now())
    ),
    "removed": lambda cast, scene, case: remove_written(
        written=scene.reply, reason="Om", by=Actor(cast.directie, Hat.STAFF, timezone.now())
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_meanwhile_is_drawn_up_again(
    cast: Cast, scene: Scene, case: Case, waiting: AccessRequest, change: str
) -> None:
    CHANGES[change](cast, scene, case)
    with pytest.raises(service.PiecesChangedError):
        approve(waiting, cast.case_officer)
    assert not AccessCopy.objects.exists()
    service.draw_up(asked=waiting, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    submit(waiting, cast.directie)
    assert approve(waiting, cast.case_officer)


def test_who_hands_in_what_changed_meanwhile_is_led_to_gather_it_again(cast: Cast, case: Case) -> None:
    """What was chosen next on that page was thrown away: "in another window"."""
    by, client = Actor(cast.directie, Hat.ANY, timezone.now()), visit(cast, "directie")
    asked = service.draw_up(asked=start(case, cast.directie), by=by)
    url = reverse("moderation:mark_access", args=[asked.uid])
    lines = {f"p{one.pk}": "inquiry" for one in asked.passages.all()}
    stood = client.get(url).context["form"]["stood"].value()
    record_measure(case=case, kind="note", words="Genoteerd.", by=by)
    answer = client.post(url, {**lines, "stood": stood, "submit": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("moderation:access_request", args=[asked.uid])
    assert "Something changed meanwhile. Gather again; what you chose is kept." in page_text(answer)
    assert "Gather again" in answer.content.decode()
    client.post(reverse("moderation:draw_up_access", args=[asked.uid]))
    assert [*asked.passages.values_list("ground", flat=True)].count("inquiry") == len(lines)


def test_it_comes_back_with_a_word(cast: Cast, waiting: AccessRequest) -> None:
    back = service.return_copy(
        asked=waiting, word="Kijk naar regel 3.", by=Actor(cast.case_officer, Hat.ANY, timezone.now())
    )
    assert (back.state, back.draft, back.word) == (RequestState.DRAWING, None, "Kijk naar regel 3.")
    assert "Kijk naar regel 3." in page_text(visit(cast, "directie").get(page("access_request", back.uid)))
    later = visit(cast, "case_officer").get(page("access_request", back.uid))
    assert later["Location"] == page("access_requests")


def test_given_and_then_the_working_copy_is_gone(cast: Cast, waiting: AccessRequest, second: User) -> None:
    now = timezone.now()
    who = {"handing": "person", "by": Actor(cast.directie, Hat.ANY, now)}
    with pytest.raises(PermissionDenied):
        service.hand_over(asked=waiting, handed_on=waiting.received_on, **who)
    approve(waiting, second)
    for day in (waiting.received_on - timedelta(days=1), waiting.received_on + timedelta(days=2)):
        with pytest.raises(service.WrongDayError):
            service.hand_over(asked=waiting, handed_on=day, **who)
    given = service.hand_over(asked=waiting, handed_on=waiting.received_on, **who)
    assert (given.state, given.passages.count(), given.blackened) == (RequestState.ANSWERED, 0, [])
    assert service.copy_of(given) is not None
    for late in (service.draw_up, service.close_request):
        more = {"reason": "Om"} if late is service.close_request else {}
        with pytest.raises(PermissionDenied):
            late(asked=given, by=Actor(cast.directie, Hat.ANY, now), **more)
    assert list(service.requests_of(actor=Actor(cast.directie, Hat.ANY, now), is_done=True)) == [given]


def test_a_copy_is_given_from_the_day_on_which_it_was_read_over(cast: Cast, case: Case, second: User) -> None:
    """The person read that it was given before it existed."""
    now = timezone.now()
    today = at_school(now).date()
    asked = start(case, cast.directie, received_on=today - timedelta(days=20))
    waits = submit(service.draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, now)), cast.directie)
    approve(waits, second)
    page_of_it = page("hand_over_access", waits.uid)
    client, given = visit(cast, "directie"), {"handing": "person"}
    early = client.post(page_of_it, {**given, "handed_on": (today - timedelta(days=1)).isoformat()})
    assert (early.status_code, "Choose a day since the copy was read over." in page_text(early)) == (422, True)
    assert client.post(page_of_it, {**given, "handed_on": today.isoformat()}).status_code == 302


def test_a_copy_of_more_than_a_thousand_lines_goes_on(cast: Cast, drawn: AccessRequest) -> None:
    """Three long letters: each save was refused, and the month ran."""
    rows_ = [
        AccessPassage(request=drawn, position=900 + n, piece=900, title="Brief", text=f"{n}") for n in range(1_050)
    ]
    AccessPassage.objects.bulk_create(rows_)
    lines = {f"p{one.pk}": one.ground for one in drawn.passages.all()}
    sent = visit(cast, "directie").post(page("mark_access", drawn.uid), {"words": "", "other_words": "", **lines})
    assert (sent.status_code, len(lines) > 1_000) == (302, True)


def test_closed_without_a_copy_says_why(cast: Cast, drawn: AccessRequest) -> None:
    closed = service.close_request(asked=drawn, reason="Ingetrokken.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert (closed.state, closed.passages.count()) == (RequestState.CLOSED, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.update(closed_because="")


def test_a_sealed_copy_is_neither_changed_nor_erased(cast: Cast, waiting: AccessRequest, second: User) -> None:
    copy = approve(waiting, second)
    for act in (lambda: AccessCopy.objects.update(content=b"x"), lambda: AccessCopy.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    triggers.remove(connection)
    try:
        AccessCopy.objects.update(content=b"<p>Anders.</p>")
    finally:
        triggers.install(connection)
    with pytest.raises(CopyDamagedError):
        draw_copy(AccessCopy.objects.get(pk=copy.pk), language="nl")
    answer = visit(cast, "directie").get(page("access_copy", waiting.uid))
    assert (answer.status_code, "Anders." in page_text(answer)) == (500, False)


# The trail and the mail


def test_every_step_is_in_the_trail_without_a_word_of_it(cast: Cast, waiting: AccessRequest, second: User) -> None:
    now = timezone.now()
    approve(waiting, second)
    client = visit(cast, "directie")
    client.post(page("access_pdf", waiting.uid))
    canaries.leaks.clear()
    service.hand_over(
        asked=waiting, handing="post", handed_on=waiting.received_on, by=Actor(cast.directie, Hat.ANY, now)
    )
    events = AuditEvent.objects.filter(subject_uid=waiting.uid).order_by("pk")
    steps = ["opened", "drawn_up", "submitted", "approved", "printed", "handed_over"]
    assert [event.verb for event in events] == [f"access_request.{step}" for step in steps]
    said = repr([event.facts for event in events])
    assert not [word for word in ("Adres", "Mother", "mother", "Gebeld") if word in said]
    finding = {
        name
        for name in NAMES
        if TrailEvent.objects.visible_to(Actor(cast.user(name), Hat.ANY, now)).about(waiting.uid).exists()
    }
    assert finding == {"directie"}


def test_who_can_go_on_gets_a_mail_with_a_link(cast: Cast, second: User, waiting: AccessRequest) -> None:
    now = timezone.now()
    rows = list(OutboxItem.objects.filter(kind=ACCESS_REQUEST).order_by("recipient__email"))
    assert [row.recipient.email for row in rows if row.recipient] == [address("case_officer"), address("tweede")]
    mails = list(kind_of(ACCESS_REQUEST).render(rows, now))
    assert all(
        isinstance(one, outbox.Mail) and str(waiting.uid) in one.text and "Mother" not in one.text for one in mails
    )
    approve(waiting, second)
    withheld = list(kind_of(ACCESS_REQUEST).render(rows, now))
    assert isinstance(withheld[0], outbox.Withheld)
    assert OutboxItem.objects.filter(kind=ACCESS_REQUEST, recipient=cast.directie).count() == 1


# Pages


def test_what_is_typed_stays_in_the_tab_until_it_is_written_down(cast: Cast, case: Case, second: User) -> None:
    client, other = visit(cast, "directie"), visit(cast, "case_officer")
    asked = {"asker": "self", "means": "mail", "received_on": at_school(timezone.now()).date().isoformat()}
    assert is_kept_until_it_arrived(client, page("start_access", case.uid), asked)
    made = AccessRequest.objects.get()
    client.post(page("draw_up_access", made.uid))
    lines = {f"p{one.pk}": one.ground for one in made.passages.all()}
    marked = {"names": ["Father Adres"], "words": "Rust", "other_words": "", **lines}
    assert is_kept_until_it_arrived(client, page("mark_access", made.uid), marked)
    assert is_kept_until_it_arrived(client, page("mark_access", made.uid), {**marked, "submit": "1"})
    back = {"word": "Hier staat een naam.", "return": "1"}
    assert is_kept_until_it_arrived(other, page("review_access", made.uid), back)
    assert is_kept_until_it_arrived(client, page("close_access", made.uid), {"word": "Ingetrokken."})
    canaries.leaks.clear()  # the second person reads what its writer gets


@pytest.mark.parametrize("meanwhile", ["gathered again", "marked", "nothing", "the same"])
def test_lines_of_another_window_do_not_come_back(cast: Cast, drawn: AccessRequest, meanwhile: str) -> None:
    """From a page of before every line would stay, what names others too; a double click is not such a page."""
    client, url = visit(cast, "directie"), page("mark_access", drawn.uid)
    opened = client.get(url).context["form"]
    sent = {name: opened[name].value() for name in opened.fields}
    talk = line(drawn, "Wij spraken af")
    chosen = {**sent, f"p{line(drawn, 'Dank voor').pk}": "advice"}
    if meanwhile == "gathered again":
        service.draw_up(asked=drawn, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    elif meanwhile == "marked":
        mark(drawn, cast.directie, grounds={talk.pk: "inquiry"})
    elif meanwhile == "the same":
        assert client.post(url, chosen).status_code == 302
    before = {one.text: one.ground for one in drawn.passages.all()}
    answer = client.post(url, {**chosen, "submit": "1"}, follow=True)
    said = [str(one) for one in answer.context["messages"]]
    is_taken = meanwhile in ("nothing", "the same")
    if is_taken:
        before["Dank voor het gesprek."] = "advice"
    else:
        assert said == ["This copy changed meanwhile, in another window. Below you see how it stands. Look once more."]
        shown = answer.context["form"]
        assert before == {one.text: shown[f"p{one.pk}"].value() for one in drawn.passages.all()}
    assert {one.text: one.ground for one in drawn.passages.all()} == before
    assert (AccessRequest.objects.get().state == RequestState.REVIEW) == is_taken


def test_the_way_through_the_pages(cast: Cast, case: Case, second: User) -> None:
    canaries.leaks.clear()
    client, other = visit(cast, "directie"), visit(cast, "case_officer")
    asked = {"asker": "self", "means": "mail", "received_on": at_school(timezone.now()).date().isoformat()}
    assert client.post(page("start_access", case.uid), {**asked, "asker": "parent"}).status_code == 422
    tomorrow = at_school(timezone.now()).date() + timedelta(days=1)
    assert client.post(page("start_access", case.uid), {**asked, "received_on": tomorrow}).status_code == 422
    client.post(page("start_access", case.uid), asked)
    made = AccessRequest.objects.get()
    assert client.get(page("mark_access", made.uid)).status_code == 403
    client.post(page("draw_up_access", made.uid))
    lines = {f"p{one.pk}": one.ground for one in made.passages.all()}
    found = {"names": ["Father Adres"], "words": "", "other_words": "", **lines}
    chosen = {**found, f"p{line(made, 'Wij spraken af').pk}": "other"}
    assert client.post(page("mark_access", made.uid), chosen).status_code == 422
    assert client.post(page("mark_access", made.uid), {**chosen, "other_words": "Rust."}).status_code == 302
    assert "Father Adres" in page_text(client.get(page("mark_access", made.uid)))
    client.post(page("mark_access", made.uid), {**chosen, "other_words": "Rust.", "submit": "1"})
    assert other.get(page("mark_access", made.uid)).status_code == 403
    assert client.get(page("review_access", made.uid)).status_code == 403
    review = other.get(page("review_access", made.uid))
    assert "Rust." in page_text(review)
    assert other.post(page("review_access", made.uid), {"return": "1", "word": ""}).status_code == 422
    assert other.post(page("review_access", made.uid), {"digest": "0"}).status_code == 422
    assert other.get(page("access_copy", made.uid)).status_code == 200
    assert client.get(page("access_copy", made.uid)).status_code == 404
    assert other.post(page("review_access", made.uid), {"digest": review.context["digest"]}).status_code == 302
    assert other.get(page("access_request", made.uid))["Location"] == page("access_requests")
    copy = client.get(page("access_copy", made.uid))
    assert copy["Content-Security-Policy"].endswith("sandbox")
    pdf = client.post(page("access_pdf", made.uid))
    assert (pdf["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    given = {"handing": "person", "handed_on": asked["received_on"]}
    assert client.post(page("hand_over_access", made.uid), {**given, "handed_on": tomorrow}).status_code == 422
    client.post(page("hand_over_access", made.uid), given)
    assert AccessRequest.objects.get().state == RequestState.ANSWERED
    canaries.leaks.clear()  # the case officer reads what its writer gets


def test_nobody_else_finds_any_of_it(cast: Cast, waiting: AccessRequest) -> None:
    """Not who asked, not the teacher who handles the case, not the other school: the same 404 as for nothing."""
    routes = ["access_request", "mark_access", "review_access", "access_copy", "close_access", "extend_access"]
    for name in ("mother", "father", "teacher", "directie_elsewhere", "operator", "ict"):
        client = visit(cast, name)
        assert {client.get(page(route, waiting.uid)).status_code for route in routes} == {404}, name
        assert {client.post(page(route, waiting.uid)).status_code for route in ("draw_up_access", "access_pdf")} == {
            404
        }


def test_a_request_is_too_late_in_plain_words(cast: Cast, request_: AccessRequest) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        shown = page_text(client_of(cast.directie).get(page("access_requests")))
    assert "Te laat: uiterlijk" in shown


def test_sudo_mode_asks_first(cast: Cast, drawn: AccessRequest, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = True
    cast.directie.set_password("een-lang-wachtwoord")
    cast.directie.save()
    answer = visit(cast, "directie").get(page("mark_access", drawn.uid))
    assert (answer.status_code, answer["Location"].split("?")[0] == page("mark_access", drawn.uid)) == (302, False)


@pytest.mark.parametrize("route", ["access_requests", "mark_access"])
def test_pages_ask_as_often_for_one_as_for_many(cast: Cast, scene: Scene, drawn: AccessRequest, route: str) -> None:
    client = visit(cast, "directie")
    args = [] if route == "access_requests" else [drawn.uid]

    def asked() -> int:
        client.get(page(route, *args))
        with CaptureQueriesContext(connection) as counted:
            client.get(page(route, *args))
        return len(counted)

    before = asked()
    for who in ("father", "parent_of_two"):
        said = publish_reply(post=scene.post, text="Nog een.", by=Actor(cast.user(who), "family", timezone.now()))
        start(reported(cast, said, "mother").case, cast.directie)
    rows = [AccessPassage(request=drawn, position=900 + n, piece=n, title="T", text="Nog.") for n in range(5)]
    AccessPassage.objects.bulk_create(rows)
    assert asked() == before


def test_without_a_second_person_the_page_says_so(cast: Cast, waiting: AccessRequest) -> None:
    told = "Vraag de stichting om iemand."
    client = client_of(cast.directie)
    assert told not in page_text(client.get(page("access_request", waiting.uid)))
    cast.case_officer.is_active = False
    cast.case_officer.save()
    assert told in page_text(client.get(page("access_request", waiting.uid)))


def test_each_step_that_is_sent_twice_leads_to_where_it_stands(cast: Cast, drawn: AccessRequest, second: User) -> None:
    """A double click shows the page of the first, and not that something is not allowed."""
    client, there = visit(cast, "directie"), page("access_request", drawn.uid)

    def twice(name: str, **sent: Any) -> set[str]:
        return {client.post(page(name, drawn.uid), sent).headers.get("Location", "") for _ in range(2)}

    lines = {f"p{one.pk}": one.ground for one in drawn.passages.all()}
    assert twice("extend_access", word="Veel werk.") == {there}
    assert client.get(page("extend_access", drawn.uid))["Location"] == there
    assert twice("mark_access", words="", other_words="", submit="1", **lines) == {there}
    approve(drawn, second)
    given = {"handing": "person", "handed_on": drawn.received_on.isoformat()}
    assert twice("hand_over_access", **given) == {there}
    again = start(Case.objects.get(writing__kind="reply", about=drawn.about), cast.directie)
    ends = [client.post(page("close_access", again.uid), {"word": "Ingetrokken."}) for _ in range(2)]
    ends.append(client.get(page("close_access", again.uid)))
    assert {answer.headers.get("Location") for answer in ends} == {page("access_request", again.uid)}
    verbs = AuditEvent.objects.filter(subject_kind="access_request").values_list("verb", flat=True)
    once = ("extended", "submitted", "handed_over", "closed")
    assert [list(verbs).count(f"access_request.{verb}") for verb in once] == [1, 1, 1, 1]


def test_who_is_second_with_another_step_reads_that_it_went_on(cast: Cast, drawn: AccessRequest, second: User) -> None:
    """From a page of before, or after a colleague: the answer was that this account cannot do it."""
    client, there = visit(cast, "directie"), page("access_request", drawn.uid)

    def said(name: str, **sent: Any) -> tuple[str, str]:
        answer = client.post(page(name, drawn.uid), sent, follow=True)
        return answer.redirect_chain[-1][0], str(list(answer.context["messages"])[-1])

    went_on = (there, "This request went on meanwhile. Nothing was done now. Below you read how it stands.")
    given = {"handing": "person", "handed_on": drawn.received_on.isoformat()}
    assert said("hand_over_access", **given) == went_on
    lines = {f"p{one.pk}": one.ground for one in drawn.passages.all()}
    client.post(page("mark_access", drawn.uid), {"words": "", "other_words": "", "submit": "1", **lines})
    approve(drawn, second)
    assert said("mark_access", words="", other_words="", **lines) == went_on
    client.post(page("hand_over_access", drawn.uid), given)
    assert said("close_access", word="Om.") == went_on
    assert said("extend_access", word="Om.") == went_on
    assert said("review_access", digest="0") == went_on
    assert AccessRequest.objects.get(pk=drawn.pk).state == RequestState.ANSWERED


@pytest.mark.parametrize("step", ["close_access", "hand_over_access"])
def test_who_ends_what_a_colleague_just_ended_reads_that_it_went_on(
    cast: Cast, waiting: AccessRequest, second: User, step: str
) -> None:
    """The own reason, or day, went without a word."""
    by, today = Actor(second, Hat.ANY, timezone.now()), waiting.received_on
    approve(waiting, second)
    if step == "close_access":
        service.close_request(asked=waiting, reason="Ingetrokken.", by=by)
    else:
        service.hand_over(asked=waiting, handing="post", handed_on=today, by=by)
    sent = {"word": "Te veel werk.", "handing": "person", "handed_on": today.isoformat()}
    answer = visit(cast, "directie").post(page(step, waiting.uid), sent, follow=True)
    said = [str(one) for one in answer.context["messages"]]
    assert said == ["This request went on meanwhile. Nothing was done now. Below you read how it stands."]


def test_who_takes_more_time_after_a_colleague_did_reads_that_it_went_on(
    cast: Cast, drawn: AccessRequest, second: User
) -> None:
    """The own reason went without a word; the same words are a double click."""
    by, client = Actor(second, Hat.ANY, timezone.now()), visit(cast, "directie")
    service.extend_request(asked=drawn, reason="Veel werk.", by=by)
    answers = [client.post(page("extend_access", drawn.uid), {"word": w}, follow=True) for w in ("Ziek.", "Veel werk.")]
    said = [[str(one) for one in answer.context["messages"]] for answer in answers]
    assert said == [["This request went on meanwhile. Nothing was done now. Below you read how it stands."], []]
    assert AccessRequest.objects.get(pk=drawn.pk).extended_because == "Veel werk."


@pytest.mark.parametrize("act", ["approve", "give back"])
def test_who_reads_over_for_the_board_and_sends_it_twice_reads_that_it_was_done(
    cast: Cast, waiting: AccessRequest, act: str
) -> None:
    """From then on the request is not the case officer's: it was a page that is not there."""
    client, there = visit(cast, "case_officer"), page("review_access", waiting.uid)
    digest = chain.digest(bytes(waiting.draft or b""))
    sent = {"digest": digest} if act == "approve" else {"return": "1", "word": "Nog een naam."}
    assert client.post(there, sent).headers["Location"] == page("access_requests")
    for again in (client.post(there, sent, follow=True), client.get(there, follow=True)):
        assert again.redirect_chain[-1][0] == page("access_requests")
        assert str(list(again.context["messages"])[-1]) == "You read this over already. Nothing was done now."
    assert visit(cast, "former_parent").post(there, sent).status_code == 404
    verbs = list(AuditEvent.objects.filter(subject_kind="access_request").values_list("verb", flat=True))
    assert sum(verb in ("access_request.approved", "access_request.returned") for verb in verbs) == 1


@pytest.mark.parametrize("how", ["gathered again", "approved by another", "closed"])
def test_a_second_person_who_comes_too_late_reads_that_it_went_on(
    cast: Cast, waiting: AccessRequest, second: User, how: str
) -> None:
    """All of them get the mail and one is first: the others found a page that is not there, and a word went nowhere."""
    client, review = visit(cast, "case_officer"), page("review_access", waiting.uid)
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    if how == "gathered again":
        service.draw_up(asked=waiting, by=by)
    elif how == "closed":
        service.close_request(asked=waiting, reason="Ingetrokken.", by=by)
    else:
        approve(waiting, second)
    answers = [
        client.post(review, {"digest": chain.digest(bytes(waiting.draft or b""))}, follow=True),
        client.post(review, {"return": "1", "word": "Nog een naam."}, follow=True),
        client.get(review, follow=True),
        client.get(page("access_request", waiting.uid), follow=True),
    ]
    for answer in answers:
        assert answer.redirect_chain[-1][0] == page("access_requests")
        assert str(list(answer.context["messages"])[-1]) == "This request went on meanwhile. Nothing was done now."
    for other in ("mother", "teacher", "directie_elsewhere", "operator"):
        assert visit(cast, other).get(page("access_request", waiting.uid)).status_code == 404


def test_of_a_request_that_never_waited_for_a_second_person_nobody_reads_that_it_went_on(
    cast: Cast, drawn: AccessRequest
) -> None:
    assert visit(cast, "case_officer").get(page("access_request", drawn.uid)).status_code == 404


def test_a_party_reads_of_no_request_that_it_went_on(cast: Cast, waiting: AccessRequest) -> None:
    """The case officer is the other parent by now."""
    rows.caregiver(cast.linde, "Bo", cast.child("Noor"), user=cast.case_officer)
    service.close_request(asked=waiting, reason="Ingetrokken.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    access.reproject()
    assert visit(cast, "case_officer").get(page("access_request", waiting.uid)).status_code == 404


@pytest.mark.parametrize(("parent", "asker"), [("mother", "father"), ("other_parent", "pupil")])
def test_a_measure_on_one_parent_is_in_nobody_elses_copy(cast: Cast, parent: str, asker: str) -> None:
    """Nor what that parent was told: not for the other parent, not for the child. In the own copy it is (POL-65)."""
    now, by = timezone.now(), Actor(cast.directie, Hat.ANY, timezone.now())
    Child.objects.filter(pk=cast.child("Tess").pk).update(birth_on="2008-01-01")
    who: dict[str, Any] = {"school": cast.linde, "side": "family", "opened_by": cast.directie, "opened_at": now}
    case, asked = (written_case(about=cast.user(name), **who) for name in (parent, asker))
    words = {"words": "Geheim besluit.", "told": "Geheime uitleg.", "heard": True}
    record_measure(case=case, kind="suspended", until=at_school(now).date(), **words, by=by)
    record_measure(case=case, kind="pupil_out", letter_number="Geheim-7", by=by)

    def lines(one: Case) -> set[str]:
        drawn = service.draw_up(asked=start(one, cast.directie), by=by)
        return {line for line in drawn.passages.values_list("text", flat=True) if "Geheim" in line}

    assert lines(asked) == set()
    assert lines(case) == {"Geheim besluit.", "Geheime uitleg.", "Brief van het bestuur: Geheim-7"}


def test_that_there_is_an_address_for_a_calendar_is_in_the_copy(cast: Cast, request_: AccessRequest) -> None:
    """Since when, and whether it names the child; the address itself nobody knows any more."""
    by, mother = Actor(cast.directie, Hat.ANY, timezone.now()), Actor(cast.mother, Hat.FAMILY, timezone.now())
    secret = make_address(names_children=True, by=mother)
    make_address(names_children=False, by=mother.wearing(Hat.STAFF)._replace(user=cast.teacher))
    drawn = service.draw_up(asked=request_, by=by)
    found = [one for one in drawn.passages.all() if one.title.startswith("Een adres voor de eigen agenda")]
    assert [one.text for one in found] == ["De voornaam van het kind staat erin."]
    assert not any(secret in one.text + one.title for one in drawn.passages.all())
