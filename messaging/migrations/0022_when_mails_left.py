"""An edition keeps when the last of its mails left: late, they went without what was hidden by then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0021_foreword_version")]

    operations = [
        migrations.AddField(model_name="digestedition", name="left_at", field=models.DateTimeField(null=True)),
    ]
