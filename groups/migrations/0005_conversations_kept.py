"""A limited or suspended parent keeps the conversations about the own child, unless these are closed too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0004_complaints'),
    ]

    operations = [
        migrations.AddField(
            model_name='restriction',
            name='talk_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='restriction',
            name='other_way',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.CheckConstraint(
                condition=models.Q(('other_way', ''), ('talk_until', None))
                | models.Q(('talk_until__lte', models.F('valid_until')), models.Q(('other_way', ''), _negated=True)),
                name='groups_restriction_names_another_way',
            ),
        ),
    ]
