from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0022_when_mails_left")]

    operations = [
        AddIndexBeside(
            model_name="writing",
            index=models.Index(
                fields=["school", "kind", "-published_at", "-id", "state"], name="messaging_writing_of_kind"
            ),
        ),
        migrations.RemoveIndex(model_name="writing", name="messaging_writing_of_school"),
        AddIndexBeside(
            model_name="placement",
            index=models.Index(fields=["school", "-placed_at", "-id"], name="messaging_placement_of_school"),
        ),
    ]
