"""What a message has families choose from; votes without names are counted apart from who voted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_journal'),
        ('groups', '0008_postal_address'),
        ('messaging', '0007_bring_and_cost'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    the_release_before_bears = {
        "Create constraint messaging_writing_ask_has_its_days on model writing: the release before may write what it "
        "refuses": "it only refuses less"
    }
    operations = [
        migrations.CreateModel(
            name='Voter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='VoteTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('option', models.PositiveSmallIntegerField()),
                ('count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='writing',
            name='messaging_writing_ask_has_its_days',
        ),
        migrations.AddField(
            model_name='askanswer',
            name='chosen',
            field=models.CharField(blank=True, db_default='', default='', max_length=24),
        ),
        migrations.AddField(
            model_name='writing',
            name='is_anonymous',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='writing',
            name='options',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000),
        ),
        migrations.AddField(
            model_name='writing',
            name='takes_more',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='is_anonymous',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='options',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='takes_more',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='askanswer',
            name='answer',
            field=models.CharField(choices=[('yes', 'yes'), ('no', 'no'), ('maybe', 'maybe'), ('done', 'done'), ('chose', 'chose')], max_length=5),
        ),
        migrations.AlterField(
            model_name='writing',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe'), ('choose', 'To choose something')], max_length=12),
        ),
        migrations.AlterField(
            model_name='writingversion',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe'), ('choose', 'To choose something')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='writing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer_by', None), ('ask', ''), ('ask_on', None)), models.Q(('answer_by', None), ('ask', 'do'), ('ask_on__isnull', False), ('kind', 'post')), models.Q(('answer_by__lte', models.F('ask_on')), ('ask_on__isnull', False), ('kind', 'post'), models.Q(('ask__in', ['', 'do']), _negated=True)), _connector='OR'), name='messaging_writing_ask_has_its_days'),
        ),
        migrations.AddField(
            model_name='voter',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='voter',
            name='writing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='voters', to='messaging.writing'),
        ),
        migrations.AddField(
            model_name='votetally',
            name='writing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='messaging.writing'),
        ),
        migrations.AddConstraint(
            model_name='voter',
            constraint=models.UniqueConstraint(fields=('writing', 'user'), name='messaging_voter_once'),
        ),
        migrations.AddConstraint(
            model_name='votetally',
            constraint=models.UniqueConstraint(fields=('writing', 'option'), name='messaging_votetally_once'),
        ),
    ]
