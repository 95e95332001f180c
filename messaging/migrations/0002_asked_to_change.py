"""Until when a writer who was asked to may change the words."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0001_squashed'),
    ]

    operations = [
        migrations.AddField(
            model_name='writing',
            name='editable_until',
            field=models.DateTimeField(null=True),
        ),
    ]
