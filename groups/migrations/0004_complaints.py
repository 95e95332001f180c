"""To whom people go who do not agree with school."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0003_told'),
    ]

    operations = [
        migrations.AddField(
            model_name='school',
            name='board_contact',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='school',
            name='complaints_committee',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='school',
            name='confidant',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='school',
            name='privacy_officer',
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
