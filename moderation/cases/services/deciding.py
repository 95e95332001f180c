"""One decision about a case from one form: about what stands there, a kind word, and whether it is done."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from groups.roles import Hat
from groups.told.models import Telling
from messaging.writings.services.written import locked
from moderation.cases.domain.deciding import Choice, is_away_after
from moderation.cases.models.cases import Case
from moderation.cases.policies import can_lead
from moderation.cases.services.cases import (
    choices_in,
    close_case,
    held,
    hide_reported,
    remove_reported,
    show_reported,
)
from moderation.cases.services.looking import demand_as_read
from moderation.cases.services.measures import NotToldError, restore_access, restrictions_of
from moderation.cases.services.notes import address_writer
from moderation.cases.services.telling import tell_about
from portal.core import access
from portal.core.actor import Actor
from portal.core.submissions import AlreadySubmittedError


class NothingDecidedError(Exception):
    """Nothing changes by this: nobody is told anything, and the case stays open."""


class NotUntrueError(Exception):
    """What proved untrue is not taken away, and is the end of the case."""


class StillAwayError(Exception):
    """What is away for now comes back, or goes for good, before the case is closed.

    `may_put_back`: whether who decides can show it again; not who stands in for the directie, who moderates no group.
    """

    def __init__(self, *, may_put_back: bool) -> None:
        super().__init__()
        self.may_put_back = may_put_back


@dataclass(frozen=True)
class CaseDecision:
    """`told`: why, as its writer reads it, or `withheld_because`; `reason`: as the dossier keeps it, else the same."""

    choice: str = ""
    told: str = ""
    withheld_because: str = ""
    reason: str = ""
    kind_word: str = ""
    closes: bool = False
    is_untrue: bool = False


def decide_case(
    *, case: Case, decision: CaseDecision, stood: str = "", by: Actor, submission_key: UUID | None = None
) -> None:
    """Do what was decided, in this order: to the text, a kind word, closing (POL-61, 62, 63, 66).

    What is taken away is told, or it is written down why not yet. Nothing closes while its text is away for now. Sent
    twice it is done once. What proved untrue is undone: the text comes back, the access too, and its person is told
    so. `stood`: how it stood (`standing_in`) when the form was opened; of two at once the second reads what the first
    did. Raises `PermissionDenied`, `CaseClosedError`, `DoneMeanwhileError`, `NothingDecidedError`, `StillAwayError`,
    `NotUntrueError`, `NotToldError`, and what `hide_reported`, `remove_reported` and `address_writer` raise: then
    nothing was done; only what was taken away for good is gone before the rest.
    """
    access.demand(not decision.is_untrue or can_lead(by, case))
    _demand_sense(decision)
    if decision.choice == Choice.GONE:
        with transaction.atomic():
            _hold(case, stood, key=submission_key, by=by)
        reason = decision.reason or decision.told or decision.withheld_because
        remove_reported(case=case, reason=reason, **_words(decision), by=by)
    with transaction.atomic():
        if decision.choice != Choice.GONE:
            _turn(_hold(case, stood, key=submission_key, by=by), decision, by=by)
        if decision.kind_word:
            _address(case, decision.kind_word, submission_key, by=by)
        if decision.is_untrue:
            _undo(case, by=by)
        if decision.closes:
            close_case(case=case, is_untrue=decision.is_untrue, by=by)


def _hold(case: Case, stood: str, *, key: UUID | None, by: Actor) -> Case:
    """The case and its text as they are now and stay, or the second of two reads what the first did."""
    current = held(case, by=by)
    if current.written:
        locked(current.written)
        current.written.refresh_from_db(fields=["state", "dossier_entry"])
    demand_as_read(current, stood, key=key, by=by)
    return current


def _words(decision: CaseDecision) -> dict[str, str]:
    return {"told": decision.told, "withheld_because": decision.withheld_because}


def _turn(case: Case, decision: CaseDecision, *, by: Actor) -> None:
    """Take it away for now, or put it back."""
    is_hidden = case.written is not None and case.written.is_hidden
    shows = decision.choice == Choice.SHOW or (decision.is_untrue and is_hidden)
    stays_away = is_away_after(decision.choice, is_hidden=is_hidden and not shows)
    if decision.closes and (stays_away or (decision.is_untrue and is_hidden)):
        _demand_back(case, stays_away=stays_away, by=by)
    if decision.choice == Choice.HIDE:
        hide_reported(case=case, **_words(decision), by=by)
    elif shows:
        show_reported(case=case, by=by)


def _demand_back(case: Case, *, stays_away: bool, by: Actor) -> None:
    may_put_back = Choice.SHOW in choices_in(case, by=by.wearing(Hat.ANY))
    if stays_away or not may_put_back:
        raise StillAwayError(may_put_back=may_put_back)


def _undo(case: Case, *, by: Actor) -> None:
    """The access this case took comes back, and whoever was told something hears that it proved untrue.

    For who leads the case.
    """
    if restrictions_of(case, now=by.now):
        restore_access(case=case, by=by)
    if Telling.objects.filter(case_uid=case.uid, withheld_because="").exists():
        tell_about(case, "untrue", by=by)


def _address(case: Case, text: str, key: UUID | None, *, by: Actor) -> None:
    try:
        address_writer(case=case, text=text, submission_key=key, by=by)
    except AlreadySubmittedError:
        return


def _demand_sense(decision: CaseDecision) -> None:
    takes_away = decision.choice in (Choice.HIDE, Choice.GONE)
    if takes_away and not (decision.told or decision.withheld_because):
        raise NotToldError
    if decision.choice in ("", Choice.KEEP) and not (decision.kind_word or decision.closes):
        raise NothingDecidedError
    if decision.is_untrue and (takes_away or not decision.closes):
        raise NotUntrueError
