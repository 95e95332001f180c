"""Who may be shown for a purpose, as a condition on rows that name a child or an adult.

The same rule as `consent.domain.allowed`, asked by the database when a row is read: a no works on the next request.
It is written in SQL, once for both engines: composing the same of querysets costs Django a hundred times what the
database needs to answer it. With `LIMIT 1` PostgreSQL looks for the row in hand; for EXISTS it may read a whole table.
"""

# ruff: noqa: S608 - the tables are our own, every value is a parameter

import re
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import BooleanField, DateTimeField, Expression, F, Q, Value

from consent.domain.purposes import PICTURED
from groups.models import Child, Shield


def _none(rows: str) -> str:
    return f"(({rows} LIMIT 1) IS NULL)"


def _some(rows: str) -> str:
    return f"(({rows} LIMIT 1) IS NOT NULL)"


def _stands(d: str) -> str:
    """Not a yes of somebody who came in by letter and was not known by then; of who never was, it never does."""
    known = _some(f"SELECT 1 FROM groups_claim w WHERE w.id = {d}.claim_id AND w.settles_at <= {{now}}")
    return f"({d}.claim_id IS NULL OR {known})"


def _later(d: str, person: str) -> str:
    """Answers of the same person about himself that came after `d`."""
    return (
        f"SELECT 1 FROM consent_decision l WHERE l.{person}_id = {d}.{person}_id AND l.purpose_id = {d}.purpose_id"
        f" AND l.caregiver_id IS NULL AND l.id > {d}.id"
    )


def _latest_of_caregiver(d: str) -> str:
    """The caregiver said nothing since that stands, and the child itself never did."""
    of_child = f"SELECT 1 FROM consent_decision l WHERE l.child_id = {d}.child_id AND l.purpose_id = {d}.purpose_id"
    later = f"{of_child} AND l.caregiver_id = {d}.caregiver_id AND l.id > {d}.id AND {_stands('l')}"
    return f"({_none(later)} AND {_none(f'{of_child} AND l.caregiver_id IS NULL')})"


def _counts(d: str) -> str:
    """About a child: the last answer of each who decides. Once the child has an own answer, only that."""
    holder = _some(f"SELECT 1 FROM {_HOLDERS} AND g.caregiver_id = {d}.caregiver_id AND g.child_id = {d}.child_id")
    own = f"{d}.caregiver_id IS NULL AND {_none(_later(d, 'child'))}"
    return f"({own} OR {_latest_of_caregiver(d)} AND {holder})"


def _in_force(d: str) -> str:
    """No closed round asked again: all of it, or in other words."""
    return _none(
        "SELECT 1 FROM consent_consentround r JOIN consent_roundpurpose a ON a.round_id = r.id"
        f" WHERE r.school_id = {d}.school_id AND a.purpose_id = {d}.purpose_id AND r.closes_at <= {{now}}"
        f" AND r.opens_at > {d}.decided_at AND (r.lapses OR a.text_version > {d}.text_version)"
    )


_HOLDERS = (
    "groups_guardianship g WHERE g.level = 'with_authority'"
    " AND g.valid_from <= {now} AND (g.valid_until IS NULL OR g.valid_until > {now})"
)
_ASKED = "p.key = {key} AND p.retired_at IS NULL"
_ASKED_TO_OBJECT = f"{_ASKED} AND p.basis = 'objection'"
_ANSWERS = (
    "SELECT 1 FROM groups_child c JOIN consent_purpose p ON p.school_id = c.school_id"
    f" JOIN consent_decision d ON d.purpose_id = p.id AND d.child_id = c.id WHERE c.id = {{child}} AND {_ASKED}"
)
"""The purpose first: a child of eight years has a hundred answers, and sixteen to one question."""
_YES_OF_HOLDER = (
    "SELECT 1 FROM consent_decision y WHERE y.child_id = d.child_id AND y.purpose_id = d.purpose_id AND y.says = 'yes'"
    f" AND y.caregiver_id = g.caregiver_id AND {_stands('y')} AND {_latest_of_caregiver('y')} AND {_in_force('y')}"
)
_EVERYBODY = _none(f"SELECT 1 FROM {_HOLDERS} AND g.child_id = d.child_id AND {_none(_YES_OF_HOLDER)}")

_SAYS_YES = "(d.says = 'yes') IS TRUE"
"""Said so that SQLite looks up what this person answered, and not everybody who said yes."""

