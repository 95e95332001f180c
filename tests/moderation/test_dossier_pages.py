"""The dossier's pages: who reads which hard copy, never without a reason, and destroyed by two only (POL-62)."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.letters.services.people import claim_records, open_account
from groups.models import Caregiver, StaffAssignment
from groups.roles import Hat, Role
from groups.staff.services.staff import invite_staff
from messaging.models import Placement, Post, Writing, WritingVersion
from messaging.posts.services.posts import publish_post
from messaging.removing.services.removal import note_report, remove_photo, remove_written
from moderation.desk.services.desk import trail_at
from moderation.dossier.domain.terms import Terms, term_of, years_later
from moderation.dossier.services import dossier as service
from moderation.dossier.services.drawing import page_of
from moderation.models import Case, Destruction, DossierPiece, DossierReading
from portal.core import access, dossier, triggers
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, DossierEntry, DossierPayload, User
from portal.core.paging import paged
from tests import canaries
from tests.cast import NAMES, SIGN_IN, Cast, address
from tests.kept import is_kept_until_it_arrived
from tests.messaging.pages import page_text
from tests.moderation.reporting import handlers, photo_in, reported, visit
from tests.scene import Scene

REASON = "Ouders vroegen ernaar."


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def come_in(name: str, role: str, cast: Cast) -> User:
    now = timezone.now() - timedelta(days=2)
    invite_staff(email=address(name), role=role, school=cast.linde, name=name.title(), by=clock(now))
    user = open_account(address=address(name))
    user.emailaddress_set.update(verified=True)
    claim_records(user=user, now=now)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def officer(cast: Cast) -> User:
    """The foundation's case officer for De Linde."""
    return User.objects.get(email=address("case_officer"))


@pytest.fixture
def second(cast: Cast) -> User:
    """Another member of the directie of De Linde."""
    return come_in("tweede", Role.DIRECTIE, cast)


@pytest.fixture
def piece(cast: Cast, scene: Scene) -> DossierPiece:
    """The hard copy of a reply that the mother wrote, removed by juf Anna's colleague, the teacher."""
    return removed(scene.reply, cast.teacher)


def removed(written: Any, by: Any) -> DossierPiece:
    entry = remove_written(written=written, reason="Kwetsend.", by=Actor(by, Hat.STAFF, timezone.now()))
    return DossierPiece.objects.get(pk=entry.pk)


def written_by_directie(cast: Cast) -> Post:
    [post] = publish_post(
        groups=[cast.groep_4],
        topic="update",
        title="Van de directie",
        text="Scherpe woorden.",
        replies="off",
        by=Actor(cast.directie, Hat.STAFF, timezone.now()),
    )
    return post


def of_the_directie(cast: Cast, by: Any = None) -> DossierPiece:
    """A message that the head teacher wrote himself, removed."""
    return removed(written_by_directie(cast), by or cast.teacher)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend=SIGN_IN)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"moderation:{name}", args=args)


def readers(piece: DossierPiece, *more: User) -> set[str]:
    people = [(name, Cast().user(name)) for name in NAMES] + [(user.email, user) for user in more]
    now = timezone.now()
    return {
        name
        for name, user in people
        if DossierPiece.objects.visible_to(Actor(user, Hat.ANY, now)).filter(pk=piece.pk).exists()
    }


@pytest.mark.parametrize("pasted", ["groep 4\u200b", "\ufeffgroep 4", "groep\u00ad 4", "groep 4\0"])
def test_what_comes_along_in_pasting_is_not_looked_for(cast: Cast, piece: DossierPiece, pasted: str) -> None:
    page = client_of(cast.directie).get(url("dossier"), {"q": pasted})
    assert (page.status_code, page.context["sought"]) == (200, "groep 4")
    assert reverse("moderation:dossier_piece", args=[piece.uid]) in page.content.decode()


def test_the_directie_reads_and_nobody_else(piece: DossierPiece) -> None:
    assert readers(piece) == {"directie"}


def test_what_a_directie_wrote_the_case_officer_reads(cast: Cast, scene: Scene, second: User) -> None:
    piece = of_the_directie(cast)
    assert readers(piece, second) == {"case_officer"}


def test_what_was_removed_of_who_had_left_the_directie_the_directie_reads(
    cast: Cast, scene: Scene, second: User
) -> None:
    post = written_by_directie(cast)
    task = StaffAssignment.objects.filter(staff__user=cast.directie, school=cast.linde, role=Role.DIRECTIE)
    task.update(valid_until=timezone.now())
    access.reproject(school=cast.linde)
    assert readers(removed(post, cast.teacher), second) == {second.email}


