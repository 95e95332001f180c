"""Somebody asks for access in Kring itself."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0003_heard_first'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accessrequest',
            name='means',
            field=models.CharField(choices=[('letter', 'by letter'), ('mail', 'by e-mail'), ('talk', 'in a talk'), ('phone', 'by phone'), ('kring', 'in Kring')], max_length=8),
        ),
    ]
