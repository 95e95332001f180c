from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0017_shown_again")]

    operations = [
        AddIndexBeside(
            model_name="writing",
            index=models.Index(
                fields=["school", "shown_again_at"],
                condition=models.Q(shown_again_at__isnull=False),
                name="messaging_writing_shown_again",
            ),
        ),
    ]
