"""How an import is told: on the command line as lines or one JSON object, on the page as folded lists."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from groups.records.models.truth import Level
from groups.roles import Role
from groups.roster.domain.plan import Change, Plan, RecordAct, RecordKind
from groups.roster.domain.problems import Problem

NAMES_SHOWN: Final = 20
_DAY_DASH = re.compile(r"(?<=\d)-(?=\d)")


@dataclass(frozen=True)
class Named:
    """The names of one kind of change in one group; `group` is empty where there is none."""

    group: str
    names: Sequence[str]


@dataclass(frozen=True)
class ReportLine:
    """How many of one kind, who it is about, and how many names were left out."""

    words: str
    lists: Sequence[Named]
    left_out: int

    @property
    def names(self) -> Iterator[str]:
        return (name for part in self.lists for name in part.names)


@dataclass(frozen=True)
class ReportSection:
    title: str
    kinds: Sequence[ReportLine]


def sentence(problem: Problem) -> str:
    """The complaint in the reader's language."""
    facts = dict(problem.facts)
    if "what" in facts:
        facts["what"] = gettext(str(facts["what"]))
    return gettext(problem.complaint.value) % facts


def question(problem: Problem) -> str:
    """Whether a child with this pupil number is still the same: who it was, and who it is in the file.

    Two days of birth are compared here: a narrow page does not break them.
    """
    facts = {name: _DAY_DASH.sub("\N{NON-BREAKING HYPHEN}", str(value)) for name, value in problem.facts.items()}
    if problem.facts["left"]:
        return gettext("%(key)s: was %(before)s, who left, and is now %(after)s") % facts
    return gettext("%(key)s: was %(before)s and is now %(after)s") % facts


def as_object(plan: Plan | None, problems: Iterable[Problem], *, applied: bool) -> dict[str, object]:
    """The one object of `--json`; who came back counts as changed."""
    counts = {act: plan.count(act) if plan else {} for act in RecordAct}
    changed = {
        kind: counts[RecordAct.CHANGED].get(kind, 0) + counts[RecordAct.RETURNED].get(kind, 0)
        for kind in (*counts[RecordAct.CHANGED], *counts[RecordAct.RETURNED])
    }
    return {
        "applied": applied,
        "created": counts[RecordAct.CREATED],
        "changed": changed,
        "moved": counts[RecordAct.MOVED],
        "left": counts[RecordAct.LEFT],
        "problems": [_as_object(problem) for problem in in_order(problems)],
    }


def _as_object(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "key": problem.key, "message": sentence(problem)}


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """What refuses the files first; then by file, by line, by key. What no line says comes after what one does."""

    def place(each: Problem) -> tuple[object, ...]:
        return not each.complaint.refuses, each.file, each.line is None, each.line or 0, each.key

    return sorted(problems, key=place)


def differences(plan: Plan, *, all_names: bool) -> Iterator[str]:
    """The readable list: per kind of change the counts, and below it who it is about."""
    effective_at = plan.effective_at if plan.effective_at > plan.now else None
    yield from beforehand(effective_at, plan.lists_caregivers, plan.changes)
    if plan.changes_nothing:
        yield gettext("Nothing changes: everything is already as these files say.")
    for section in sections(plan.changes, most_created=None if all_names else NAMES_SHOWN):
        yield ""
        yield section.title
        for line in section.kinds:
            yield f"  {line.words}"
            yield from (f"    {name}" for name in line.names)
            if line.left_out:
                yield "    " + gettext("and %(count)s more; --verbosity 2 names them all") % {"count": line.left_out}


def beforehand(effective_at: datetime | None, lists_caregivers: bool, changes: Iterable[Change]) -> Iterator[str]:
    """What to know before it is taken over: of a file whose day has yet to come, and of staff who leave."""
    if effective_at:
        counts = gettext("This file counts from %(day)s. Until then it changes nothing about who sees what.")
        yield counts % {"day": date_format(timezone.localtime(effective_at), "j F Y")}
        if lists_caregivers:
            yield gettext("The list of caregivers counts at once: authority does not wait for a school year.")
    if any(change.act is RecordAct.LEFT and change.kind is RecordKind.STAFF for change in changes):
        yield gettext(
            "Of a colleague who is not in this file any more, everything ends: also tasks that somebody gave by hand, "
            "a seat in a council, and what the management named them for."
        )


def sections(changes: Iterable[Change], *, most_created: int | None) -> list[ReportSection]:
    """The changes by what happens and to what; of what is new at most `most_created` names per kind."""
    changes_of: dict[tuple[RecordAct, RecordKind], list[Change]] = defaultdict(list)
    for change in changes:
        changes_of[change.act, change.kind].append(change)
    titles = _titles()
    lines = {
        act: [
            _told(kind, changes_of[act, kind], most_created if act is RecordAct.CREATED else None)
            for kind in RecordKind
            if (act, kind) in changes_of
        ]
        for act in RecordAct
    }
    return [ReportSection(titles[act], kinds) for act, kinds in lines.items() if kinds]


