"""Two tabs that write the same form keep each their own words.

The release before finds the last of them, or a moment long says that the words are kept on the device alone.
"""

from uuid import UUID

from django.db import migrations, models


class Migration(migrations.Migration):
    the_release_before_bears = {
        'Create constraint messaging_kepttext_one_a_tab on model kepttext: the release before may write what it refuses':
            'it looks for the row of a form before it writes one, and writes no second one beside it',
    }

    dependencies = [
        ('messaging', '0018_index_of_shown_again'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='kepttext',
            name='messaging_kepttext_one_a_form',
        ),
        migrations.AddField(
            model_name='kepttext',
            name='tab',
            field=models.UUIDField(db_default=UUID('00000000-0000-0000-0000-000000000000'), default=UUID('00000000-0000-0000-0000-000000000000')),
        ),
        migrations.AddConstraint(
            model_name='kepttext',
            constraint=models.UniqueConstraint(fields=('user', 'hat', 'form', 'about', 'tab'), name='messaging_kepttext_one_a_tab'),
        ),
    ]
