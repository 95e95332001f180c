"""Of which family each child is, and when: written as every later change of authority writes it."""

from itertools import groupby, islice
from operator import itemgetter

from django.db import migrations, models

from groups.records.domain.derivation import Span
from groups.records.domain.families import families_over_time

AT_ONCE = 2000


def derive(apps, schema_editor):
    families = apps.get_model("groups", "ChildFamily")
    holders = apps.get_model("groups", "Guardianship").objects.filter(level="with_authority").exclude(relation="voogd")
    rows = holders.order_by("child").values_list("child", "caregiver", "valid_from", "valid_until")
    new = (
        families(child_id=child, number=number, valid_from=span.start, valid_until=span.end)
        for child, of_child in groupby(rows.iterator(chunk_size=AT_ONCE), key=itemgetter(0))
        for number, span in families_over_time((who, Span(start, end)) for _, who, start, end in of_child)
    )
    while batch := list(islice(new, AT_ONCE)):
        families.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [("groups", "0016_index_of_letters_of_pupils")]

    operations = [
        migrations.CreateModel(
            name="ChildFamily",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(null=True)),
                ("number", models.BigIntegerField()),
                ("child", models.ForeignKey("groups.child", models.CASCADE, related_name="families")),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                        name="groups_childfamily_period_in_order",
                    ),
                    models.UniqueConstraint(fields=["child", "valid_from"], name="groups_child_family_once"),
                ],
            },
        ),
        migrations.RunPython(derive, migrations.RunPython.noop),
    ]
