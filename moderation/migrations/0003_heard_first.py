"""Why somebody was not heard before a warning or a limit."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0002_no_case_about_a_conversation'),
    ]

    operations = [
        migrations.AddField(
            model_name='measure',
            name='why_unheard',
            field=models.TextField(blank=True, max_length=2000),
        ),
    ]
