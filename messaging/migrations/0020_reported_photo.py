"""Of a photo that was reported and made unrecognisable since: its files as they were, for who handles the case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0019_unsent_in_two_tabs")]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="reported_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="placement",
            name="reported_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
