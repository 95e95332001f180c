"""What the demo's schools ask their families, and what they answered: by the services, and the pile of paper at once.

Both began with Kring's consent last week, after their messages were placed, and their rounds are open; at the first one
the round of last year stands closed. Most families of whom somebody came in said yes there; most others handed in
paper, so that the gate of most groups names few children. Only groep 4, juf Anna's, still misses many. The parents of
Noor do not agree about social media; Fenna's mother said no to photos, so that a few photos of groep 4 wait for juf
Anna; a child of groep 7 rather not.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from consent.answers.models import AnswerWay
from consent.answers.policies import can_decide_for_self
from consent.answers.services.decisions import decide_for_child, decide_for_self
from consent.answers.services.reluctance import note_reluctance
from consent.asking.domain.purposes import FOR_ADULTS, IMAGES, SOCIAL_MEDIA, WEBSITE, WITHOUT_PLACE, Says
from consent.asking.services.starting import start_consent
from consent.models import Clearance, ConsentRound, Decision, PaperForm, Purpose, RoundPurpose
from consent.rounds.services.rounds import open_round
from groups.models import Child, Enrolment, Group, GroupKind, Guardianship, School, StaffMember
from groups.people.services.shields import shield_child
from groups.roles import Hat
from messaging.models import Placement
from messaging.photos.services.judging import judge_photos
from messaging.photos.services.refusals import follow_refusals
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.media import storage
from portal.core.media.decoding import Refused, develop
from portal.core.models import User
from portal.demo.cast import DIRECTIES, KLINKERHOEK, PERSONA_EMAILS
from portal.demo.drawings import draw
from portal.demo.seed_people import SeededSchool

BEGAN = timedelta(days=7)
CLOSES = timedelta(days=14)
LEFT_TO_LOOK_AT = 3
REFUSING = "lotte.veenstra@post.example"
SILENT = 2
UNDECIDED = {"nienke.bos@post.example", PERSONA_EMAILS["vader"]}
"""Who has not answered yet; Said answered about social media only."""
_MINUTE = timedelta(minutes=1)


def ask_families(seeded: SeededSchool, *, now: datetime) -> None:
    """Begin with consent, answer for most families, and leave something to look at at the first school."""
    is_first = seeded.school.brin == KLINKERHOEK.brin
    directie = User.objects.get(email=DIRECTIES[seeded.school.brin][1])
    began = max(now - BEGAN, seeded.opened_at + 10 * _MINUTE)
    start_consent(school=seeded.school, by=Actor(directie, Hat.ANY, began))
    if is_first:
        _asked_last_year(seeded.school, directie, began)
    open_round(
        school=seeded.school, closes_on=at_school(now + CLOSES).date(), by=Actor(directie, Hat.ANY, began + _MINUTE)
    )
    asked = {purpose.key: purpose for purpose in Purpose.objects.asked().filter(school=seeded.school)}
    answered_at = began + 2 * _MINUTE
    _staff_agrees(seeded, asked, answered_at)
    _families_answer(seeded, asked, answered_at)
    _paper_came_in(seeded.school, asked, Actor(directie, Hat.ANY, answered_at))
    if is_first:
        _one_rather_not(seeded, answered_at)
        _one_shielded(seeded, directie, answered_at)
        _look_at_photos(seeded, directie, now)
    follow_refusals(now=now)


def ask_pupils(seeded: SeededSchool, *, now: datetime) -> None:
    """A round that is open and nobody answered yet: whoever is sixteen is asked alone."""
    directie = User.objects.get(email=DIRECTIES[seeded.school.brin][1])
    start_consent(school=seeded.school, by=Actor(directie, Hat.ANY, now - _MINUTE))
    open_round(school=seeded.school, closes_on=at_school(now + CLOSES).date(), by=Actor(directie, Hat.ANY, now))


def _asked_last_year(school: School, directie: User, began: datetime) -> None:
    """The round of before, as a row: nobody of today was in then, so no service opens it."""
    opened = began - timedelta(days=364)
    row = ConsentRound.objects.create(
        school=school, opens_at=opened, closes_at=opened + 3 * BEGAN, lapses=True, opened_by=directie
    )
    asked = Purpose.objects.asked().filter(school=school)
    RoundPurpose.objects.bulk_create(RoundPurpose(round=row, purpose=one, text_version=1) for one in asked)


def _paper_came_in(school: School, asked: dict[str, Purpose], by: Actor) -> None:
    """A form of one parent of each child about whom nobody answered, but for groep 4 and the last two of each group.

    The rows that `record_paper` makes, written at once: looking at two hundred scans would take a minute.
    """
    scan = develop(draw("formulier", 0))
    if isinstance(scan, Refused):
        raise RuntimeError(scan.reason)
    sha256, day = hashlib.sha256(scan.renditions[0].data).hexdigest(), at_school(by.now).date()
    forms = [
        PaperForm(
            school=school, child=held.child, caregiver=held.caregiver, signed_on=day,
            key=storage.keep(scan.renditions), sha256=sha256, recorded_by=by.user, recorded_at=by.now,
        )
        for held in _silent(school, by.now)
    ]  # fmt: skip
    PaperForm.objects.bulk_create(forms)
    Decision.objects.bulk_create(
        Decision(
            school=school, purpose=purpose, child=form.child, caregiver=form.caregiver, says=says, text_version=version,
            way=AnswerWay.PAPER, paper=form, recorded_by=by.user, decided_at=by.now,
        )
        for number, form in enumerate(forms)
        for purpose, (says, version) in _yes(asked, but={SOCIAL_MEDIA} if number % 4 == 0 else ()).items()
    )  # fmt: skip
    access.reproject(school=school, only=Clearance)
    for form in forms:
        about: Any = {"subject_kind": "paper_form", "subject_uid": form.uid, "school_uid": school.uid}
        audit.record("recorded", by=by, answers=len(asked), **about)


def _silent(school: School, now: datetime) -> list[Guardianship]:
    """One caregiver with authority of each child about whom nobody answered; of each group the last two stay silent."""
    answered = Decision.objects.filter(school=school, child__isnull=False).values("child")
    stays = Enrolment.objects.active(now=now).filter(group__school=school, group__kind=GroupKind.BASE)
    children: dict[int, list[int]] = defaultdict(list)
    rows = (
        stays.exclude(child__in=answered)
        .exclude(group__roster_key="G4", group__school__brin=KLINKERHOEK.brin)
        .order_by("child")
    )
    for group, child in rows.values_list("group", "child"):
        children[group].append(child)
    silent = {child for here in children.values() for child in here[:-SILENT]}
    held = Guardianship.objects.deciding().active(now=now).filter(child__in=silent)
    first: dict[int, Guardianship] = {}
    for row in held.select_related("child", "caregiver").order_by("pk"):
        first.setdefault(row.child_id, row)
    return list(first.values())


def _staff_agrees(seeded: SeededSchool, asked: dict[str, Purpose], now: datetime) -> None:
    """What staff say about the own image, each for himself."""
    answers = {asked[key]: (Says.YES, 1) for key in sorted(FOR_ADULTS - WITHOUT_PLACE)}
    for member in StaffMember.objects.filter(school=seeded.school, user__isnull=False).order_by("pk"):
        by = member.user
        if can_decide_for_self(Actor(by, Hat.ANY, now), seeded.school):
            decide_for_self(school=seeded.school, answers=answers, by=Actor(by, Hat.ANY, now))


def _families_answer(seeded: SeededSchool, asked: dict[str, Purpose], now: datetime) -> None:
    """One parent of each family that came in, and of Noor and Ilyas both."""
    answered: set[int] = set()
    held = (
        Guardianship.objects.deciding()
        .active(now=now)
        .filter(child__school=seeded.school, caregiver__user__isnull=False)
    )
    for guardianship in held.select_related("child__school", "caregiver__user").order_by("child", "pk"):
        email = guardianship.caregiver.email
        if email in UNDECIDED or guardianship.child_id in answered:
            continue
        answered.add(guardianship.child_id)
        _decide(guardianship, _yes(asked, but=_refused_by(email)), now)
    for guardianship in held.filter(caregiver__email=PERSONA_EMAILS["vader"]).select_related(
        "child", "caregiver__user"
    ):
        _decide(guardianship, {asked[SOCIAL_MEDIA]: (Says.NO, 1)}, now + 5 * _MINUTE)


def _decide(guardianship: Guardianship, answers: dict[Purpose, tuple[Says, int]], now: datetime) -> None:
    by = guardianship.caregiver.user
    decide_for_child(child=guardianship.child, answers=answers, by=Actor(by, Hat.ANY, now))


def _refused_by(email: str) -> set[str]:
    if email == REFUSING:
        return {IMAGES, WEBSITE, SOCIAL_MEDIA}
    return {WEBSITE, SOCIAL_MEDIA} if len(email) % 5 == 0 else set()


def _yes(asked: dict[str, Purpose], *, but: Iterable[str]) -> dict[Purpose, tuple[Says, int]]:
    refused = set(but)
    return {purpose: (Says.NO if key in refused else Says.YES, 1) for key, purpose in asked.items()}


def _one_rather_not(seeded: SeededSchool, now: datetime) -> None:
    """A child of groep 7, not of a family that a visitor can be, told its teacher."""
    group = Group.objects.get(school=seeded.school, roster_key="G7")
    own = Child.objects.filter(guardianships__caregiver__email__in=PERSONA_EMAILS.values())
    child = Child.objects.enrolled_in([group], now=now).exclude(pk__in=own).in_name_order()[0]
    teacher = StaffMember.objects.get(school=seeded.school, roster_key="M08").user
    note_reluctance(child=child, note="Zei het zelf, in de kring over foto's.", by=Actor(teacher, Hat.ANY, now))


def _one_shielded(seeded: SeededSchool, directie: User, now: datetime) -> None:
    """A child of groep 5, not of a family that a visitor can be, has a secret address."""
    group = Group.objects.get(school=seeded.school, roster_key="G5")
    own = Child.objects.filter(guardianships__caregiver__email__in=PERSONA_EMAILS.values())
    child = Child.objects.enrolled_in([group], now=now).exclude(pk__in=own).in_name_order()[1]
    shield_child(child=child, reason="Brief van de rechter gezien: geheim adres.", by=Actor(directie, Hat.ANY, now))


def _look_at_photos(seeded: SeededSchool, directie: User, now: datetime) -> None:
    """Somebody looked at all photos that waited, but for the last few of the largest album of groep 4."""
    groups = Group.objects.filter(school=seeded.school)
    for group in groups:
        for child, images in _waiting(group, directie, now).items():
            seen = images[:-LEFT_TO_LOOK_AT] if group.roster_key == "G4" else images
            judge_photos(group=group, child=child, looked_at=seen, on=[], by=Actor(directie, Hat.ANY, now - _MINUTE))


def _waiting(group: Group, user: User, now: datetime) -> dict[Child, Sequence[UUID]]:
    rows = Placement.objects.filter(writing__group=group).doubts_of(Actor(user, Hat.ANY, now))
    photo = "group__posts__placements"
    waiting: dict[int, dict[UUID, None]] = {}
    for child, image in rows.order_by(f"{photo}__position", "group__posts").values_list(
        "child", f"{photo}__image__uid"
    ):
        waiting.setdefault(child, {})[image] = None
    return {child: list(waiting[child.pk]) for child in Child.objects.filter(pk__in=waiting)}
