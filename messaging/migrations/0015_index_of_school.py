from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0014_essential_index")]

    operations = [
        AddIndexBeside(
            model_name="writing",
            index=models.Index(fields=["school", "-published_at", "-id"], name="messaging_writing_of_school"),
        ),
    ]
