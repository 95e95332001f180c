"""Where letters go, and whom to phone: taken over by the list of caregivers, and gone with the last guardianship."""

from datetime import datetime

from groups.records.models.people import Caregiver


def forget_postal_addresses(*, now: datetime) -> int:
    """Of who is no adult of any child of the school any more, and of the household of a shielded child. Repeatable."""
    return Caregiver.objects.written_to_no_more(now=now).update(postal_address="")


def forget_phones(*, now: datetime) -> int:
    """Of who is no adult of any child of the school any more. Repeatable."""
    return Caregiver.objects.phoned_no_more(now=now).update(phone="")
