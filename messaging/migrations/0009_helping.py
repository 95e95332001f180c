"""What there is to help with, who signed on for it, and until what hour one answers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0008_choosing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='writing',
            name='answer_at',
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name='writing',
            name='tasks',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='answer_at',
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='tasks',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000),
        ),
        migrations.AlterField(
            model_name='askanswer',
            name='answer',
            field=models.CharField(choices=[('yes', 'yes'), ('no', 'no'), ('maybe', 'maybe'), ('done', 'done'), ('chose', 'chose'), ('pass', 'pass')], max_length=5),
        ),
        migrations.AlterField(
            model_name='writing',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe'), ('choose', 'To choose something'), ('help', 'Who helps')], max_length=12),
        ),
        migrations.AlterField(
            model_name='writingversion',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe'), ('choose', 'To choose something'), ('help', 'Who helps')], max_length=12),
        ),
        migrations.CreateModel(
            name='Helper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.PositiveSmallIntegerField()),
                ('place', models.PositiveSmallIntegerField(null=True)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('writing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='helpers', to='messaging.writing')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('writing', 'task', 'place'), name='messaging_helper_place_once'), models.UniqueConstraint(fields=('writing', 'task', 'user'), name='messaging_helper_once')],
            },
        ),
    ]
