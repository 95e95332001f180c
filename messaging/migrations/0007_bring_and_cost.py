"""What comes along to what is asked, and what it costs."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0006_yes_no_maybe'),
    ]

    operations = [
        migrations.AddField(
            model_name='writing',
            name='bring',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='writing',
            name='cost',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='bring',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='writingversion',
            name='cost',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AlterField(
            model_name='writingversion',
            name='ask',
            field=models.CharField(blank=True, choices=[('', 'Nothing'), ('do', 'To bring or do something'), ('yes_no', 'A yes or a no'), ('yes_no_maybe', 'A yes, a no or a maybe')], max_length=12),
        ),
    ]
