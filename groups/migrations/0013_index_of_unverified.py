from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0012_caregiver_phone")]

    operations = [
        AddIndexBeside(
            model_name="guardianship",
            index=models.Index(
                fields=["child"],
                condition=models.Q(level="unverified", valid_until__isnull=True),
                name="groups_guardianship_unverified",
            ),
        ),
    ]
