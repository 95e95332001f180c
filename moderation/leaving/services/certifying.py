"""The certificate of a school that is gone: numbers and days, sealed with the key of the dossiers."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from moderation.leaving.domain import BACKUPS, Certificate
from moderation.leaving.models import Departure
from portal.core import audit, dossier, outbox
from portal.core.actor import clock
from portal.core.domain import chain
from portal.core.domain.moments import at_school
from portal.core.words import Words

KIND = "departure_certificate"
COUNTED = {
    "children": ("groups.Child",),
    "caregivers": ("groups.Caregiver",),
    "staff": ("groups.StaffMember",),
    "texts": ("messaging.Writing",),
    "photos": ("messaging.Image",),
    "choices": ("consent.Decision",),
    "cases": ("moderation.Case",),
    "dossier": ("core.DossierEntry",),
    "accounts": ("core.User",),
}
"""What is named by itself; all of it together is `rows`."""
SAYS: dict[str, Words] = {
    "school": _("School"),
    "brin": "BRIN",
    "decided_on": _("Decided by two people on"),
    "leaves_on": _("To be gone on"),
    "erased_on": _("Gone since"),
    "backups_until": _("Gone from the backups too on"),
    "children": _("Children"),
    "caregivers": _("Parents and carers"),
    "staff": _("Staff"),
    "accounts": _("Accounts that no other school knew"),
    "texts": _("Messages, replies and conversations"),
    "photos": _("Photos"),
    "choices": _("Answers about photos and names"),
    "cases": _("Cases"),
    "dossier": _("Entries of the dossier"),
    "rows": _("Rows in the database, all together"),
    "files": _("Files"),
}
"""What the certificate names, in the order in which it is read."""


def certify(*, departure: Departure, now: datetime) -> None:
    """Seal what went, and mail it to where the foundation keeps the seals of its dossiers."""
    with transaction.atomic():
        says = _says(departure, now)
        departure.work, departure.certified_at = {}, now
        departure.certificate, departure.seal = dict(says), seal_of(says)
        departure.save()
        audit.record("departure.certified", by=clock(now), subject_kind="departure", subject_uid=departure.uid)
        if departure.foundation.mailbox:
            outbox.enqueue(
                KIND,
                address=departure.foundation.mailbox,
                subject_kind="departure",
                subject_uid=departure.uid,
                dedupe_key=f"{KIND}:{departure.uid}:{now.isoformat()}",
                now=now,
            )


def seal_of(says: Certificate) -> str:
    """With the key that is in no database: who can write every row still cannot write a certificate."""
    return chain.seal(says, previous=chain.BEGINNING, key=dossier.key())


def holds(departure: Departure) -> bool:
    """Whether a certificate says what it said when it was made."""
    return bool(departure.seal) and departure.seal == seal_of(departure.certificate)


def lines_of(departure: Departure) -> list[tuple[str, str]]:
    """What the certificate says, for who reads it."""
    says: Certificate = departure.certificate
    return [(str(label), _told(says[name])) for name, label in SAYS.items()]


def _told(value: str | int | None) -> str:
    """A number as it is, a day as people write it."""
    try:
        return date_format(date.fromisoformat(str(value)), "j F Y")
    except ValueError:
        return str(value)


def _says(departure: Departure, now: datetime) -> Certificate:
    rows: Mapping[str, int] = departure.work["rows"]
    named = {name: sum(rows.get(label, 0) for label in labels) for name, labels in COUNTED.items()}
    return {
        "uid": str(departure.uid),
        "school": departure.name,
        "brin": departure.brin + departure.dependance,
        "decided_on": _day(departure.confirmed_at),
        "leaves_on": departure.leaves_on.isoformat(),
        "erased_on": _day(departure.erased_at),
        "backups_until": _day(now + BACKUPS + timedelta(days=1)),
        "rows": sum(rows.values()),
        "files": len(departure.work["files"]),
        **named,
    }


def _day(moment: datetime | None) -> str | None:
    return at_school(moment).date().isoformat() if moment else None
