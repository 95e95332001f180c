"""F7: districts that had left years before were opened too. Here a school that left is gone, with a certificate."""

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from agenda.models import Event
from groups.models import Caregiver, School, Telling
from groups.roles import Hat
from messaging.models import Image, KeptText, Post
from messaging.removing.services.removal import remove_written
from moderation.leaving.models import Departure
from moderation.leaving.services import certifying, deciding, erasing
from moderation.leaving.services.certifying import holds
from moderation.leaving.services.erasing import NotClosedError, NotDecidedError, take_leave
from moderation.leaving.services.ways import ways_to_person, ways_to_school
from moderation.models import Case
from moderation.restoring.services import put_right
from portal.core import access, dossier, journal, outbox
from portal.core.actor import Actor
from portal.core.doctor import examine
from portal.core.media import storage
from portal.core.models import AuditEvent, User
from tests.cast import PEOPLE, SIGN_IN, Cast, address
from tests.consent.pages import answer, begun
from tests.failures.leaving import rows_of, tables_with
from tests.failures.putting_back import back_up, put_back
from tests.moderation.reporting import reported
from tests.scene import Scene, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]

STAYING = {"teacher_elsewhere", "directie_elsewhere", "parent_elsewhere", "operator"}
"""Whom De Berk knows, and the superuser of the installation."""
OF_NO_SCHOOL = {
    *("auth.Group", "auth.Group_permissions", "auth.Permission", "contenttypes.ContentType", "sessions.Session"),
    *("core.JournalLine", "core.TakenTries", "core.VitalSign", "groups.Foundation", "groups.SchoolYear"),
    *("guardian.GroupObjectPermission", "moderation.Departure"),
}
"""Tables whose rows are of no school and of nobody: what Django keeps, numbers, and the proof itself.

Sessions go with the account, a line of the journal holds no words and goes after 35 days.
"""


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.KRING_DATA_DIR = tmp_path
    settings.KRING_JOURNAL = str(tmp_path / "apart" / "journal.jsonl")
    settings.KRING_SECOND_FACTOR = False


class Place:
    """Two schools with everything in them; Saar's mother has a record at De Linde as well."""

    def __init__(self) -> None:
        self.cast, self.now = Cast(), timezone.now()
        self.scene: Scene = write(self.cast, self.now)
        begun(self.cast, self.now)
        answer(self.cast, "mother", "Noor", self.now, images="yes")
        remove_written(written=self.scene.reply, reason="Kwetsend.", by=self.by("directie"))
        remove_written(written=self.scene.reply_elsewhere, reason="Kwetsend.", by=self.by("directie_elsewhere"))
        stranger = Caregiver.objects.filter(school=self.cast.linde, user=None)
        stranger.update(user=self.cast.parent_elsewhere, joined_at=self.now)
        Client().force_login(self.cast.father, backend=SIGN_IN)
        KeptText.objects.create(
            user=self.cast.parent_elsewhere,
            hat=Hat.FAMILY,
            form="reply",
            about=self.scene.post.uid,
            fields={"text": ["kanarie-groep4-00000000"]},
            kept_at=self.now,
        )
        foundation = self.cast.linde.foundation
        foundation.mailbox = "zegels@stichting.example"
        foundation.save()
        self.day = (self.now + timedelta(days=40)).date()

    def by(self, name: str, days: float = 0) -> Actor:
        return Actor(self.cast.user(name), Hat.STAFF, self.now + timedelta(days=days))

    def decided(self) -> Departure:
        proposed = deciding.propose(
            school=self.cast.linde, leaves_on=self.day, words="Wij gaan verder met iets anders.", by=self.by("directie")
        )
        return deciding.confirm(departure=proposed, by=self.by("case_officer"))

    def left(self) -> Departure:
        return take_leave(departure=self.decided(), now=self.on_the_day())

    def on_the_day(self) -> datetime:
        return self.now + timedelta(days=41)


@pytest.fixture
def place() -> Place:
    return Place()


def test_nothing_of_it_is_left_and_the_other_school_has_all_it_had(place: Place) -> None:
    """Looked for in every column of every table, and among the files; what stays is the certificate, without a name."""
    linde, berk = place.cast.linde, place.cast.berk
    words = "|".join(
        [
            *(str(uid).replace("-", "-?") for uid in (linde.uid, place.scene.post.uid, place.cast.mother.uid)),
            *(f"{address(name)}" for name in PEOPLE if name not in STAYING),
            *("kanarie-(?!.*elsewhere)", "Noor", "Tess", "Zwaantje", "kwikstaart"),
        ]
    )
    before, photos = rows_of(berk.uid), set(Image.objects.filter(school=linde).values_list("key", flat=True))
    assert min(rows_of(linde.uid)[label] for label in ("messaging.Writing", "core.DossierPayload", "groups.Child")) > 0
    assert len(photos) > 1
    assert photos <= set(storage.kept_keys())
    assert len(tables_with(words)) > 15

    departure = place.left()

    kept = {"moderation_departure", "core_journalline"}
    assert tables_with(words) <= kept
    assert not any(rows_of(linde.uid).values())
    assert {label: n for label, n in rows_of(berk.uid).items() if n != before[label]} == {}
    assert photos & set(storage.kept_keys()) == set()
    assert set(User.objects.values_list("email", flat=True)) == {address(name) for name in STAYING}
    assert not any(access.drift().values())
    assert dossier.first_broken(berk.uid) is None
    assert (departure.words, departure.work, holds(departure)) == ("", {}, True)
    assert "cast.example" not in str(departure.certificate)


