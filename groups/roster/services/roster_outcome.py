"""What the page tells of an import, kept as plain data: facts in, sentences only when somebody reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groups.roster.domain.plan import Change, Plan, RecordAct, RecordKind
from groups.roster.domain.problems import Complaint, Problem


@dataclass(frozen=True)
class NewLetters:
    """Whom in a group this import made a letter needed for: which ties, or none where they are too many to name.

    Without a group its `uid` and `name` are empty.
    """

    uid: str
    name: str
    ties: tuple[str, ...] = ()


@dataclass(frozen=True)
class RosterOutcome:
    """As it was planned or done.

    `leavers`: how many of how many pupils are missing, when that has to be asked; `lost`: how many of how many ties
    between parents and children end; `colleagues`: how many of how many of the staff leave. `same`: of which pupil
    numbers it has to be asked whether the child is still the same. `families`: how many are new; `letters`: whether
    somebody needs one, and for whom in `groups`. `unaware`: how many new colleagues do not know of Kring.
    `nothing`: there was nothing to take over.
    """

    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    effective_at: datetime | None = None
    lists_caregivers: bool = False
    leavers: Mapping[str, int] | None = None
    lost: Mapping[str, int] | None = None
    colleagues: Mapping[str, int] | None = None
    same: tuple[Problem, ...] = ()
    changed_since: bool = False
    families: int = 0
    letters: bool = False
    groups: tuple[NewLetters, ...] = ()
    unaware: int = 0
    nothing: bool = False
    forgotten: bool = False


def outcome_of(plan: Plan, *, asked: Sequence[Problem] = (), **more: object) -> dict[str, object]:
    """The plan as plain data, for `RosterUpload.outcome`; `asked`: what somebody has to say yes to first."""
    facts = {problem.complaint: problem.facts for problem in asked}
    return {
        "changes": [[each.act, each.kind, each.name, each.detail, each.group, each.who] for each in plan.changes],
        "effective_at": plan.effective_at.isoformat() if plan.effective_at > plan.now else "",
        "lists_caregivers": plan.lists_caregivers,
        "leavers": facts.get(Complaint.MANY_LEAVERS),
        "lost": facts.get(Complaint.MANY_LOST),
        "colleagues": facts.get(Complaint.MANY_COLLEAGUES),
        "same": [_plain(problem) for problem in asked if problem.complaint is Complaint.SAME_CHILD],
        **refusal_of(plan.problems),
        **more,
    }


def refusal_of(problems: Iterable[Problem]) -> dict[str, object]:
    """Only what is wrong, as plain data."""
    return {"problems": [_plain(problem) for problem in problems]}


def _plain(problem: Problem) -> dict[str, object]:
    facts = {name: value if isinstance(value, int) else str(value) for name, value in problem.facts.items()}
    return {
        "complaint": problem.complaint.name,
        "file": problem.file,
        "line": problem.line,
        "key": problem.key,
        "facts": facts,
    }


def read_outcome(stored: Mapping[str, Any]) -> RosterOutcome:
    """The way back from plain data."""
    effective_at = stored.get("effective_at")
    return RosterOutcome(
        changes=tuple(
            Change(RecordAct(act), RecordKind(kind), *rest) for act, kind, *rest in stored.get("changes", ())
        ),
        problems=tuple(_problem(plain) for plain in stored.get("problems", ())),
        effective_at=datetime.fromisoformat(effective_at) if effective_at else None,
        lists_caregivers=stored.get("lists_caregivers", False),
        leavers=stored.get("leavers"),
        lost=stored.get("lost"),
        colleagues=stored.get("colleagues"),
        same=tuple(_problem(plain) for plain in stored.get("same", ())),
        changed_since=stored.get("changed_since", False),
        families=stored.get("families", 0),
        letters=stored.get("letters", bool(stored.get("families"))),
        groups=tuple(
            NewLetters(each["uid"], each["name"], tuple(each.get("ties", ()))) for each in stored.get("groups", ())
        ),
        unaware=stored.get("unaware", 0),
        nothing=stored.get("nothing", False),
        forgotten=stored.get("forgotten", False),
    )


def _problem(plain: Mapping[str, Any]) -> Problem:
    return Problem(Complaint[plain["complaint"]], plain["file"], plain["line"], plain["key"], plain["facts"])


def without_names(stored: Mapping[str, object]) -> dict[str, object]:
    """What stays when the day is over: no names, no lines. How many of what is in the audit trail."""
    kept = {name: stored[name] for name in ("families", "letters", "unaware", "nothing") if name in stored}
    return {"forgotten": True, **kept}
