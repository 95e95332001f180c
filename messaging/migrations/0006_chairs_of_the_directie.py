from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0007_roster"),
        ("messaging", "0005_photo_uploads"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="participation", name="messaging_participation_of_one_person"),
        migrations.RemoveConstraint(model_name="participation", name="messaging_participation_once_for_school"),
        migrations.AlterField(
            model_name="participation",
            name="came",
            field=models.CharField(
                choices=[
                    ("start", "from the start"),
                    ("task", "with a task"),
                    ("asked", "asked by name"),
                    ("directie", "because the management was asked in"),
                ],
                default="start",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=models.CheckConstraint(
                condition=Q(caregiver__isnull=False, staff__isnull=True, group__isnull=True)
                | Q(caregiver__isnull=True, staff__isnull=False, group__isnull=False)
                | Q(
                    caregiver__isnull=True,
                    staff__isnull=False,
                    group__isnull=True,
                    came__in=("asked", "directie"),
                ),
                name="messaging_participation_of_one_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=models.UniqueConstraint(
                fields=["thread", "staff", "came"],
                condition=Q(valid_until__isnull=True, staff__isnull=False, group__isnull=True),
                name="messaging_participation_once_for_school",
            ),
        ),
    ]
