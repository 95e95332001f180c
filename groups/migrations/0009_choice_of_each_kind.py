"""One choice for each kind of news: who chose for all of it, chose the same for each."""

from django.db import migrations, models


def for_each_kind(apps, schema_editor):
    choices = apps.get_model("groups", "ContactChoice").objects
    for kind in ("asks", "school"):
        rows = [
            choices.model(user_id=user, school_id=school, kind=kind, way=way, chosen_at=moment)
            for user, school, way, moment in choices.filter(kind="stories").values_list(
                "user", "school", "way", "chosen_at"
            )
        ]
        choices.bulk_create(rows, batch_size=2000)


def for_all(apps, schema_editor):
    apps.get_model("groups", "ContactChoice").objects.exclude(kind="stories").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0008_postal_address'),
    ]

    operations = [
        migrations.AddField(
            model_name='contactchoice',
            name='kind',
            field=models.CharField(choices=[('asks', 'What you have to do or answer'), ('stories', 'Stories of the group'), ('school', 'News of the whole school'), ('conversations', 'Messages to you')], default='stories', max_length=20),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='contactchoice',
            name='way',
            field=models.CharField(choices=[('message', 'At once'), ('weekly', 'In the weekly mail'), ('none', 'No mail')], max_length=10),
        ),
        migrations.RemoveConstraint(
            model_name='contactchoice',
            name='groups_contactchoice_once',
        ),
        migrations.AddConstraint(
            model_name='contactchoice',
            constraint=models.UniqueConstraint(fields=('user', 'school', 'kind'), name='groups_contactchoice_each_once'),
        ),
        migrations.RunPython(for_each_kind, for_all),
    ]