def test_who_is_named_in_rows_of_another_school_stays_there_without_name_or_address(place: Place) -> None:
    """The directie of De Linde once recorded something for De Berk: that row keeps its hand, nameless."""
    event = Event.objects.filter(pk=place.scene.event_elsewhere.pk)
    event.update(state="cancelled", cancelled_at=place.now, cancelled_by=place.cast.directie)
    place.left()
    left = User.objects.get(pk=place.cast.directie.pk)
    assert (left.name, left.is_active, left.email.replace("-", "")) == ("", False, f"{left.uid.hex}@nobody.invalid")
    assert not left.has_usable_password()


def test_everybody_is_told_and_told_again_when_it_is_taken_back(place: Place) -> None:
    """In Kring and by a mail that says only that something waits; not who decided it."""
    departure = place.decided()
    told = Telling.objects.filter(kind="school_leaves")
    names = {name for name in PEOPLE if told.filter(to__email=address(name)).exists()}
    assert {"mother", "father", "teacher", "ict", "case_officer", "pupil", "parent_elsewhere"} <= names
    assert names & {"directie", "teacher_elsewhere", "operator", "inactive"} == set()
    assert set(told.values_list("told_by__email", flat=True)) == {address("directie")}
    assert told.count() == told.values("to").distinct().count()
    assert set(told.values_list("words", flat=True)) == {"Wij gaan verder met iets anders."}
    mail.outbox.clear()
    outbox.sweep(lane=outbox.Lane.POST, now=place.now + timedelta(days=3))
    mine = [str(one.message()) for one in mail.outbox if one.to == [address("mother")]]
    uid = str(told.get(to=place.cast.mother).uid)
    assert sum(uid in one for one in mine) == 1
    assert not any("iets anders" in one for one in mine)
    deciding.take_back(departure=departure, by=place.by("directie", 5))
    assert not Departure.objects.exists()
    assert Telling.objects.filter(kind="school_stays", to=place.cast.mother).count() == 1


def test_it_takes_two_of_that_school_and_four_weeks(place: Place) -> None:
    def propose(by: Actor, days: int) -> Departure:
        day = (place.now + timedelta(days=days)).date()
        return deciding.propose(school=place.cast.linde, leaves_on=day, words="Weg.", by=by)

    for name in ("teacher", "mother", "case_officer", "ict", "directie_elsewhere", "operator"):
        with pytest.raises(PermissionDenied):
            propose(place.by(name), 40)
    for days in (-1, 0, 34, 368):
        with pytest.raises(deciding.NoNoticeError):
            propose(place.by("directie"), days)
    proposed = propose(place.by("directie"), 36)
    assert propose(place.by("directie"), 90).leaves_on == proposed.leaves_on
    for name in ("directie", "teacher", "mother", "directie_elsewhere", "ict"):
        with pytest.raises(PermissionDenied):
            deciding.confirm(departure=proposed, by=place.by(name))
    with pytest.raises(deciding.NoNoticeError):
        deciding.confirm(departure=proposed, by=place.by("case_officer", 9))
    with pytest.raises(NotDecidedError):
        take_leave(departure=proposed, now=place.on_the_day())
    confirmed = deciding.confirm(departure=proposed, by=place.by("case_officer", 7))
    told = Telling.objects.count()
    deciding.confirm(departure=confirmed, by=place.by("case_officer", 7))
    assert Telling.objects.count() == told
    with pytest.raises(NotDecidedError):
        take_leave(departure=confirmed, now=place.now + timedelta(days=30))
    assert School.objects.filter(pk=place.cast.linde.pk).exists()


