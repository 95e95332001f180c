"""F12: what was removed, withdrawn or ended comes back from a backup. Here it does not (docs/failures.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from consent.asking.domain.purposes import IMAGES, SCHOOL_GUIDE, Basis
from consent.asking.models import Reach
from consent.asking.services.texts import change_purpose
from consent.models import Clearance, Purpose
from groups.letters.services.claims import unlink_account
from groups.models import Child, ContactChoice, Guardianship, Level, Restriction, Shield
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.people.services.restrictions import restrict_person
from groups.people.services.shields import shield_child
from groups.roles import Hat
from groups.roster.domain import caregivers
from groups.roster.services.roster import RosterImport, import_roster, read_school_code
from messaging.models import Placement, Post, Writing
from messaging.removing.services.removal import remove_photo, remove_written, retract_written
from messaging.writings.services.written import hide_written
from moderation.restoring.services import open_doors, put_right, release_mail
from portal.core import access, dossier, journal, outbox, replaying, triggers
from portal.core.actor import Actor, clock
from portal.core.models import DossierPayload, JournalLine, OutboxItem, User
from tests.cast import SIGN_IN, Cast, caregivers_csv
from tests.consent.pages import answer, begun
from tests.failures.putting_back import back_up, put_back
from tests.scene import Scene, write
from tests.share import at_night

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("postgresql")]


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(settings: Any, tmp_path: Path) -> None:
    """Its photos, its journal, its doors."""
    settings.KRING_DATA_DIR = tmp_path
    settings.KRING_JOURNAL = str(tmp_path / "apart" / "journal.jsonl")


@dataclass
class School:
    """A school as it was when the backup was made."""

    cast: Cast
    scene: Scene
    at: datetime
    backup: Path
    sealed: int
    waiting: set[str]

    def by(self, name: str, hat: str = Hat.STAFF, days: float = 0) -> Actor:
        return Actor(self.cast.user(name), hat, self.at + timedelta(days=days))


@pytest.fixture
def school(tmp_path: Path) -> School:
    cast, now = Cast(), timezone.now()
    scene = write(cast, now)
    begun(cast, now)
    answer(cast, "mother", "Noor", now, images="yes")
    _set_guide(Basis.OBJECTION, Reach.EVERYBODY, by=Actor(cast.directie, Hat.STAFF, now))
    entry = remove_written(
        written=scene.reply_elsewhere, reason="Kwetsend.", by=Actor(cast.directie_elsewhere, Hat.STAFF, now)
    )
    cast.colleague.set_password("wat-er-eerst-was")
    cast.colleague.save()
    Client().force_login(cast.father, backend=SIGN_IN)
    journal.copy(now=now)
    waiting = set(OutboxItem.objects.filter(state="pending").values_list("dedupe_key", flat=True))
    assert waiting
    return School(cast, scene, now, back_up(tmp_path), entry.pk, waiting)


def _set_guide(basis: str, reach: str, *, by: Actor) -> None:
    """On which ground the school guide shows pupils, and to whom."""
    guide = Purpose.objects.get(key=SCHOOL_GUIDE)
    change_purpose(purpose=guide, version=guide.version, basis=basis, reach=reach, requires_all=False, by=by)


def send_mail(now: datetime) -> list[str]:
    """Sweep both lanes; to whom a mail went, with its subject."""
    mail.outbox.clear()
    for lane in outbox.Lane:
        outbox.sweep(lane=lane, now=now)
    return sorted(f"{one.to[0]} {one.subject}" for one in mail.outbox)


def take_away(school: School, days: float) -> None:
    """All that may not come back, on one day."""
    cast, scene = school.cast, school.scene
    photo = Placement.objects.select_related("school").get(writing=scene.post_groep_5)
    remove_photo(placement=photo, reason="Kwetsend.", by=school.by("directie", days=days))
    remove_written(written=scene.post, reason="Kwetsend.", by=school.by("directie", days=days))
    retract_written(
        written=scene.post_whole_school, by=Actor(scene.post_whole_school.author, Hat.ANY, _day(school, days))
    )
    hide_written(written=scene.reply_to_teacher, by=school.by("teacher", days=days))
    answer(cast, "mother", "Noor", _day(school, days), images="no")
    _set_guide(Basis.CONSENT, Reach.SCHOOL, by=school.by("directie", days=days))
    end_guardianship(guardianship=cast.guardianship("father", "Noor"), by=school.by("directie", days=days))
    unlink_account(caregiver=cast.caregiver("council_member"), by=school.by("directie", days=days))
    shield_child(child=cast.child("Lot"), reason="Geheim adres.", by=school.by("directie", days=days))
    choose_way(user=cast.other_parent, school=cast.linde, way="none", now=_day(school, days))
    restrict_person(
        person=cast.parent_of_two,
        school=cast.linde,
        kind="limited",
        until=_day(school, days + 60),
        case_uid=school.scene.post.uid,
        by=school.by("directie", days=days),
    )
    User.objects.filter(pk=cast.editor.pk).update(is_active=False)
    User.objects.filter(pk=cast.colleague.pk).update(password="!something-newer", email="nieuw@cast.example")
    dossier.destroy(
        dossier.DossierEntry.objects.get(pk=school.sealed), reason="De tijd is om.", by=school.by("directie_elsewhere")
    )


def _day(school: School, days: float) -> datetime:
    return school.at + timedelta(days=days)


def taken_away(school: School, now: datetime) -> dict[str, object]:
    """What the directie, the parents and the children of it count on."""
    cast, scene = school.cast, school.scene
    state = dict(Writing.objects.values_list("pk", "state"))
    father = User.objects.get(pk=cast.father.pk)
    noor = Child.objects.filter(pk=cast.child("Noor").pk)
    return {
        "removed": (state[scene.post.pk], Writing.objects.get(pk=scene.post.pk).text),
        "taken back": state[scene.post_whole_school.pk],
        "hidden": state[scene.reply_to_teacher.pk],
        "photo": Placement.objects.get(writing=scene.post_groep_5).dossier_entry is not None,
        "consent": noor.filter(Clearance.objects.shows_child(IMAGES, child="pk", now=now)).exists(),
        "shown in the guide": [
            *Purpose.objects.filter(key=SCHOOL_GUIDE).values_list("basis", "reach"),
            noor.filter(Clearance.objects.shows_child(SCHOOL_GUIDE, child="pk", now=now)).exists(),
        ],
        "father reads": Post.objects.visible_to(Actor(father, Hat.FAMILY, now)).count(),
        "account off": cast.caregiver("council_member").user_id,
        "shielded": Shield.objects.filter(child__first_name="Lot").count(),
        "no mail": list(ContactChoice.objects.filter(user=cast.other_parent).values_list("way", flat=True).distinct()),
        "limited": Restriction.objects.filter(user=cast.parent_of_two).count(),
        "closed": User.objects.get(pk=cast.editor.pk).is_active,
        "old password": User.objects.get(pk=cast.colleague.pk).has_usable_password(),
        "old address": User.objects.filter(email=cast.colleague.email).exists(),
        "destroyed": DossierPayload.objects.filter(entry=school.sealed).exists(),
        "sessions": Session.objects.count(),
    }


GONE: dict[str, object] = {
    "removed": ("removed", ""),
    "taken back": "retracted",
    "hidden": "hidden",
    "photo": True,
    "consent": False,
    "shown in the guide": [(Basis.CONSENT, Reach.SCHOOL), False],
    "father reads": 0,
    "account off": None,
    "shielded": 1,
    "no mail": ["none"],
    "limited": 1,
    "closed": False,
    "old password": False,
    "old address": False,
    "destroyed": False,
    "sessions": 0,
}


@pytest.mark.parametrize("days", [1, pytest.param(30, marks=pytest.mark.long)])
def test_nothing_comes_back(school: School, days: int) -> None:
    first = send_mail(_day(school, 0.1))
    take_away(school, days - 0.5)
    second = send_mail(_day(school, days - 0.4))
    assert first
    assert second
    now = _day(school, days)
    journal.copy(now=now)
    assert "kanarie" not in journal.path().read_text()

    put_back(school.backup)
    came_back = taken_away(school, now)
    assert {name for name, stands in came_back.items() if stands == GONE[name]} == set()

    report = put_right(source=journal.path(), now=now)
    assert taken_away(school, now) == GONE
    assert report.doubts == []
    assert not any(access.drift().values())
    assert dossier.first_broken(school.cast.linde.uid) is None
    assert dossier.first_broken(school.cast.berk.uid) is None

    open_doors(report=report, signed_by=None, now=now)
    assert send_mail(now) == []
    assert OutboxItem.objects.filter(dedupe_key__in=school.waiting, state="accepted").count() > 0
    release_mail(send=True, now=now)
    again = send_mail(now + timedelta(minutes=1))
    assert set(again) & {*first, *second} == set()

    again_done = put_right(source=journal.path(), now=now)
    assert again_done.doubts == []
    assert taken_away(school, now) == GONE


def test_a_copy_that_was_destroyed_stays_so_where_the_first_run_ended_before_it(school: School) -> None:
    """Broken off, or with an older journal: the next run met its text removed, and did not know its new seal."""
    by = school.by("directie")
    photo = Placement.objects.select_related("school").get(writing=school.scene.post_groep_5)
    removed = [
        remove_written(written=school.scene.post, reason="Kwetsend.", by=by),
        remove_photo(placement=photo, reason="Kwetsend.", by=by),
    ]
    journal.copy(now=_day(school, 0.2))
    older = journal.path().with_name("older.jsonl")
    older.write_bytes(journal.path().read_bytes())
    for entry in removed:
        dossier.destroy(entry, reason="De tijd is om.", by=by)
    journal.copy(now=_day(school, 0.5))
    put_back(school.backup)
    put_right(source=older, now=_day(school, 1))
    copies = DossierPayload.objects.filter(entry__subject_uid__in=[entry.subject_uid for entry in removed])
    assert copies.count() == len(removed)
    assert put_right(source=journal.path(), now=_day(school, 1)).doubts == []
    assert not copies.exists()


@pytest.mark.nightly
def test_broken_off_where_the_backup_knows_no_line_the_next_run_does_the_rest(school: School) -> None:
    """What the first run wrote itself, numbered far above, was taken for the oldest that was known."""
    JournalLine.objects.all().delete()
    backup = back_up(school.backup.parent)
    take_away(school, 0.5)
    now = _day(school, 1)
    journal.copy(now=now)
    put_back(backup)
    broken_off = journal.path().with_name("broken-off.jsonl")
    lines = journal.path().read_bytes().splitlines(keepends=True)
    broken_off.write_bytes(b"".join(lines[:-8]))
    put_right(source=broken_off, now=now)
    assert taken_away(school, now) != GONE
    journal.copy_or_close(now=now)
    assert put_right(source=journal.path(), now=now).doubts == []
    assert taken_away(school, now) == GONE


@pytest.mark.parametrize("level", [Level.CONTACT_BAN, *map(at_night, [Level.WITHOUT_AUTHORITY, None])])
def test_the_next_list_of_caregivers_opens_nothing_that_was_decided(school: School, level: str | None) -> None:
    """The list of the office says "ja" for years after a judge said no: of that the directie had decided."""
    cast, by = school.cast, school.by("directie", days=0.5)
    father = cast.guardianship("father", "Noor")
    if level:
        decide_guardianship(guardianship=father, level=level, evidence="Beschikking gezien.", by=by)
    else:
        end_guardianship(guardianship=father, evidence="Beschikking gezien.", by=by)
    decided = _as_decided(cast)
    journal.copy(now=_day(school, 1))
    assert "Beschikking" not in journal.path().read_text()

    put_back(school.backup)
    put_right(source=journal.path(), now=_day(school, 1))
    assert _as_decided(cast) == decided
    assert put_right(source=journal.path(), now=_day(school, 1)).doubts == []
    assert _as_decided(cast) == decided

    _take_over_a_list(school)
    assert _as_decided(cast) == decided
    father_now = User.objects.get(pk=cast.father.pk)
    assert not Post.objects.visible_to(Actor(father_now, Hat.FAMILY, _day(school, 3))).exists()


@pytest.mark.nightly
@pytest.mark.parametrize("level", [Level.DAILY_CARER, Level.ADMITTED_READER])
def test_the_next_list_of_caregivers_gives_back_no_authority_that_was_lost(school: School, level: str) -> None:
    """Who may still read is out until the directie says so once more: a restore lets nobody in."""
    cast, by = school.cast, school.by("directie", days=0.5)
    decide_guardianship(guardianship=cast.guardianship("father", "Noor"), level=level, by=by)
    journal.copy(now=_day(school, 1))

    put_back(school.backup)
    assert put_right(source=journal.path(), now=_day(school, 1)).doubts == []
    _take_over_a_list(school)
    lost = cast.guardianship("father", "Noor")
    assert (lost.level, lost.decided_by, lost.valid_until) == (Level.WITHOUT_AUTHORITY, cast.directie, None)
    assert lost.evidence == "Had een andere plek voordat de back-up werd teruggezet. Beslis het nog een keer."
    let_in = decide_guardianship(guardianship=lost, level=level, by=school.by("directie", days=3))
    assert put_right(source=journal.path(), now=_day(school, 4)).doubts == []
    assert cast.guardianship("father", "Noor") == let_in


@pytest.mark.nightly
def test_words_of_a_photo_that_its_writer_took_out_stay_out(school: School) -> None:
    """They may have named a child; of the text under it the same holds."""
    placement = Placement.objects.get(writing=school.scene.post_groep_5)
    Placement.objects.filter(pk=placement.pk).update(alt="kanarie met een naam")
    journal.copy(now=school.at)
    backup = back_up(school.backup.parent)
    Placement.objects.filter(pk=placement.pk).update(alt="kanarie zonder naam")
    journal.copy(now=_day(school, 1))
    put_back(backup)
    assert put_right(source=journal.path(), now=_day(school, 1)).doubts == []
    assert Placement.objects.get(pk=placement.pk).alt == ""
    assert "kanarie" not in journal.path().read_text()


def _take_over_a_list(school: School) -> None:
    """The list of the office, in which both parents of Noor have authority."""
    listed = [("Noor", "mother", "ja"), ("Noor", "father", "ja"), ("Noor", "admitted_reader", "")]
    order = RosterImport(school=read_school_code("99CA"), caregivers=caregivers.parse(caregivers_csv(listed)))
    import_roster(order=order, by=clock(_day(school, 2)))


def _as_decided(cast: Cast) -> list[tuple[object, ...]]:
    """All that was ever so between Noor and her father: who decided it, and until when it held."""
    rows = Guardianship.objects.of_pair(cast.guardianship("father", "Noor"))
    return sorted(rows.values_list("uid", "level", "decided_by", "valid_from", "valid_until"))


def _nothing(*_given: object, **_named: object) -> str:
    return "before"


@pytest.mark.nightly
@pytest.mark.parametrize(
    "left_out",
    [
        "moderation.restoring.services._take_away_again",
        "moderation.restoring.services._derive",
        "moderation.restoring.services._end_sessions",
        "portal.core.replaying.sealed",
        "portal.core.replaying.sent",
        "messaging.removing.services.again.written_again",
        "messaging.removing.services.again.photo_again",
        "groups_guardianship_taken",
        "consent_decision_made",
        "core_user_replaced_password",
    ],
)
def test_a_step_left_out_is_seen(school: School, left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drill would not be worth much otherwise: each step, each way of a line's being done, and triggers."""
    module, _, name = left_out.rpartition(".")
    if not module:
        [trigger] = [one for one in triggers.expected(connection.vendor) if one.name == left_out]
        with connection.cursor() as cursor:
            cursor.execute(triggers._drop(connection.vendor, trigger))
    else:
        step = getattr(import_module(module), name)
        places = [place for place, handler in replaying._handlers.items() if handler is step]
        for place in places:
            monkeypatch.setitem(replaying._handlers, place, _nothing)
        if not places:
            monkeypatch.setattr(left_out, _nothing)
    with pytest.raises(AssertionError):
        test_nothing_comes_back(school, 1)
