"""The word above a weekly mail has a version: two people can write it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0020_reported_photo")]

    operations = [
        migrations.AddField(
            model_name="foreword",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=0),
        ),
    ]
