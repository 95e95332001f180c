"""The mails about who came in by letter, or with an address that a list changed.

Each is asked again when it leaves. No address of anybody stands in them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from groups.letters.models.claims import Claim
from groups.letters.services.claims import not_me_token
from groups.records.policies import can_direct
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Render, Withheld

HEADINGS = {
    "claim_told": gettext_lazy("Somebody came in with your letter"),
    "claim_to_teachers": gettext_lazy("A parent came in with a letter"),
    "claim_settled": gettext_lazy("Your earlier conversations are open"),
    "claim_denied": gettext_lazy("Somebody says: I did not come in"),
    "claim_unlinked": gettext_lazy("Your account was taken off"),
}

WITHOUT_LETTER = {
    "claim_told": gettext_lazy("Somebody came in as you"),
    "claim_to_teachers": gettext_lazy("A parent came in with another address"),
}


def render_claim_told(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "Somebody came in with your letter", to the caregiver: while that account has the record."""
    for row, claim in _claims_of(rows):
        if claim is None or claim.ended_at:
            yield Withheld("over already")
        else:
            yield _about(row, claim, reverse("groups:not_me", args=[not_me_token(claim)]))


def render_claim_to_teachers(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "A parent came in with a letter", to who teaches the child by then; who it is stands in Kring only."""
    for row, claim in _claims_of(rows):
        if claim is None or claim.ended_at or not _is_told(row, claim, now):
            yield Withheld("over already, or no longer the teacher")
        else:
            yield _about(row, claim, reverse("groups:know", args=[claim.uid]))


def render_claim_settled(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "Your conversations are open", to who came in: by now, and told once."""
    for row, claim in _claims_of(rows):
        in_time = row.dedupe_key.endswith(":in time")
        is_open = claim and not claim.ended_at and claim.settles_at and claim.settles_at <= now
        if claim and is_open and in_time == (claim.settled_by_id is None):
            yield _about(row, claim, reverse("home"))
        else:
            yield Withheld("over, or told already")


def render_claim_denied(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "I did not come in", to who directs the school or teaches the child by then; who it is about stands in Kring
    only.
    """
    for row, claim in _claims_of(rows):
        bond = claim.caregiver.guardianships.order_by("-pk").first() if claim else None
        if claim is None or bond is None:
            yield Withheld("not known any more")
        elif _is_told(row, claim, now):
            yield _about(row, claim, reverse("groups:know", args=[claim.uid]))
        elif row.recipient and can_direct(Actor(row.recipient, Hat.ANY, now), claim.caregiver.school):
            yield _about(row, claim, reverse("groups:guardianship", args=[bond.uid]))
        else:
            yield Withheld("no longer the teacher or the directie")


def render_claim_unlinked(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """ "The school took your account off", to who was in."""
    for row, claim in _claims_of(rows):
        yield _about(row, claim, reverse("home")) if claim else Withheld("not known any more")


def _claims_of(rows: Sequence[OutboxItem]) -> list[tuple[OutboxItem, Claim | None]]:
    claims = Claim.objects.filter(uid__in=[row.subject_uid for row in rows])
    by_uid = {claim.uid: claim for claim in claims.select_related("caregiver__school")}
    return [(row, by_uid.get(row.subject_uid)) for row in rows]


def _is_told(row: OutboxItem, claim: Claim, now: datetime) -> bool:
    return (
        bool(row.recipient) and Claim.objects.told_to(Actor(row.recipient, Hat.ANY, now)).filter(pk=claim.pk).exists()
    )


def _about(row: OutboxItem, claim: Claim, path: str) -> Mail:
    """A mail about somebody who came in; no address stands in it, and no child."""
    school = claim.caregiver.school
    with translation.override(row.recipient.language if row.recipient else settings.LANGUAGE_CODE):
        headings = HEADINGS if claim.letter_id else HEADINGS | WITHOUT_LETTER
        context = {
            "heading": str(headings[row.kind]),
            "how": claim.get_how_display(),
            "name": claim.caregiver.full_name,
            "at": claim.claimed_at,
            "school": school.name,
            "school_phone": school.phone,
            "url": settings.KRING_BASE_URL + path,
        }
        return Mail(
            subject=str(context["heading"]),
            text=render_to_string(f"emails/{row.kind}.txt", context),
            html=render_to_string(f"emails/{row.kind}.html", context),
        )


NOTICES: dict[str, Render] = {"claim_told": render_claim_told, "claim_unlinked": render_claim_unlinked}
"""What cannot wait behind other mail: the lane of safety notices."""
