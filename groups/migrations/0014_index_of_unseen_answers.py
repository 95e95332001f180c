from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0013_index_of_unverified")]

    operations = [
        AddIndexBeside(
            model_name="tellinganswer",
            index=models.Index(
                fields=["telling"],
                condition=models.Q(seen_at__isnull=True),
                name="groups_tellinganswer_unseen",
            ),
        ),
    ]
