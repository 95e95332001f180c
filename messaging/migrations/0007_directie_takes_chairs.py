from django.db import migrations
from django.db.models import Q


def take_chairs(apps, schema_editor):
    """Who is the directie, was or will be, since a conversation asked for it: so far each of them read all of it."""
    Participation = apps.get_model("messaging", "Participation")
    tasks = apps.get_model("groups", "StaffAssignment").objects.filter(role="directie", group=None)
    for thread in apps.get_model("messaging", "Thread").objects.exclude(directie_since=None).iterator():
        since = thread.directie_since
        lasting = tasks.filter(Q(valid_until=None) | Q(valid_until__gt=since), school=thread.school_id)
        chairs = {
            (task.staff_id, task.valid_until): Participation(
                thread=thread,
                staff_id=task.staff_id,
                came="directie",
                valid_from=max(task.valid_from, since),
                valid_until=task.valid_until,
                reads_from=thread.created_at,
            )
            for task in lasting.order_by("-valid_from", "-pk")
        }
        Participation.objects.bulk_create(chairs.values())


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_chairs_of_the_directie")]

    operations = [migrations.RunPython(take_chairs, migrations.RunPython.noop)]
