"""A conversation was never reported as such: one reports what was said in it, or how somebody behaves."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0001_squashed'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='case',
            name='moderation_case_about_one_thing',
        ),
        migrations.RemoveConstraint(
            model_name='case',
            name='moderation_case_one_open_of_thread',
        ),
        migrations.RemoveConstraint(
            model_name='case',
            name='moderation_case_one_open_of_person',
        ),
        migrations.RemoveField(
            model_name='case',
            name='thread',
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('photo__isnull', True), ('writing__isnull', True)), models.Q(('photo__isnull', True), ('writing__isnull', False)), models.Q(('photo__isnull', False), ('writing__isnull', True)), _connector='OR'), name='moderation_case_about_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('photo__isnull', True), ('writing__isnull', True)), ('state', 'open')), fields=('school', 'about', 'side'), name='moderation_case_one_open_of_person'),
        ),
    ]
