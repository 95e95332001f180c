"""Why many things were taken away, as their writers read it; and what proved untrue."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0005_conversations_kept'),
        ('messaging', '0003_kept_texts'),
        ('moderation', '0006_ladder'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='bulkact',
            name='told',
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AddField(
            model_name='case',
            name='is_untrue',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'closed'), ('is_untrue', False), _connector='OR'), name='moderation_case_untrue_at_its_end'),
        ),
    ]
