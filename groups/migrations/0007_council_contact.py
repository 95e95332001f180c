"""How parents reach the MR."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0006_first_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='school',
            name='council_contact',
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
