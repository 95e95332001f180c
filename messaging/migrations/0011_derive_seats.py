"""Which chairs hold becomes a row. What the version before answered is asked once more and compared."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

RUNNING = ("directie", "ict", "case_officer")


def derive(apps, schema_editor):
    """Every seat and right from the truth; the same chairs hold at this moment, and nobody wins a right."""
    from messaging.talks.models import Seat, ThreadGrant
    from portal.core import access

    now = timezone.now()
    former = set(apps.get_model("messaging", "ThreadGrant").objects.values_list("user", "permission", "content_object"))
    before = _holding(apps, now)
    access.reproject(only=(Seat, ThreadGrant))
    after = set(Seat.objects.filter(_in_force(now)).values_list("chair", "side"))
    if before != after:
        raise ValueError(
            f"{len(before - after)} seats in conversations would be lost and {len(after - before)} won. "
            "Nothing was changed."
        )
    rights = ThreadGrant.objects.filter(_in_force(now)).values_list("user", "permission", "content_object")
    if not set(rights) <= former:
        raise ValueError(
            f"{len(set(rights) - former)} rights on conversations would be won. Nothing was changed. "
            "Run `manage.py check_access --repair` of the version before, then migrate again."
        )


def _in_force(now):
    return Q(valid_until=None, valid_from__lte=now) | Q(valid_until__gt=now, valid_from__lte=now)


def _holding(apps, now):
    """Chairs that hold, each with its side: the rule as it was asked at each read."""
    chairs = apps.get_model("messaging", "Participation").objects.filter(_in_force(now))
    tasks = apps.get_model("groups", "StaffAssignment").objects.filter(_in_force(now))
    sides = {
        "family": _talking(apps, now),
        "staff": (_taught(apps, tasks, now) | _serving(tasks)) & ~Q(_running(tasks), came="task"),
        "directie": _directing(tasks),
    }
    return {(pk, side) for side, rule in sides.items() for pk in chairs.filter(rule).values_list("pk", flat=True)}


def _talking(apps, now):
    rows = apps.get_model("groups", "Guardianship").objects.filter(_in_force(now))
    rows = rows.filter(level__in=("with_authority", "daily_carer"))
    return Q(Exists(rows.filter(caregiver=OuterRef("caregiver"), child=OuterRef("thread__child"))))


def _taught(apps, tasks, now):
    this_year = tasks.filter(group__school_year__starts_at__lte=now, group__school_year__ends_at__gt=now)
    own = this_year.filter(staff=OuterRef("staff"), group=OuterRef("group"), valid_from__lte=OuterRef("valid_from"))
    there = apps.get_model("groups", "Enrolment").objects.filter(_in_force(now))
    there = there.filter(child=OuterRef("thread__child"), group=OuterRef("group"))
    return Q(Exists(own.filter(role="teacher")), Exists(there))


def _serving(tasks):
    own = tasks.exclude(role__in=RUNNING).filter(staff=OuterRef("staff"), school=OuterRef("thread__school"))
    return Q(Exists(own), group__isnull=True, came="asked")


def _running(tasks):
    there = tasks.filter(role__in=RUNNING, school=OuterRef("thread__school"))
    return Exists(there.filter(Q(staff=OuterRef("staff")) | Q(staff__user=OuterRef("staff__user"))))


def _directing(tasks):
    own = tasks.filter(role="directie", group__isnull=True, staff=OuterRef("staff"), school=OuterRef("thread__school"))
    return Q(Exists(own.filter(valid_from__lte=OuterRef("valid_from"))), came="directie")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_seats"), ("groups", "0010_derive_rights")]

    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
