"""The postal address of a caregiver, for letters."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0007_council_contact'),
    ]

    operations = [
        migrations.AddField(
            model_name='caregiver',
            name='postal_address',
            field=models.CharField(blank=True, max_length=400),
        ),
    ]
