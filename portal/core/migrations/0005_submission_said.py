"""What a form said, so that other words in the same form are another one; of forms sent before nothing is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_push_devices")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="said",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
