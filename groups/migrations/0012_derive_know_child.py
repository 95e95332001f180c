from django.apps import apps as live
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def derive(apps, schema_editor):
    """Who hears a shielded child named, as a right; nobody another one at this moment than a minute ago."""
    from groups.records.models.memberships import ChildGrant
    from portal.core import access

    now = timezone.now()
    shielded = set(in_force(apps.get_model("groups", "Shield").objects, now).values_list("child", flat=True))
    if not apps.get_model("groups", "Shield").objects.exists():
        return
    create_permissions(live.get_app_config("groups"), verbosity=0)
    access.forget_permissions()
    access.reproject(only=ChildGrant)
    rows = in_force(ChildGrant.objects.filter(permission__codename="know_child"), now)
    before, after = asked(apps, shielded, now), set(rows.values_list("user", "content_object"))
    if before != after:
        raise ValueError(
            f"{len(before - after)} people would no longer hear of a shielded child and {len(after - before)} would "
            "now. Nothing was changed."
        )


def in_force(rows, now):
    return rows.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now)


def asked(apps, shielded, now):
    """As the version before asked it at each reading."""
    child, enrolment, guardianship, task = (
        apps.get_model("groups", name).objects for name in ("Child", "Enrolment", "Guardianship", "StaffAssignment")
    )
    tasks = in_force(task.filter(staff__user__isnull=False), now)
    given = list(tasks.values_list("staff__user", "group", "school", "role"))
    found = set(child.filter(pk__in=shielded, user__isnull=False).values_list("user", "pk"))
    for pk, school in child.filter(pk__in=shielded).values_list("pk", "school"):
        there = in_force(enrolment.filter(child=pk, group__kind__in=("class", "composite", "pupils")), now)
        current = there.filter(group__school_year__starts_at__lte=now, group__school_year__ends_at__gt=now)
        groups = set(current.values_list("group", flat=True))
        for user, group, place, role in given:
            if group in groups or (role == "directie" and group is None and place == school):
                found.add((user, pk))
    levels = ("with_authority", "daily_carer", "admitted_reader")
    cared = in_force(guardianship.filter(child__in=shielded, level__in=levels, caregiver__user__isnull=False), now)
    return found | set(cared.values_list("caregiver__user", "child"))


class Migration(migrations.Migration):
    dependencies = [("groups", "0011_know_child"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
