from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0015_letters_of_pupils")]

    operations = [
        AddIndexBeside(
            model_name="invitation",
            index=models.Index(
                fields=["child"], condition=models.Q(child__isnull=False), name="groups_invitation_of_pupil"
            ),
        ),
    ]
