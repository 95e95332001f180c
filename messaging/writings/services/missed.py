"""What mail may have missed of a message that was hidden: kept where it is hidden, asked by each newsletter."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from messaging.writings.domain.mailing import GRACE, MAILED_AFTER
from messaging.writings.models import Writing


def hidden_from(written: Writing, *, now: datetime) -> Mapping[str, datetime | None]:
    """What changes in a text that is hidden now: since when mail may miss it, and that it was not shown again since.

    Hidden once more before a newsletter had it, it counts as hidden all the time. Example: placed and hidden on
    Wednesday, shown on Thursday morning and hidden again before Friday, the newsletter after it is shown has it. What
    went out at once in between does so once: as for that mail, it was hidden only after it. So it has what was shown
    again after its cut, where it was made yet later than that.
    """
    first, shown = written.hidden_first_at, written.shown_again_at
    if first is None or shown is None:
        return {"hidden_first_at": first or now}
    placed = written.placed_at
    late = Q(window_from__lt=placed, cut_at__gte=placed, made_at__gte=shown)
    newsletters = written.school.editions.filter(late | Q(cut_at__gte=shown), kind="weekly", cut_at__lt=now - GRACE)
    if newsletters.exists():
        return {}
    is_mailed_since = first <= placed + MAILED_AFTER and shown + MAILED_AFTER < now
    return {"shown_again_at": None, "hidden_first_at": now if is_mailed_since else first}
