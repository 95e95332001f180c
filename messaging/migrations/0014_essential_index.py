from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0013_essential")]

    operations = [
        AddIndexBeside(
            model_name="writing",
            index=models.Index(
                condition=models.Q(("is_essential", True)), fields=["published_at"], name="messaging_post_essential"
            ),
        ),
    ]