def own_lines(changes: Iterable[Change], marks: Container[str]) -> list[str]:
    """What the changes do to the reader, in sentences; `marks` as `own_marks` gives them."""
    return [_own_line(change) for change in changes if change.who and change.who in marks]


def _own_line(change: Change) -> str:
    what = {"what": f"{_in_words(change.detail)}, {change.group}"}
    task = {
        RecordAct.CREATED: gettext("You get a task: %(what)s"),
        RecordAct.CHANGED: gettext("Your task gets another time: %(what)s"),
        RecordAct.LEFT: gettext("Your task ends: %(what)s"),
    }
    if change.kind is RecordKind.ASSIGNMENT and change.act in task:
        return task[change.act] % what
    return f"{_titles()[change.act]}: {_line(change)}"


def _told(kind: RecordKind, changes: Sequence[Change], most: int | None) -> ReportLine:
    named = [change for change in changes if change.name]
    by_group: dict[str, list[str]] = defaultdict(list)
    for change in named[:most]:
        by_group[change.group].append(_line(change))
    lists = [Named(group, names) for group, names in sorted(by_group.items())]
    return ReportLine(counted(kind, len(changes)), lists, len(named) - len(named[:most]))


def _line(change: Change) -> str:
    return f"{change.name} ({_in_words(change.detail)})" if change.detail else change.name


def _in_words(detail: str) -> str:
    """Part by part: the name of a group and an address stay as they are."""
    words = _words()
    parts = (" → ".join(words.get(one, one) for one in part.split(" → ")) for part in detail.split(", "))
    return ", ".join(parts)


def _words() -> Mapping[str, str]:
    """What changed of somebody, which task or which authority it is, in words."""
    return {
        **{str(level.value): str(level.label) for level in Level},
        Role.TEACHER.value: gettext("teacher"),
        Role.COLLEAGUE.value: gettext("colleague"),
        Role.EDITOR.value: gettext("editor"),
        "first_name": gettext("first name"),
        "prefix": gettext("prefix"),
        "last_name": gettext("last name"),
        "birth_on": gettext("birthday"),
        "key": gettext("number in the administration"),
        "email": gettext("e-mail address"),
        "no_email": gettext("no e-mail address any more"),
        "postal_address": gettext("postal address"),
        "phone": gettext("phone number"),
        "display_name": gettext("name that parents read"),
        "function": gettext("function"),
        "relation": gettext("relation"),
        "level": gettext("authority"),
        "year_level": gettext("year group"),
    }


def _titles() -> Mapping[RecordAct, str]:
    return {
        RecordAct.CREATED: gettext("New"),
        RecordAct.CHANGED: gettext("Changed"),
        RecordAct.MOVED: gettext("Moved to another group"),
        RecordAct.STAYED: gettext("Another year in the same group"),
        RecordAct.LEFT: gettext("Ended or left"),
        RecordAct.RETURNED: gettext("Back again"),
    }


def counted(kind: str, count: int) -> str:
    """How many of this kind, in words."""
    words = {
        RecordKind.SCHOOL: ngettext("%(count)d school", "%(count)d schools", count),
        RecordKind.GROUP: ngettext("%(count)d group", "%(count)d groups", count),
        RecordKind.CHILD: ngettext("%(count)d child", "%(count)d children", count),
        RecordKind.CAREGIVER: ngettext("%(count)d caregiver", "%(count)d caregivers", count),
        RecordKind.GUARDIANSHIP: ngettext("%(count)d bond of authority", "%(count)d bonds of authority", count),
        RecordKind.ENROLMENT: ngettext("%(count)d place in a group", "%(count)d places in groups", count),
        RecordKind.STAFF: ngettext("%(count)d member of staff", "%(count)d members of staff", count),
        RecordKind.ASSIGNMENT: ngettext("%(count)d task of staff", "%(count)d tasks of staff", count),
    }
    return words[RecordKind(kind)] % {"count": count}


def place_of(problem: Problem) -> str:
    """File, line and key: where to look."""
    place = [problem.file] if problem.file else []
    if problem.line:
        place.append(gettext("line %(line)s") % {"line": problem.line})
    if problem.key:
        place.append(problem.key)
    return ", ".join(place)


def complaints(problems: Iterable[Problem]) -> Iterator[str]:
    """One line per problem: file, line, key, what is wrong and what to do."""
    for problem in in_order(problems):
        place = place_of(problem)
        yield f"{place}: {sentence(problem)}" if place else sentence(problem)
