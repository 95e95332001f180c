"""How an import is told: a readable list of differences and problems, or one JSON object."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from groups.domain.roster.plan import Act, Change, Kind, Plan
from groups.domain.roster.problems import Problem

NAMES_SHOWN: Final = 20


def sentence(problem: Problem) -> str:
    """The complaint in the reader's language."""
    facts = dict(problem.facts)
    if "what" in facts:
        facts["what"] = gettext(str(facts["what"]))
    return gettext(problem.complaint.value) % facts


def as_object(plan: Plan | None, problems: Iterable[Problem], *, applied: bool) -> dict[str, Any]:
    """The one object of `--json`; who came back counts as changed."""
    counts = {act: plan.count(act) if plan else {} for act in Act}
    changed = {
        kind: counts[Act.CHANGED].get(kind, 0) + counts[Act.RETURNED].get(kind, 0)
        for kind in (*counts[Act.CHANGED], *counts[Act.RETURNED])
    }
    return {
        "applied": applied,
        "created": counts[Act.CREATED],
        "changed": changed,
        "moved": counts[Act.MOVED],
        "left": counts[Act.LEFT],
        "problems": [_as_object(problem) for problem in in_order(problems)],
    }


def _as_object(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "key": problem.key, "message": sentence(problem)}


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file, problem.line or 0, problem.key))


def differences(plan: Plan, *, all_names: bool) -> Iterator[str]:
    """The readable list: per kind of change the counts, and below it who it is about."""
    if plan.effective_at > plan.now:
        counts = gettext("This file counts from %(day)s. Until then it changes nothing about who sees what.")
        yield counts % {"day": _day(plan.effective_at)}
        if plan.lists_caregivers:
            yield gettext("The list of caregivers counts at once: authority does not wait for a school year.")
    if plan.changes_nothing:
        yield gettext("Nothing changes: everything is already as these files say.")
    for act in Act:
        found = [change for change in plan.changes if change.act is act]
        if found:
            yield from _section(act, found, all_names)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")


def _section(act: Act, found: list[Change], all_names: bool) -> Iterator[str]:
    yield ""
    yield _titles()[act]
    for kind in Kind:
        named = [change for change in found if change.kind is kind]
        if named:
            yield f"  {_counted(kind, len(named))}"
            shown = named if all_names or act is not Act.CREATED else named[:NAMES_SHOWN]
            yield from (f"    {_told(change)}" for change in shown if change.name)
            if len(shown) < len(named) and named[0].name:
                yield "    " + gettext("and %(count)s more; --verbosity 2 names them all") % {
                    "count": len(named) - len(shown)
                }


def _told(change: Change) -> str:
    return f"{change.name} ({change.detail})" if change.detail else change.name


def _titles() -> Mapping[Act, str]:
    return {
        Act.CREATED: gettext("New"),
        Act.CHANGED: gettext("Changed"),
        Act.MOVED: gettext("Moved to another group"),
        Act.LEFT: gettext("Ended or left"),
        Act.RETURNED: gettext("Back again"),
    }


def _counted(kind: Kind, count: int) -> str:
    words = {
        Kind.SCHOOL: ngettext("%(count)d school", "%(count)d schools", count),
        Kind.GROUP: ngettext("%(count)d group", "%(count)d groups", count),
        Kind.CHILD: ngettext("%(count)d child", "%(count)d children", count),
        Kind.CAREGIVER: ngettext("%(count)d caregiver", "%(count)d caregivers", count),
        Kind.GUARDIANSHIP: ngettext("%(count)d bond of authority", "%(count)d bonds of authority", count),
        Kind.ENROLMENT: ngettext("%(count)d place in a group", "%(count)d places in groups", count),
        Kind.STAFF: ngettext("%(count)d member of staff", "%(count)d members of staff", count),
        Kind.ASSIGNMENT: ngettext("%(count)d task of staff", "%(count)d tasks of staff", count),
    }
    return words[kind] % {"count": count}


def complaints(problems: Iterable[Problem]) -> Iterator[str]:
    """One line per problem: file, line, key, what is wrong and what to do."""
    for problem in in_order(problems):
        place = [problem.file] if problem.file else []
        if problem.line:
            place.append(gettext("line %(line)s") % {"line": problem.line})
        if problem.key:
            place.append(problem.key)
        yield f"{', '.join(place)}: {sentence(problem)}" if place else sentence(problem)
