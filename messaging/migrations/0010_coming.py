"""Where and when one comes, with how many, and for how many there is room."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0008_postal_address'),
        ('messaging', '0009_helping'),
    ]

    operations = [
        migrations.AddField(
            model_name='askanswer',
            name='heads',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='writing',
            name='begins_at',
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name='writing',
            name='capacity',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='writing',
            name='venue',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='begins_at',
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='capacity',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='venue',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.AlterField(
            model_name='writing',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe'), ('choose', 'To choose something'), ('help', 'Who helps'), ('come', 'Who comes')], max_length=12),
        ),
        migrations.AlterField(
            model_name='writingversion',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe'), ('choose', 'To choose something'), ('help', 'Who helps'), ('come', 'Who comes')], max_length=12),
        ),
        migrations.CreateModel(
            name='EventSeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.child')),
                ('writing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='event_seats', to='messaging.writing')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('writing', 'number'), name='messaging_eventseat_once')],
            },
        ),
    ]
