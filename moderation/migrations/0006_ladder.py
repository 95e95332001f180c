"""The ladder of the policies, the number of a letter of the board, and where something spread was seen."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0005_kind_words_of_parents'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='measure',
            name='moderation_measure_until_a_day',
        ),
        migrations.AddField(
            model_name='measure',
            name='had_to',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='measure',
            name='letter_number',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='report',
            name='seen_where',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='measure',
            name='kind',
            field=models.CharField(choices=[('note', 'Note'), ('talk', 'Talk held'), ('written', 'Correspondence, kept in the file'), ('warning', 'Warning'), ('limited', 'Reads only, until a day'), ('suspended', 'No access, until a day'), ('silenced', 'Writes in no conversation about the child, until a day'), ('restored', 'Access given back'), ('removal', 'Content removed'), ('reprimand', 'Reprimand'), ('off_duty', 'Suspended from work'), ('dismissal', 'Dismissal'), ('pupil_out', 'Pupil suspended'), ('pupil_gone', 'Pupil removed from school'), ('inspector', 'Report to the confidential inspector'), ('code', 'Reporting code for child abuse'), ('police', 'Report to the police')], max_length=10),
        ),
        migrations.AlterField(
            model_name='report',
            name='reason',
            field=models.CharField(choices=[('one_child', 'about one child'), ('achievement', 'an achievement that not every child can reach'), ('hurtful', 'hurtful'), ('danger', 'danger: somebody may come to harm'), ('threatening', 'threatening'), ('discriminating', 'discriminating'), ('sexual', 'sexual'), ('commercial', 'commercial'), ('belief', 'politics or religion'), ('privacy', 'private information'), ('photo', 'a photo without consent'), ('spread', 'spread outside Kring'), ('other', 'something else')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['limited', 'suspended', 'silenced']), ('until__isnull', False)), models.Q(models.Q(('kind__in', ['limited', 'suspended', 'silenced']), _negated=True), ('until__isnull', True)), _connector='OR'), name='moderation_measure_until_a_day'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('reprimand', 'off_duty', 'dismissal', 'pupil_out', 'pupil_gone')), ('why_unheard', ''), ('words', ''), models.Q(('letter_number', ''), _negated=True)), models.Q(models.Q(('kind__in', ('reprimand', 'off_duty', 'dismissal', 'pupil_out', 'pupil_gone')), _negated=True), ('letter_number', '')), _connector='OR'), name='moderation_measure_of_board_by_number'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'spread'), models.Q(('seen_where', ''), _negated=True)), models.Q(models.Q(('reason', 'spread'), _negated=True), ('seen_where', '')), _connector='OR'), name='moderation_report_seen_where'),
        ),
    ]
