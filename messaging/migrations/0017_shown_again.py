from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0016_index_of_hidden")]

    operations = [
        migrations.AddField(
            model_name="writing", name="hidden_first_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="writing", name="shown_again_at", field=models.DateTimeField(null=True)
        ),
    ]
