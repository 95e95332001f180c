from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0015_index_of_school")]

    operations = [
        AddIndexBeside(
            model_name="writing",
            index=models.Index(
                fields=["school"], condition=models.Q(state="hidden"), name="messaging_writing_hidden"
            ),
        ),
    ]
