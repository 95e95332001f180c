"""One decision about a case from one form: about what stands there, a kind word, and whether it is done."""

from dataclasses import dataclass
from uuid import UUID

from moderation.cases.domain.deciding import Choice, is_away_after
from moderation.cases.models.cases import Case
from moderation.cases.services.cases import close_case, hide_reported, remove_reported, show_reported
from moderation.cases.services.measures import NotToldError
from moderation.cases.services.notes import address_writer
from portal.core.actor import Actor
from portal.core.submissions import AlreadySubmittedError


class NothingDecidedError(Exception):
    """Nothing changes by this: nobody is told anything, and the case stays open."""


class StillAwayError(Exception):
    """What is away for now comes back, or goes for good, before the case is closed."""


@dataclass(frozen=True)
class Decision:
    """`told`: why, as its writer reads it, or `withheld_because`; `reason`: as the dossier keeps it, else the same."""

    choice: str = ""
    told: str = ""
    withheld_because: str = ""
    reason: str = ""
    kind_word: str = ""
    closes: bool = False


def decide_case(*, case: Case, decision: Decision, by: Actor, submission_key: UUID | None = None) -> None:
    """Do what was decided, in this order: to the text, a kind word, closing (POL-61, 62, 63, 66).

    What is taken away is told, or it is written down why not yet. Nothing closes while its text is away for now. Sent
    twice it is done once. Raises `NothingDecidedError`, `StillAwayError`, `NotToldError`, and what `hide_reported`,
    `remove_reported`, `address_writer` and `close_case` raise: then what comes after was not done.
    """
    _demand_sense(case, decision)
    said = {"told": decision.told, "withheld_because": decision.withheld_because}
    if decision.choice == Choice.HIDE:
        hide_reported(case=case, **said, by=by)
    elif decision.choice == Choice.SHOW:
        show_reported(case=case, by=by)
    elif decision.choice == Choice.GONE:
        reason = decision.reason or decision.told or decision.withheld_because
        remove_reported(case=case, reason=reason, **said, by=by)
    if decision.kind_word:
        _address(case, decision.kind_word, submission_key, by=by)
    if decision.closes:
        close_case(case=case, by=by)


def _address(case: Case, text: str, key: UUID | None, *, by: Actor) -> None:
    try:
        address_writer(case=case, text=text, submission_key=key, by=by)
    except AlreadySubmittedError:
        return


def _demand_sense(case: Case, decision: Decision) -> None:
    takes_away = decision.choice in (Choice.HIDE, Choice.GONE)
    if takes_away and not (decision.told or decision.withheld_because):
        raise NotToldError
    if decision.choice in ("", Choice.KEEP) and not (decision.kind_word or decision.closes):
        raise NothingDecidedError
    is_hidden = case.written is not None and case.written.is_hidden
    if decision.closes and is_away_after(decision.choice, is_hidden=is_hidden):
        raise StillAwayError