def test_the_database_too_wants_two(place: Place) -> None:
    departure = place.decided()
    with pytest.raises(IntegrityError), transaction.atomic():
        Departure.objects.filter(pk=departure.pk).update(confirmed_by_uid=departure.proposed_by_uid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Departure.objects.filter(pk=departure.pk).update(confirmed_by_uid=None, confirmed_at=None, erased_at=place.now)


def test_while_somebody_waits_for_an_end_nothing_goes(place: Place) -> None:
    reported(place.cast, place.scene.post, now=place.now)
    departure = place.decided()
    with pytest.raises(NotClosedError):
        take_leave(departure=departure, now=place.on_the_day())
    assert Post.objects.filter(pk=place.scene.post.pk).exists()
    Case.objects.update(state="closed", closed_at=place.now, closed_by=place.cast.directie)
    take_leave(departure=departure, now=place.on_the_day())
    assert not School.objects.filter(pk=place.cast.linde.pk).exists()


def test_broken_off_it_goes_on_where_it_was(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut among the rows leaves the school whole; among the files, the rest of them goes the next time."""
    departure, linde = place.decided(), place.cast.linde
    before = rows_of(linde.uid)
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_erase_accounts", _power_cut)
        with pytest.raises(PowerCutError):
            take_leave(departure=departure, now=place.on_the_day())
    assert rows_of(linde.uid) == before
    departure.refresh_from_db()
    assert departure.erased_at is None
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(school_uid=linde.uid).delete()
    with monkeypatch.context() as patch:
        patch.setattr(storage, "forget", _power_cut)
        with pytest.raises(PowerCutError):
            take_leave(departure=departure, now=place.on_the_day())
    departure.refresh_from_db()
    assert departure.erased_at
    assert departure.certified_at is None
    assert [
        one.name for one in examine(now=place.on_the_day(), kept_for=timedelta(0)).report().red if one.name == "leaving"
    ] == ["leaving"]
    gone = take_leave(departure=departure, now=place.on_the_day())
    assert holds(gone)
    assert gone.certificate["files"] > 1
    assert set(storage.kept_keys()) == set(Image.objects.values_list("key", flat=True))
    again = take_leave(departure=gone, now=place.on_the_day() + timedelta(days=1))
    assert again.certificate == gone.certificate


class PowerCutError(Exception):
    pass


def _power_cut(*_given: object) -> None:
    raise PowerCutError


def test_the_certificate_goes_to_the_board_and_cannot_be_written_by_hand(place: Place, settings: Any) -> None:
    departure = place.left()
    mail.outbox.clear()
    outbox.sweep(lane=outbox.Lane.POST, now=place.on_the_day())
    [sent] = [one for one in mail.outbox if one.to == ["zegels@stichting.example"]]
    assert departure.seal in sent.body
    assert "99CA00" in sent.body
    assert "kanarie" not in sent.body
    departure.certificate["children"] += 1
    assert not holds(departure)
    departure.certificate["children"] -= 1
    assert holds(departure)
    settings.KRING_CHAIN_KEY = "another-key-of-somebody-who-has-the-database"
    assert not holds(departure)
    assert certifying.SAYS.keys() | {"uid"} == departure.certificate.keys()


def test_it_does_not_come_back_from_a_backup(place: Place, tmp_path: Path) -> None:
    """Put back from before it was even proposed: what two decided stands in the journal."""
    journal.copy(now=place.now)
    backup = back_up(tmp_path)
    place.left()
    now = place.on_the_day()
    journal.copy(now=now)
    assert "anders" not in journal.path().read_text()
    put_back(backup)
    assert School.objects.filter(uid=place.cast.linde.uid).exists()
    assert not Departure.objects.exists()

    report = put_right(source=journal.path(), now=now)

    assert report.doubts == []
    assert not any(rows_of(place.cast.linde.uid).values())
    assert set(User.objects.values_list("email", flat=True)) - {address(name) for name in STAYING} <= {
        "nobody@nobody.invalid"
    }
    assert holds(Departure.objects.get())
    assert put_right(source=journal.path(), now=now).doubts == []


@pytest.mark.nightly
def test_a_restore_that_broke_off_among_its_files_goes_on_with_them(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The school was gone and counted as done: no certificate was made, nor were its files looked after."""
    backup = back_up(tmp_path)
    place.left()
    now = place.on_the_day()
    journal.copy(now=now)
    put_back(backup)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "forget", _power_cut)
        with pytest.raises(PowerCutError):
            put_right(source=journal.path(), now=now)
    assert put_right(source=journal.path(), now=now).doubts == []
    assert holds(Departure.objects.get())


def test_who_looks_after_the_machine_does_it_by_one_command(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*words: str) -> str:
        out = StringIO()
        call_command("school_left", *words, stdout=out)
        return out.getvalue()

    with pytest.raises(CommandError, match="nobody proposed"):
        said("99CA")
    departure = place.decided()
    assert "99CA00" in said()
    with pytest.raises(CommandError, match="its day is"):
        said("99CA")
    Departure.objects.filter(pk=departure.pk).update(leaves_on=place.now.date() - timedelta(days=1))
    text = said("99ca00")
    assert "(holds)" in text
    assert said("99CA") == text


def test_every_table_leads_to_a_school_or_to_a_person() -> None:
    """A new one that does neither is named here, with why; else its rows would outlive their school."""
    from moderation.leaving.services import ways  # noqa: PLC0415

    known = {*ways_to_school(), *ways_to_person()}
    assert {one._meta.label for one in ways._tables() if one not in known} == OF_NO_SCHOOL