def test_a_photo_is_read_by_the_directie_too(cast: Cast, scene: Scene) -> None:
    placement = Placement.objects.get(writing=scene.post)
    entry = remove_photo(placement=placement, reason="Om", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert readers(DossierPiece.objects.get(pk=entry.pk)) == {"directie"}


def test_a_photo_in_a_case_against_the_directie_the_case_officer_reads(cast: Cast, scene: Scene) -> None:
    placement = Placement.objects.get(writing=scene.post)
    case = reported(cast, placement).case
    Case.objects.filter(pk=case.pk).update(against_directie=True)
    entry = remove_photo(placement=placement, reason="Om", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert readers(DossierPiece.objects.get(pk=entry.pk)) == {"case_officer"}


def test_reading_asks_why_writes_it_down_and_then_shows_the_copy(cast: Cast, piece: DossierPiece) -> None:
    canaries.leaks.clear()
    client = client_of(cast.directie)
    page = url("dossier_piece", piece.uid)
    assert client.post(page, {"reason": "  "}).status_code == 422
    assert DossierReading.objects.count() == 0
    answer = client.post(page, {"reason": REASON})
    reading = DossierReading.objects.get()
    assert answer["Location"] == url("dossier_reading", reading.uid)
    assert client.get(answer["Location"]).status_code == 200
    copy = client.get(url("dossier_copy", reading.uid))
    assert copy.content == page_of(dossier.read(piece) or b"")
    assert copy["Content-Security-Policy"] == ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox")
    assert "no-store" in copy["Cache-Control"]
    assert (reading.reader, reading.reason) == (cast.directie, REASON)
    read = AuditEvent.objects.get(verb="dossier.read")
    assert (read.actor_uid, read.facts) == (cast.directie.uid, {"number": 1, "reading": str(reading.uid)})
    assert REASON in page_text(client.get(page))


def test_the_reason_stays_in_the_tab_until_the_copy_is_read(cast: Cast, piece: DossierPiece) -> None:
    """The page of the copy says nothing of its own about it."""
    client = client_of(cast.directie)
    assert is_kept_until_it_arrived(client, url("dossier_piece", piece.uid), {"reason": REASON})
    reading = DossierReading.objects.get()
    assert "toast" not in client.get(url("dossier_reading", reading.uid)).content.decode()


def test_without_a_trace_nothing_is_shown(cast: Cast, piece: DossierPiece) -> None:
    """DR26: when the trail refuses the row the reading is refused."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            pytest.skip("the trigger is written for SQLite")
        cursor.execute("CREATE TRIGGER test_full BEFORE INSERT ON core_auditevent BEGIN SELECT RAISE(ABORT, 'x'); END")
    try:
        with pytest.raises(DatabaseError), transaction.atomic():
            service.open_copy(piece=piece, reason=REASON, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER test_full")
    assert DossierReading.objects.count() == 0


def test_a_reading_is_its_readers_own_and_lasts_half_an_hour(cast: Cast, piece: DossierPiece, second: User) -> None:
    now = timezone.now()
    reading = service.open_copy(piece=piece, reason=REASON, by=Actor(cast.directie, Hat.ANY, now))
    pages = [url("dossier_reading", reading.uid), url("dossier_copy", reading.uid)]
    assert [client_of(second).get(page).status_code for page in pages] == [404, 404]
    with time_machine.travel(now + timedelta(minutes=30), tick=False):
        client = client_of(cast.directie)
        assert [client.get(page).status_code for page in pages] == [404, 404]


def test_a_damaged_copy_is_not_shown(cast: Cast, piece: DossierPiece) -> None:
    reading = service.open_copy(piece=piece, reason=REASON, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    triggers.remove(connection)
    try:
        DossierPayload.objects.filter(entry=piece.pk).update(content=b"<p>Niets.</p>")
    finally:
        triggers.install(connection)
    answer = client_of(cast.directie).get(url("dossier_copy", reading.uid))
    assert (answer.status_code, "Niets." in page_text(answer)) == (500, False)
    assert "Deze kopie is beschadigd" in page_text(answer)


def test_sudo_mode_asks_first(cast: Cast, piece: DossierPiece, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = True
    cast.directie.set_password("een-lang-wachtwoord")
    cast.directie.save()
    answer = client_of(cast.directie).get(url("dossier_piece", piece.uid))
    assert answer.status_code == 302
    assert answer["Location"].split("?")[0] != url("dossier_piece", piece.uid)


def test_the_list_says_what_is_there(cast: Cast, piece: DossierPiece, officer: User) -> None:
    other = of_the_directie(cast)
    own = page_text(client_of(cast.directie).get(url("dossier")))
    assert ("1 · Reactie" in own, "2 · Bericht" in own) == (True, False)
    theirs = page_text(client_of(officer).get(url("dossier")))
    assert ("1 · Reactie" in theirs, "2 · Bericht" in theirs) == (False, True)
    assert client_of(cast.directie).get(url("dossier_piece", other.uid)).status_code == 404
    assert client_of(cast.directie).get(url("dossier_piece", uuid4())).status_code == 404


# Terms

START = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
YEAR_END = datetime.fromisoformat("2027-07-31T22:00:00+00:00")


@pytest.mark.parametrize(
    ("year_end", "closings", "until"),
    [
        (YEAR_END, [], "2028-07-31T22:00:00+00:00"),
        (YEAR_END, [START], "2028-11-20T12:00:00+00:00"),
        (YEAR_END, [START, years_later(START, 1)], "2029-11-20T12:00:00+00:00"),
        (YEAR_END, [START, None], None),
        (YEAR_END, [None], None),
        (None, [], None),
    ],
)
def test_terms(year_end: Any, closings: Any, until: str | None) -> None:
    expected = datetime.fromisoformat(until) if until else None
    assert term_of(year_end, closings, Terms()) == expected


def test_a_leap_day_ends_on_the_last_of_february() -> None:
    assert years_later(datetime.fromisoformat("2028-02-29T12:00:00+00:00"), 1).day == 28


def test_the_directie_sets_the_terms_with_a_ground(cast: Cast, piece: DossierPiece) -> None:
    client, page = client_of(cast.directie), url("dossier_terms")
    asked = {"after_case": 3, "after_year": 2, "ground": "Besluit bestuur 12 mei.", "version": 1}
    assert client.post(page, {**asked, "ground": ""}).status_code == 422
    assert client.post(page, asked).status_code == 302
    assert service.terms_of(cast.linde) == Terms(3, 2)
    assert client.post(page, {**asked, "after_case": 5}).status_code == 409
    assert service.terms_of(cast.linde) == Terms(3, 2)
    assert service.terms_of(cast.berk) == Terms()
    assert client.post(page, asked).status_code == 302
    assert AuditEvent.objects.filter(verb="dossier.terms_changed").count() == 1


# Destruction


def over(piece: DossierPiece) -> datetime:
    """A moment at which the term of this copy is over."""
    school = Cast().linde
    [kept] = service.with_terms([piece], terms=service.terms_of(school), now=timezone.now())
    assert kept.until
    return kept.until


def test_within_its_term_nothing_is_destroyed(cast: Cast, piece: DossierPiece) -> None:
    before = over(piece) - timedelta(seconds=1)
    with pytest.raises(service.TermNotOverError):
        service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, before))


def test_an_open_case_keeps_the_copy(cast: Cast, scene: Scene, piece: DossierPiece) -> None:
    now = over(piece)
    Case.objects.create(
        school=cast.linde,
        writing=scene.reply,
        about=cast.mother,
        side="family",
        opened_at=timezone.now(),
        opened_by=cast.father,
    )
    with pytest.raises(service.TermNotOverError):
        service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))


def test_a_copy_is_destroyed_by_two(cast: Cast, piece: DossierPiece, second: User) -> None:
    now = over(piece)
    proposal = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))
    assert service.propose_destruction(piece=piece, by=Actor(second, Hat.ANY, now)) == proposal
    with pytest.raises(service.SamePersonError):
        service.confirm_destruction(destruction=proposal, by=Actor(cast.directie, Hat.ANY, now))
    assert dossier.read(piece) is not None
    certificate = service.confirm_destruction(destruction=proposal, by=Actor(second, Hat.ANY, now))
    assert service.confirm_destruction(destruction=proposal, by=Actor(second, Hat.ANY, now)) == certificate
    assert (certificate.kind, certificate.subject_uid, dossier.read(piece)) == ("certificate", piece.uid, None)
    assert DossierEntry.objects.count() == 2
    assert dossier.first_broken(cast.linde.uid) is None


def test_the_words_of_before_go_with_the_copy(cast: Cast, scene: Scene, piece: DossierPiece, second: User) -> None:
    """Of what was removed, and of nothing else; until then they stay, whoever asks the database."""
    removed, other = Writing.objects.get(uid=piece.subject_uid), scene.post
    for writing in (removed, other):
        words = {"text": "Eerst stond hier iets anders.", "written_by": cast.mother, "written_at": timezone.now()}
        WritingVersion.objects.create(writing_id=writing.pk, number=90, **words)
    kept = WritingVersion.objects.exclude(writing=removed).count()
    with pytest.raises(DatabaseError), transaction.atomic():
        WritingVersion.objects.filter(writing=removed).delete()
    proposal = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, over(piece)))
    service.confirm_destruction(destruction=proposal, by=Actor(second, Hat.ANY, over(piece)))
    assert not WritingVersion.objects.filter(writing=removed).exists()
    assert WritingVersion.objects.count() == kept
    with pytest.raises(DatabaseError), transaction.atomic():
        WritingVersion.objects.filter(writing=other.pk).delete()


def test_what_was_taken_back_meanwhile_nobody_confirms(cast: Cast, piece: DossierPiece, second: User) -> None:
    proposal = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, over(piece)))
    assert service.withdraw_destruction(
        destruction=Destruction.objects.get(), by=Actor(cast.directie, Hat.ANY, over(piece))
    )
    with pytest.raises(PermissionDenied):
        service.confirm_destruction(destruction=proposal, by=Actor(second, Hat.ANY, over(piece)))
    assert dossier.read(piece) is not None


def test_the_case_officer_confirms_without_reading(cast: Cast, piece: DossierPiece, officer: User) -> None:
    now = over(piece)
    proposal = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))
    service.confirm_destruction(destruction=proposal, by=Actor(officer, Hat.ANY, now))
    assert not DossierPayload.objects.exists()


def test_a_case_that_opens_meanwhile_stops_it(cast: Cast, scene: Scene, piece: DossierPiece, second: User) -> None:
    now = over(piece)
    proposal = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))
    Case.objects.create(
        school=cast.linde, writing=scene.reply, about=cast.mother, side="family", opened_at=now, opened_by=cast.father
    )
    with pytest.raises(service.TermNotOverError):
        service.confirm_destruction(destruction=proposal, by=Actor(second, Hat.ANY, now))
    assert dossier.read(piece) is not None


def test_the_database_wants_two_people(cast: Cast, piece: DossierPiece, second: User) -> None:
    now = over(piece)
    proposal = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))
    service.confirm_destruction(destruction=proposal, by=Actor(second, Hat.ANY, now))
    with pytest.raises(IntegrityError), transaction.atomic():
        Destruction.objects.update(confirmed_by=cast.directie)


def test_destroying_in_pages(cast: Cast, piece: DossierPiece, second: User) -> None:
    with time_machine.travel(over(piece), tick=False):
        first, other = client_of(cast.directie), client_of(second)
        only = f"{url('dossier')}?voorbij=1"
        assert "1 · Reactie" in page_text(first.get(only))
        assert "Voorgesteld" in page_text(first.post(url("propose_destruction", piece.uid), follow=True))
        proposal = Destruction.objects.get()
        page = url("destruction", proposal.uid)
        assert "Vernietig kopie 1" in page_text(other.get(url("dossier")))
        own = page_text(first.post(page, follow=True))
        assert "Iemand anders bevestigt het." in own
        other.post(page, {"withdraw": "yes"})
        assert not Destruction.objects.exists()
        first.post(url("propose_destruction", piece.uid))
        done = other.post(url("destruction", Destruction.objects.get().uid), follow=True)
        assert "De kopie is vernietigd." in page_text(done)
        assert "Certificaat 2" in page_text(first.get(url("dossier_piece", piece.uid)))
        assert "Geen termijn is voorbij." in page_text(first.get(only))


def test_searching_among_what_is_past_its_term_stays_there(cast: Cast, piece: DossierPiece) -> None:
    with time_machine.travel(over(piece), tick=False):
        client = client_of(cast.directie)
        only = client.get(f"{url('dossier')}?voorbij=1").content.decode()
        sought = client.get(f"{url('dossier')}?q=groep+4").content.decode()
    assert '<input type="hidden" name="voorbij" value="1">' in only
    assert "&amp;voorbij=1&amp;q=groep%204" in sought


def test_who_cannot_find_a_second_person_reads_whom_to_ask_for(cast: Cast, officer: User, piece: DossierPiece) -> None:
    """The only case officer about a copy of the directie; and a directie of one where nobody is case officer."""
    of_directie = of_the_directie(cast)
    alone = "Nog niemand anders kan dit bevestigen."
    for user, copy, who in ((officer, of_directie, "om een tweede zaakbehandelaar"), (cast.directie, piece, "")):
        with time_machine.travel(over(copy), tick=False):
            client, page = client_of(user), url("dossier_piece", copy.uid)
            assert (alone in page_text(client.get(page))) == bool(who)
            client.post(url("propose_destruction", copy.uid))
            told = page_text(client.get(url("destruction", Destruction.objects.get(entry=copy).uid)))
            assert (alone in told, "Iemand anders bevestigt het." in told) == (bool(who), not who)
            assert who in told
    with time_machine.travel(over(piece), tick=False):
        StaffAssignment.objects.filter(staff__user=officer).update(valid_until=timezone.now())
        access.reproject(school=cast.linde)
        told = page_text(client_of(cast.directie).get(url("destruction", Destruction.objects.get(entry=piece).uid)))
        assert "Vraag het bestuur om een zaakbehandelaar." in told


def test_who_has_a_proposal_open_reads_that_it_was_taken_back(
    cast: Cast, piece: DossierPiece, second: User, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever could have confirmed it; for others there never was one. Also when it goes in the same moment."""
    with time_machine.travel(over(piece), tick=False):
        by = Actor(cast.directie, Hat.ANY, timezone.now())
        proposal = service.propose_destruction(piece=piece, by=by)
        page = url("destruction", proposal.uid)
        service.withdraw_destruction(destruction=proposal, by=by)
        for user in (second, officer, cast.directie):
            client = client_of(user)
            for answer in (client.get(page, follow=True), client.post(page, follow=True)):
                assert answer.redirect_chain == [(f"{url('dossier')}?school={cast.linde.uid}", 302)]
                assert "Dit voorstel was al ingetrokken. De kopie blijft." in page_text(answer)
        for name in set(NAMES) - {"directie", "case_officer", "inactive", "anonymous"}:
            assert client_of(cast.user(name)).post(page).status_code == 404
        assert client_of(second).get(url("destruction", uuid4())).status_code == 404
        proposal, confirm = service.propose_destruction(piece=piece, by=by), service.confirm_destruction

        def too_late(*, destruction: Destruction, by: Actor) -> DossierEntry:
            service.withdraw_destruction(destruction=destruction, by=by)
            return confirm(destruction=destruction, by=by)

        monkeypatch.setattr(service, "confirm_destruction", too_late)
        told = page_text(client_of(second).post(url("destruction", proposal.uid), follow=True))
        assert "Dit voorstel was al ingetrokken. De kopie blijft." in told


# The chain, checked


def verify(*args: str) -> tuple[int, str]:
    from io import StringIO  # noqa: PLC0415

    out = StringIO()
    try:
        call_command("verify_dossier", *args, stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


def test_verifying_names_the_first_broken_link(cast: Cast, piece: DossierPiece, scene: Scene) -> None:
    removed(scene.post, cast.directie)
    status, said = verify()
    head = service.head_of(cast.linde)
    assert (status, f"holds, 2 entries, keyed from number 1, head {head.hash}" in said, head.entries) == (0, True, 2)
    triggers.remove(connection)
    try:
        DossierEntry.objects.filter(number=1).update(reason="anders")
    finally:
        triggers.install(connection)
    assert verify()[0] == 1
    assert "De Linde: broken at number 1" in verify("--school", "99CA")[1]
    assert verify("--school", "99CB") == (0, f"99CB De Berk: holds, 0 entries, head {'0' * 64}\n")


def test_the_case_officer_removes_what_a_directie_wrote_once_reported(cast: Cast, scene: Scene, officer: User) -> None:
    from django.core.exceptions import PermissionDenied  # noqa: PLC0415

    [post] = publish_post(
        groups=[cast.groep_4],
        topic="update",
        title="Van de directie",
        text="Scherpe woorden.",
        replies="off",
        by=Actor(cast.directie, Hat.STAFF, timezone.now()),
    )
    with pytest.raises(PermissionDenied):
        removed(post, officer)
    for written in (post, scene.reply):
        note_report(written=written, now=timezone.now())
    with pytest.raises(PermissionDenied):
        removed(scene.reply, officer)
    assert removed(post, officer).number == 1


def test_what_the_family_of_a_directie_wrote_the_case_officer_reads(cast: Cast, scene: Scene, officer: User) -> None:
    """W8: the head teacher is a party in that case, so neither the case nor its copy is his to read."""
    now = timezone.now()
    Caregiver.objects.filter(pk=cast.caregiver("father").pk).update(user=cast.directie)
    case = reported(cast, scene.reply, "parent_of_two").case
    assert (case.against_directie, handlers(cast, case)) == (True, {"case_officer"})
    piece = removed(scene.reply, cast.teacher)
    assert readers(piece) == {"case_officer"}
    assert url("dossier_piece", piece.uid) in client_of(officer).get(url("case", case.uid)).content.decode()
    canaries.leaks.clear()
    assert not trail_at(Actor(cast.directie, Hat.ANY, now + timedelta(minutes=1))).about(piece.uid).exists()


def test_a_proposal_taken_back_too_late_says_that_the_copy_is_gone(
    cast: Cast, piece: DossierPiece, officer: User
) -> None:
    with time_machine.travel(over(piece), tick=False):
        now = timezone.now()
        proposed = service.propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))
        service.confirm_destruction(destruction=proposed, by=Actor(officer, Hat.ANY, now))
        page = client_of(officer).post(url("destruction", proposed.uid), {"withdraw": ""}, follow=True)
    said = [str(one) for one in page.context["messages"]]
    assert said == ["De kopie is vernietigd."]


def test_a_dossier_of_years_is_shown_page_by_page(
    cast: Cast, scene: Scene, piece: DossierPiece, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = removed(scene.reply_to_teacher, cast.directie)
    monkeypatch.setattr("moderation.dossier.views.dossier.paged", partial(paged, size=1))
    shown = [visit(cast, "directie").get(url("dossier"), {"pagina": number}) for number in (1, 2)]
    found = [[url("dossier_piece", one.uid) in answer.content.decode() for one in (other, piece)] for answer in shown]
    assert found == [[True, False], [False, True]]
    assert "Page 2 of 2" in page_text(shown[1])


def found(actor: Any, cast: Cast, sought: str) -> set[int]:
    by = Actor(actor, Hat.ANY, timezone.now())
    return {
        one.piece.pk
        for one in service.kept_pieces(actor=by, school=cast.linde, terms=service.terms_of(cast.linde), sought=sought)
    }


def test_a_copy_is_found_by_group_person_and_reason_and_not_by_its_words(
    cast: Cast, scene: Scene, officer: User
) -> None:
    """Each word has to be about it; nobody finds more than the copies that person reads."""
    reply = removed(scene.reply, cast.teacher)
    by = Actor(cast.directie, Hat.STAFF, timezone.now())
    photo = remove_photo(placement=photo_in(scene.post), reason="Niet gevraagd.", by=by)
    name, words = scene.reply.author_name, scene.reply.text.split()[0]
    assert found(cast.directie, cast, cast.groep_4.name) >= {reply.pk, photo.pk}
    assert found(cast.directie, cast, name.upper()) == {reply.pk}
    assert found(cast.directie, cast, words) == set()
    assert found(cast.directie, cast, f"{cast.groep_4.name} kwetsend") == {reply.pk}
    assert found(cast.directie, cast, f"{name} gevraagd") == set()
    assert found(cast.directie, cast, str(reply.number)) >= {reply.pk}
    assert found(officer, cast, name) == set()
    client, listed = visit(cast, "directie"), reverse("moderation:dossier")
    assert f"{cast.groep_4.name} · {name}" in page_text(client.get(listed, {"q": name}))
    assert "No copy is about" in page_text(client.get(listed, {"q": "zzz"}))


def test_the_name_of_a_child_finds_no_copy_of_its_conversation(cast: Cast, scene: Scene) -> None:
    note_report(written=scene.said_by_teacher, now=timezone.now())
    case = reported(cast, scene.said_by_teacher, "mother").case
    assert case.child is not None
    piece = removed(scene.said_by_teacher, cast.directie)
    assert found(cast.directie, cast, scene.said_by_teacher.author_name) == {piece.pk}
    assert found(cast.directie, cast, case.child.last_name) == set()
