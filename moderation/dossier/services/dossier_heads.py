"""The heads of the dossiers, kept by the foundation where nobody who owns this machine can change them (POL-62)."""

from datetime import datetime

from django.core.validators import validate_email
from django.db import transaction

from groups.models import Foundation
from portal.core import audit, outbox
from portal.core.actor import clock
from portal.core.domain.addresses import fold_address
from portal.core.domain.moments import at_school

KIND = "dossier_heads"


def set_mailbox(*, foundation: Foundation, address: str, now: datetime) -> Foundation:
    """Where the heads go from now on, by the command line; empty: nowhere. Raises `ValidationError`."""
    folded = fold_address(address)
    if folded:
        validate_email(folded)
    with transaction.atomic():
        current = Foundation.objects.select_for_update().get(pk=foundation.pk)
        current.mailbox = folded
        current.save(update_fields=["mailbox"])
        audit.record("foundation.mailbox_set", by=clock(now), subject_kind="foundation", subject_uid=current.uid)
    return current


def mail_heads(*, now: datetime) -> int:
    """Put this ISO week's mail in the outbox for every foundation with a mailbox; the same week again: no second mail.

    What stands in it is asked when it leaves. Returns how many foundations have one.
    """
    year, week, _day = at_school(now).isocalendar()
    foundations = list(Foundation.objects.exclude(mailbox=""))
    for foundation in foundations:
        with transaction.atomic():
            outbox.enqueue(
                KIND,
                address=foundation.mailbox,
                subject_kind="foundation",
                subject_uid=foundation.uid,
                dedupe_key=f"{KIND}:{foundation.uid}:{year}-W{week:02}",
                now=now,
            )
    return len(foundations)
