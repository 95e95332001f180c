"""The policy page: how a school keeps to its own rules, with its settings, since when, and figures (POL-70)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent.overview.services import progress_in
from consent.rounds.services.rules import rules_read_with
from groups.models import GroupKind, School
from groups.people.services.families import classes_of, reach_of_all
from groups.records.models.schools import Weekday
from moderation.frequency.domain.frequency import Norm
from moderation.frequency.services.frequency import norm_in_words, norms_read_with
from moderation.promises.domain import CHAPTERS, COUNTED, PromiseLine
from moderation.promises.models import PromiseCheck
from moderation.promises.services.promise_checks import outcomes_of
from moderation.promises.services.promise_counts import counted
from moderation.rules.models.protocols import Protocol
from moderation.rules.services.acknowledging import confirmed_of
from moderation.rules.services.protocols import protocol_at
from portal.core.models import AuditEvent

CHANGES = ("school.changed", "consent.changed", "frequency.changed")


@dataclass(frozen=True)
class Setting:
    """A choice of the school in words, and the moment since when as the audit trail knows it (None: from before)."""

    words: str
    since: datetime | None = None


@dataclass(frozen=True)
class KeptPromise:
    """A line of the page: the rules, what Kring does, how this school set it, counts, and what the night found."""

    ids: tuple[str, ...]
    says: Promise
    settings: list[Setting]
    figures: list[str]
    checks: list["CheckedPromise"]


@dataclass(frozen=True)
class CheckedPromise:
    """What was looked for, and the last look at it; None while it was not looked for yet."""

    words: Promise
    outcome: PromiseCheck | None


def is_built(line: PromiseLine) -> bool:
    """Whether everything that carries this line is there."""
    return all(_is_there(name) for name in line.carried_by)


def claimed() -> set[str]:
    """Every rule that the page says Kring carries."""
    return {rule for chapter in CHAPTERS for line in chapter.lines if is_built(line) for rule in line.ids}


@cache
def _is_there(name: str) -> bool:
    """Whether this module, or this name in a module, exists."""
    module, _colon, rest = name.partition(":")
    try:
        place: object = import_module(module)
    except ModuleNotFoundError:
        return False
    for part in filter(None, rest.split(".")):
        place = getattr(place, part, None)
    return place is not None


@dataclass(frozen=True)
class PromisesAccount:
    """The page: chapter by chapter what Kring carries for a school, and the version of its rules that is in force."""

    chapters: list[tuple[Promise, list[KeptPromise]]]
    protocol: Protocol | None


def account_of(school: School, *, now: datetime) -> PromisesAccount:
    """Chapter by chapter what Kring carries for this school, with the rules in force: counts, nobody's name or reading.

    The school, its counts and its rules are read once each.
    """
    numbers, protocol = counted(school, now=now), protocol_at(school, now=now)
    settings, figures = _settings_of(numbers, protocol), _figures_of(numbers, protocol, now)
    outcomes = outcomes_of(school)

    def kept(line: PromiseLine) -> KeptPromise:
        values = [settings[key] for key in line.settings if settings.get(key)]
        checks = [CheckedPromise(COUNTED[key], outcomes.get(key)) for key in line.checks]
        return KeptPromise(
            line.ids, line.says, [one for one in values if one], [figures[key] for key in line.figures], checks
        )

    chapters = [(chapter.title, [kept(line) for line in chapter.lines if is_built(line)]) for chapter in CHAPTERS]
    return PromisesAccount(chapters, protocol)


def _settings_of(school: Any, protocol: Protocol | None) -> dict[str, Setting | None]:
    """What the school chose, of a school that was `counted`."""
    since = _since(school)
    cut = _("The newsletter leaves on %(day)s at %(hour)s o’clock.") % {
        "day": Weekday(school.digest_weekday).label,
        "hour": school.digest_hour,
    }
    return {
        "contact": _of(school.phone, _("Phone of the school: %(value)s.")),
        "helpdesk": _of(school.helpdesk_email, _("Helpdesk: %(value)s.")),
        **_of_consent(school, since),
        "digest": Setting(cut, since("digest_weekday", "digest_hour")),
        "digest_titles_only": _choice(
            school.digest_titles_only,
            _("The newsletter carries titles only."),
            _("The newsletter carries titles and texts."),
            since("digest_titles_only"),
        ),
        "teachers_moderate": _choice(
            school.teachers_moderate,
            _("Teachers are administrators of their own group."),
            _("Only the management takes things away."),
            since("teachers_moderate"),
        ),
        "frequency": Setting(
            _asked_of(norms_read_with(school).norm_for(GroupKind.BASE)), since("class_least", "class_most")
        ),
        **_of_protocol(protocol),
    }


def _of_consent(school: Any, since: Callable[..., datetime | None]) -> dict[str, Setting | None]:
    rules, count = rules_read_with(school), school.purposes_asked_counted
    return {
        "may_download": _choice(
            rules.may_download,
            _("Parents may download photos."),
            _("Parents may not download photos."),
            since("may_download"),
        ),
        "name_at_edge": _choice(
            rules.name_at_edge,
            _("The reader’s name stands at the edge of a large photo."),
            _("No name stands at the edge of a large photo."),
            since("name_at_edge"),
        ),
        "purposes": Setting(
            ngettext("%(count)s purpose is asked.", "%(count)s purposes are asked.", count) % {"count": count}
        ),
        "everybody_says_yes": Setting(_who_says_yes(school.purposes_strict_counted)),
        "yes_lapses": _choice(
            rules.yes_lapses,
            _("A yes holds for one year."),
            _("A yes stands until it is changed. Families are reminded."),
            since("yes_lapses"),
        ),
        "last_round": _last_round(school.last_round),
        "hide_unseen": _choice(
            rules.hide_unseen,
            _("After a no, photos that nobody has checked are hidden."),
            _("After a no, photos that nobody has checked are listed."),
            since("hide_unseen"),
        ),
    }


def _who_says_yes(strict: int) -> str:
    if not strict:
        return _("One yes is enough, and one no always wins.")
    return ngettext(
        "For %(count)s purpose every parent with authority has to say yes.",
        "For %(count)s purposes every parent with authority has to say yes.",
        strict,
    ) % {"count": strict}


def _asked_of(norm: Norm) -> str:
    if not norm.asks:
        return _("Nothing is asked of a class.")
    return _("We ask of a class: %(norm)s.") % {"norm": norm_in_words(norm)}


def _choice(is_on: bool, yes: str, no: str, since: datetime | None) -> Setting:
    return Setting(yes if is_on else no, since)


def _of(value: str, words: str) -> Setting | None:
    return Setting(words % {"value": value}) if value else None


def _last_round(opened_at: datetime | None) -> Setting:
    if opened_at is None:
        return Setting(_("There was no round yet."))
    day = date_format(localtime(opened_at), "j F Y")
    return Setting(_("The last asking began on %(day)s.") % {"day": day})


def _of_protocol(protocol: Protocol | None) -> dict[str, Setting | None]:
    if protocol is None:
        return {"protocol": Setting(_("No version is in force yet.")), "council": None}
    day = protocol.council_consented_on
    consented = (
        _("The MR consented on %(day)s.") % {"day": date_format(day, "j F Y")}
        if day
        else _("Without the consent of the MR.")
    )
    return {
        "protocol": Setting(_("Version %(number)s is in force.") % {"number": protocol.number}, protocol.effective_at),
        "council": Setting(f"{consented} {protocol.council_note}".strip()),
    }


def _since(school: School) -> Callable[..., datetime | None]:
    """Looks up when one of these choices was last changed; None when the trail does not know, or it never was."""
    changes = AuditEvent.objects.filter(
        school_uid=school.uid, subject_uid=school.uid, subject_kind="school", verb__in=CHANGES
    )
    since: dict[str, datetime] = {}
    for at, facts in changes.order_by("at", "pk").values_list("at", "facts"):
        since.update(dict.fromkeys(_fields(facts), at))
    return lambda *names: max((since[name] for name in names if name in since), default=None)


def _fields(facts: object) -> Iterable[str]:
    return facts.get("fields", []) if isinstance(facts, dict) else []


def _figures_of(school: Any, protocol: Protocol | None, now: datetime) -> dict[str, str]:
    """Counts of this school year, in words, of a school that was `counted`."""
    classes = list(classes_of([school.pk], now=now))
    families, inside = reach_of_all(classes, now=now)
    asking = progress_in(classes, now=now)
    confirmed = confirmed_of(protocol, now=now) if protocol else None
    return {
        "families": _part(inside, families, _("families are in")),
        "posts": _count(school.posts_counted, _("message this school year"), _("messages this school year")),
        "replies": _count(school.replies_counted, _("reply to them"), _("replies to them")),
        "threads": _count(school.threads_held_counted, _("conversation"), _("conversations")),
        "consent": _part(asking.answered, asking.total, _("families answered everything")),
        "removed": _count(school.removals_counted, _("removed, each with its copy")),
        "confirmed": _part(*confirmed, _("people confirmed")) if confirmed else _count(0, _("people confirmed")),
        "frequency": _part(school.weeks_kept_counted, school.weeks_asked_counted, _("weeks of a class were as asked")),
        "evaluations": _count(school.questioned_counted, _("questionnaire closed"), _("questionnaires closed")),
    }


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 or not more else more}"


def _part(number: int, total: int, words: str) -> str:
    return _("%(number)s of %(total)s %(words)s") % {"number": number, "total": total, "words": words}
