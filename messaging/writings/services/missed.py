"""What mail may have missed of a message that was hidden: kept where it is hidden, asked by each newsletter."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from messaging.writings.models import Writing


def hidden_from(written: Writing, *, now: datetime) -> Mapping[str, datetime | None]:
    """What changes in a text that is hidden now: since when mail may miss it, and that it was not shown again since.

    Hidden once more before a newsletter had it, it counts as hidden all the time. Example: placed and hidden on
    Wednesday, shown on Thursday morning and hidden again before Friday, the newsletter after it is shown has it. What
    went out at once in between does so once: as for that mail, it was hidden only after it. What counts is when mails
    left, and not when they should have.
    """
    first, shown = written.hidden_first_at, written.shown_again_at
    if first is None or shown is None:
        return {"hidden_first_at": first or now}
    placed = Q(window_from__lt=written.placed_at, cut_at__gte=written.placed_at)
    left = written.school.editions.filter(left_at__gte=shown, left_at__lt=now)
    if left.filter(placed & Q(made_at__gte=shown) | Q(cut_at__gte=shown), kind="weekly").exists():
        return {}
    is_mailed_since = left.filter(placed | Q(window_from__lt=shown, cut_at__gte=shown), kind="message").exists()
    return {"shown_again_at": None, "hidden_first_at": now if is_mailed_since else first}
