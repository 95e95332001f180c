from django.apps import apps as live
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def derive(apps, schema_editor):
    """Every right from the truth; nobody has another one at this moment than a minute ago."""
    from groups.records.models.memberships import ChildGrant, GroupGrant, SchoolGrant
    from portal.core import access

    if not apps.get_model("groups", "StaffAssignment").objects.exists():
        return
    create_permissions(live.get_app_config("groups"), verbosity=0)
    now = timezone.now()
    before = on_groups(apps, now) | on_children(apps, now)
    for model in (GroupGrant, ChildGrant, SchoolGrant):
        access.reproject(only=model)
    after = in_force(GroupGrant, now) | in_force(ChildGrant, now)
    if before != after:
        raise ValueError(
            f"{len(before - after)} rights would be lost and {len(after - before)} won. Nothing was changed. "
            "Run `manage.py check_access --repair` of the version before, then migrate again."
        )


def in_force(model, now):
    rows = model.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now)
    return set(rows.values_list("user", "permission__codename", "content_object"))


def on_groups(apps, now):
    """As the version before answered: a grant, a membership whose role carries it, and no restriction."""
    from groups.roles import ROLES

    former = apps.get_model("groups", "GroupGrant").objects
    granted = set(former.values_list("user", "permission__codename", "content_object"))
    restricted = apps.get_model("groups", "Restriction").objects.filter(valid_from__lte=now, valid_until__gt=now)
    stopped = {}
    for user, school, kind in restricted.values_list("user", "school", "kind"):
        stopped.setdefault((user, school), set()).add(kind)
    rows = apps.get_model("groups", "Membership").objects.filter(valid_from__lte=now, reads_until__gt=now)
    columns = ("user", "group", "group__school", "role", "valid_until")
    found = set()
    for user, group, school, role, until in rows.values_list(*columns).iterator():
        kinds = stopped.get((user, school), set())
        for permission in ROLES[role]:
            name = permission.split(".")[1]
            reads = name == "view_group"
            if (reads or until > now) and not ("suspended" in kinds or (kinds and not reads)):
                found.add((user, name, group))
    return found & granted


def on_children(apps, now):
    former = apps.get_model("groups", "ChildGrant").objects
    granted = set(former.values_list("user", "permission__codename", "content_object"))
    rows = apps.get_model("groups", "Guardianship").objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=now),
        valid_from__lte=now,
        level__in=("with_authority", "daily_carer", "admitted_reader"),
        caregiver__user__isnull=False,
    )
    names = {(user, "view_child", child) for user, child in rows.values_list("caregiver__user", "child")}
    return names & granted


class Migration(migrations.Migration):
    dependencies = [("groups", "0009_rights_in_time"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
