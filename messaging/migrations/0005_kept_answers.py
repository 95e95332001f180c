"""Replies and messages in conversations are kept too: one for each message, conversation or child they are about."""

from uuid import UUID

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0004_asks'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='kepttext',
            name='messaging_kepttext_one_a_form',
        ),
        migrations.AddField(
            model_name='kepttext',
            name='about',
            field=models.UUIDField(default=UUID('00000000-0000-0000-0000-000000000000')),
        ),
        migrations.AddConstraint(
            model_name='kepttext',
            constraint=models.UniqueConstraint(fields=('user', 'hat', 'form', 'about'), name='messaging_kepttext_one_a_form'),
        ),
    ]
