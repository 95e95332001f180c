"""When a school opened to parents, and what of the first day it leaves; a school that is there already is open."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import Min
from django.utils import timezone


def open_those_that_are_there(apps: Any, schema_editor: Any) -> None:
    schools = apps.get_model("groups", "School").objects.filter(opened_at__isnull=True)
    first = schools.annotate(first=Min("groups__school_year__starts_at")).values_list("pk", "first")
    now = timezone.now()
    for pk, began in list(first):
        schools.filter(pk=pk).update(opened_at=min(began or now, now))


class Migration(migrations.Migration):
    dependencies = [("groups", "0005_conversations_kept")]

    operations = [
        migrations.AddField("school", "opened_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            "LeftStep",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20)),
                ("left_at", models.DateTimeField()),
                (
                    "left_by",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE, related_name="left_steps", to="groups.school"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("school", "step"), name="groups_leftstep_once")
                ]
            },
        ),
        migrations.RunPython(open_those_that_are_there, migrations.RunPython.noop),
    ]
