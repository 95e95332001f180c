"""When the directie last signed who can see what."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0009_choice_of_each_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='school',
            name='looked_over_at',
            field=models.DateTimeField(null=True),
        ),
    ]
