"""What a message asks, and what families answered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_squashed'),
        ('groups', '0004_complaints'),
        ('messaging', '0003_kept_texts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AskAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('yes', 'yes'), ('no', 'no'), ('done', 'done')], max_length=4)),
                ('answered_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='writing',
            name='answer_by',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='writing',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no')], max_length=6),
        ),
        migrations.AddField(
            model_name='writing',
            name='ask_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='writing',
            name='asked_anew_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='answer_by',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='ask',
            field=models.CharField(blank=True, max_length=6),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='ask_on',
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name='writing',
            index=models.Index(condition=models.Q(('ask', ''), _negated=True), fields=['group', 'ask_on'], name='messaging_post_on_the_board'),
        ),
        migrations.AddConstraint(
            model_name='writing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer_by', None), ('ask', ''), ('ask_on', None)), models.Q(('answer_by', None), ('ask', 'do'), ('ask_on__isnull', False), ('kind', 'post')), models.Q(('answer_by__lte', models.F('ask_on')), ('ask', 'yes_no'), ('ask_on__isnull', False), ('kind', 'post')), _connector='OR'), name='messaging_writing_ask_has_its_days'),
        ),
        migrations.AddField(
            model_name='askanswer',
            name='child',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.child'),
        ),
        migrations.AddField(
            model_name='askanswer',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='askanswer',
            name='writing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ask_answers', to='messaging.writing'),
        ),
        migrations.AddConstraint(
            model_name='askanswer',
            constraint=models.UniqueConstraint(fields=('writing', 'child', 'user'), name='messaging_askanswer_one_each'),
        ),
    ]
