"""Who may be shown becomes a row. What the version before answered, in its SQL, is asked once more and compared."""

from django.db import migrations
from django.db.models import Q
from django.utils import timezone

PICTURED = "('images', 'recordings', 'school_guide', 'website', 'social_media', 'press')"


def derive(apps, schema_editor):
    """Every clearance from the answers; who may be shown, or is refused, is so at this moment as a minute ago."""
    from consent.clearances.models import Clearance
    from portal.core import access

    if not apps.get_model("consent", "Purpose").objects.exists():
        return
    now = timezone.now()
    access.reproject(only=Clearance)
    in_force = Clearance.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now)
    for is_shown, of_child, of_adult in ((True, SHOWN, ADULT_SHOWN), (False, REFUSED, ADULT_REFUSED)):
        asked = set(apps.get_model("consent", "Purpose").objects.filter(retired_at=None).values_list("school", "key"))
        rows = in_force.filter(is_shown=is_shown).values_list("school", "key", "child", "adult")
        after = {row for row in rows if row[:2] in asked}
        answered = set(apps.get_model("consent", "Decision").objects.values_list("school", "adult"))
        after = {row for row in after if row[2] or (row[0], row[3]) in answered}
        before = _ask(schema_editor.connection, f"{_CHILDREN} WHERE {of_child}", now)
        before |= _ask(schema_editor.connection, f"{_ADULTS} WHERE {of_adult}", now)
        if before != after:
            raise ValueError(
                f"{len(before - after)} verdicts ({'shown' if is_shown else 'refused'}) would be lost and "
                f"{len(after - before)} won. Nothing was changed."
            )


def _ask(connection, sql, now):
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(sql.replace("{now}", "%s"), [moment] * sql.count("{now}"))
        return {tuple(row) for row in cursor.fetchall()}


def _stands(d):
    known = f"EXISTS (SELECT 1 FROM groups_claim w WHERE w.id = {d}.claim_id AND w.settles_at <= {{now}})"
    return f"({d}.claim_id IS NULL OR {known})"


def _latest(d):
    of_child = f"SELECT 1 FROM consent_decision l WHERE l.child_id = {d}.child_id AND l.purpose_id = {d}.purpose_id"
    later = f"{of_child} AND l.caregiver_id = {d}.caregiver_id AND l.id > {d}.id AND {_stands('l')}"
    return f"(NOT EXISTS ({later}) AND NOT EXISTS ({of_child} AND l.caregiver_id IS NULL))"


def _counts(d):
    later = (
        f"SELECT 1 FROM consent_decision l WHERE l.child_id = {d}.child_id AND l.purpose_id = {d}.purpose_id"
        f" AND l.caregiver_id IS NULL AND l.id > {d}.id"
    )
    holder = f"SELECT 1 FROM {_HOLDERS} AND g.caregiver_id = {d}.caregiver_id AND g.child_id = {d}.child_id"
    own = f"{d}.caregiver_id IS NULL AND NOT EXISTS ({later})"
    return f"({own} OR {_latest(d)} AND EXISTS ({holder}))"


def _in_force(d):
    return (
        "NOT EXISTS (SELECT 1 FROM consent_consentround r JOIN consent_roundpurpose a ON a.round_id = r.id"
        f" WHERE r.school_id = {d}.school_id AND a.purpose_id = {d}.purpose_id AND r.closes_at <= {{now}}"
        f" AND r.opens_at > {d}.decided_at AND (r.lapses OR a.text_version > {d}.text_version))"
    )


_HOLDERS = (
    "groups_guardianship g WHERE g.level = 'with_authority'"
    " AND g.valid_from <= {now} AND (g.valid_until IS NULL OR g.valid_until > {now})"
)
_CHILDREN = (
    "SELECT p.school_id, p.key, c.id, NULL FROM groups_child c"
    " JOIN consent_purpose p ON p.school_id = c.school_id AND p.retired_at IS NULL"
)
_ANSWER = "EXISTS (SELECT 1 FROM consent_decision d WHERE d.purpose_id = p.id AND d.child_id = c.id AND"
_YES_OF_HOLDER = (
    "EXISTS (SELECT 1 FROM consent_decision y WHERE y.child_id = d.child_id AND y.purpose_id = d.purpose_id"
    f" AND y.says = 'yes' AND y.caregiver_id = g.caregiver_id AND {_stands('y')} AND {_latest('y')} AND {_in_force('y')})"
)
_EVERYBODY = f"NOT EXISTS (SELECT 1 FROM {_HOLDERS} AND g.child_id = d.child_id AND NOT {_YES_OF_HOLDER})"
_RELUCTANT = (
    f"(p.key IN {PICTURED} AND"
    " EXISTS (SELECT 1 FROM consent_reluctance l WHERE l.child_id = c.id AND l.ended_at IS NULL))"
)
_SHIELDED = (
    "EXISTS (SELECT 1 FROM groups_shield s WHERE s.child_id = c.id AND s.valid_from <= {now}"
    " AND (s.valid_until IS NULL OR s.valid_until > {now}))"
)
REFUSED = f"({_ANSWER} d.says = 'no' AND {_counts('d')}) OR {_RELUCTANT} OR {_SHIELDED})"
SHOWN = (
    f"(p.basis = 'objection' OR {_ANSWER} d.says = 'yes' AND {_stands('d')} AND {_counts('d')} AND {_in_force('d')}"
    f" AND (NOT p.requires_all OR d.caregiver_id IS NULL OR {_EVERYBODY}))) AND NOT {REFUSED}"
)
_ADULTS = (
    "SELECT p.school_id, p.key, NULL, d.adult_id FROM consent_decision d"
    " JOIN consent_purpose p ON p.id = d.purpose_id AND p.retired_at IS NULL"
)
_LAST_WORD = (
    "d.adult_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM consent_decision l WHERE l.adult_id = d.adult_id"
    " AND l.purpose_id = d.purpose_id AND l.id > d.id)"
)
ADULT_REFUSED = f"{_LAST_WORD} AND d.says = 'no'"
ADULT_SHOWN = f"{_LAST_WORD} AND d.says = 'yes' AND (p.basis = 'objection' OR {_in_force('d')})"


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_clearances")]

    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
