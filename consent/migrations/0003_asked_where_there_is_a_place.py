"""A school that began before asks no more about what Kring has no place for; the answers are kept."""

from typing import Any

from django.db import migrations
from django.utils import timezone

WITHOUT_PLACE = ["recordings", "contact_details"]


def stop_asking(apps: Any, schema_editor: Any) -> None:
    purposes = apps.get_model("consent", "Purpose").objects.filter(key__in=WITHOUT_PLACE, retired_at=None)
    purposes.update(retired_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_watching_over")]

    operations = [migrations.RunPython(stop_asking, migrations.RunPython.noop, elidable=True)]
