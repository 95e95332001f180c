from django.apps import apps as live
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def derive(apps, schema_editor):
    """Every right on a case and on a request for access; nobody handles another one than a minute ago."""
    from moderation.access_requests.models import AccessRequestGrant
    from moderation.cases.models.cases import CaseGrant
    from portal.core import access

    if not apps.get_model("moderation", "Case").objects.exists():
        return
    create_permissions(live.get_app_config("moderation"), verbosity=0)
    access.forget_permissions()
    now = timezone.now()
    before = Before(apps, now).handled()
    for model in (CaseGrant, AccessRequestGrant):
        access.reproject(only=model)
    after = in_force(apps, "CaseGrant", now) | in_force(apps, "AccessRequestGrant", now)
    if before != after:
        raise ValueError(
            f"{len(before - after)} cases and requests would be lost and {len(after - before)} won by who handles "
            "them. Nothing was changed. Run `manage.py check_access --repair` of the version before, then migrate again."
        )


def in_force(apps, name, now):
    """Who may what, with the case officer where nobody of the directie may."""
    rows = apps.get_model("moderation", name).objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now, user__is_active=True
    )
    found = {right: set() for right in ("view", "lead", "stand", "review")}
    for codename, user, thing in rows.values_list("permission__codename", "user", "content_object"):
        found[codename.split("_")[0]].add((user, thing))
    left = {thing for _, thing in found["stand"]} - {thing for _, thing in found["lead"]}
    in_place = {(user, thing) for user, thing in found["stand"] if thing in left}
    rights = {"lead": found["lead"] | in_place, "review": found["review"]}
    if name == "CaseGrant":
        rights["view"] = found["view"] | in_place
    return {(name, right, *pair) for right, pairs in rights.items() for pair in pairs}


class Before:
    """The rule of the version before, on plain sets."""

    def __init__(self, apps, now):
        self.apps = apps
        active = Q(valid_until=None) | Q(valid_until__gt=now), Q(valid_from__lte=now)
        users, places = {}, {}
        held = apps.get_model("groups", "Guardianship").objects.filter(*active, caregiver__user__isnull=False)
        for user, child in held.values_list("caregiver__user", "child"):
            users.setdefault(user, set()).add(child)
        for model in ("SchoolGrant", "GroupGrant"):
            rows = apps.get_model("groups", model).objects.filter(*active, hat="staff", user__is_active=True)
            names = ("direct_school", "oversee_school", "moderate_group")
            rows = rows.filter(permission__codename__in=names)
            for name, place, user in rows.values_list("permission__codename", "content_object", "user"):
                places.setdefault((name, place), set()).add(user)
        self.children, self.places = users, places

    def at(self, name, place):
        return self.places.get((name, place), set())

    def parties(self, row):
        """Who has a part in it: the person, who belongs to the child, and who belongs to a child of the person."""
        theirs = self.children.get(row.about_id, set()) if row.side == "family" else set()
        kin = {user for user, own in self.children.items() if row.child_id in own or own & theirs}
        return kin | {row.about_id}

    def leading(self, row):
        officers = self.at("oversee_school", row.school_id) - self.parties(row)
        directie = self.at("direct_school", row.school_id) - self.parties(row)
        return officers if row.against_directie or not directie else directie

    def handled(self):
        moderation = self.apps.get_model
        told = set(moderation("moderation", "Report").objects.filter(to_teacher=True).values_list("case", flat=True))
        cases, found = list(moderation("moderation", "Case").objects.all()), set()
        for case in cases:
            leading, in_class = self.leading(case), set()
            if case.pk in told and case.side == "family" and not case.against_directie:
                in_class = self.at("moderate_group", case.group_id) - self.parties(case)
            found |= {("CaseGrant", "lead", user, case.pk) for user in leading}
            found |= {("CaseGrant", "view", user, case.pk) for user in leading | in_class}
        for asked in moderation("moderation", "AccessRequest").objects.defer("draft"):
            found |= {("AccessRequestGrant", "lead", user, asked.pk) for user in self.leading(asked)}
            if asked.state == "review":
                found |= {("AccessRequestGrant", "review", user, asked.pk) for user in self.second(asked, cases)}
        return found

    def second(self, asked, cases):
        readers = self.at("oversee_school", asked.school_id)
        if not asked.against_directie:
            readers = readers | self.at("direct_school", asked.school_id)
        beside = [case for case in cases if case.school_id == asked.school_id]
        beside = [case for case in beside if case.state == "open" or case.about_id == asked.about_id]
        return readers.difference({asked.prepared_by_id}, *(self.parties(row) for row in (asked, *beside)))


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_case_rights"),
        ("groups", "0010_derive_rights"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
