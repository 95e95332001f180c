from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0022_when_mails_left")]

    operations = [
        AddIndexBeside(
            model_name="placement",
            index=models.Index(fields=["school", "-placed_at", "-id"], name="messaging_placement_of_school"),
        ),
    ]