_REFUSED = _some(f"{_ANSWERS} AND d.says = 'no' AND {_counts('d')}")
_COUNTS = _some(f"SELECT 1 FROM consent_decision d WHERE d.id = {{decision}} AND {_counts('d')}")
_RELUCTANT = _some("SELECT 1 FROM consent_reluctance l WHERE l.child_id = {child} AND l.ended_at IS NULL")
_SHIELDED = _some(
    "SELECT 1 FROM groups_shield s WHERE s.child_id = {child} AND s.valid_from <= {now}"
    " AND (s.valid_until IS NULL OR s.valid_until > {now})"
)
_AGREED = _some(
    f"{_ANSWERS} AND p.basis = 'consent' AND {_SAYS_YES} AND {_stands('d')} AND {_counts('d')}"
    f" AND {_in_force('d')} AND (NOT p.requires_all OR d.caregiver_id IS NULL OR {_EVERYBODY})"
)
_UNASKED = _some(
    "SELECT 1 FROM consent_purpose p JOIN groups_child c ON c.school_id = p.school_id"
    f" WHERE c.id = {{child}} AND {_ASKED_TO_OBJECT}"
)

_OWN = (
    f"SELECT 1 FROM consent_decision d JOIN consent_purpose p ON p.id = d.purpose_id WHERE {_ASKED}"
    f" AND p.school_id = {{school}} AND d.adult_id = {{adult}} AND {_none(_later('d', 'adult'))}"
)
_OWN_YES = _some(f"{_OWN} AND p.basis = 'consent' AND {_SAYS_YES} AND {_in_force('d')}")
_OWN_NO = _some(f"{_OWN} AND (d.says = 'no') IS TRUE")
_UNASKED_ADULT = _some(f"SELECT 1 FROM consent_purpose p WHERE p.school_id = {{school}} AND {_ASKED_TO_OBJECT}")
_SHOWS_ADULT = f"{_OWN_YES} OR {_UNASKED_ADULT} AND NOT {_OWN_NO}"


class Rule(Expression):
    """A condition in SQL; each mark in braces stands for one of the expressions, as often as it is there."""

    conditional = True

    def __init__(self, sql: str, **marks: Any) -> None:
        super().__init__(output_field=BooleanField())
        self.sql, self.marks = sql, marks

    def get_source_expressions(self) -> list[Any]:
        return list(self.marks.values())

    def set_source_expressions(self, exprs: Any) -> None:
        self.marks = dict(zip(self.marks, exprs, strict=True))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        filled = {name: compiler.compile(expression) for name, expression in self.marks.items()}
        params = tuple(param for name in _MARK.findall(self.sql) for param in filled[name][1])
        return f"({_MARK.sub(lambda mark: filled[mark[1]][0], self.sql)})", params


_MARK = re.compile(r"{(\w+)}")


class ShownQuerySet(models.QuerySet):
    """The rule, asked of `Purpose.objects`; the paths say where the rows that are asked about keep the person."""

    def shows_child(self, key: str, *, child: str = "child", now: datetime) -> Q:
        """Rows whose child, at the path `child`, may be shown for the purpose `key` at `now` (POL-40, 43, 44).

        Example: Noor's mother said yes in September, so Noor is shown; since her father's no of this morning she is
        not. When his authority ends she is again.
        """
        refused = " OR ".join(_refusals(key))
        return Q(Rule(f"({_AGREED} OR {_UNASKED}) AND NOT ({refused})", **_marks(key, now, child=F(child))))

    def refuses_child(self, key: str, *, child: str = "child", now: datetime) -> Q:
        """Rows about whose child somebody who decides said no, or the child itself "liever niet" (POL-45).

        And about a shielded child, whatever anybody answered: nobody's yes shows or names it.
        """
        return Q(Rule(" OR ".join(_refusals(key)), **_marks(key, now, child=F(child))))

    def refused_children(self, key: str, *, schools: Any, now: datetime) -> models.QuerySet:
        """The same children as a list, for these schools: found once for a page, from the few that were refused.

        Every kind of refusal in one set: asked for either, a database looks at every child there is.
        """
        decisions: Any = self.model.decisions.rel.related_model.objects
        asked = {"purpose__key": key, "purpose__retired_at": None, "purpose__school__in": schools}
        refused = decisions.filter(Rule(_COUNTS, **_marks(key, now, decision=F("pk"))), says="no", **asked)
        refused = refused.order_by().values("child")
        others = [Shield.objects.active(now=now).filter(child__school__in=schools).order_by().values("child")]
        if key in PICTURED:
            reluctances: Any = Child.reluctances.rel.related_model.objects
            others.append(reluctances.open().filter(school__in=schools).order_by().values("child"))
        return Child.objects.filter(pk__in=refused.union(*others, all=True))

    def shows_adult(self, key: str, *, adult: str = "adult", school: str = "school", now: datetime) -> Q:
        """Rows whose adult, at the path `adult`, may be shown by the school at the path `school` (POL-46)."""
        return Q(Rule(_SHOWS_ADULT, **_marks(key, now, adult=F(adult), school=F(school))))


def _refusals(key: str) -> list[str]:
    return [_REFUSED, _RELUCTANT, _SHIELDED] if key in PICTURED else [_REFUSED, _SHIELDED]


def _marks(key: str, now: datetime, **people: F) -> dict[str, Any]:
    return {"key": Value(key), "now": Value(now, output_field=DateTimeField()), **people}
