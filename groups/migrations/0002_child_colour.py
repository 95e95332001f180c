from django.db import migrations, models

from groups.records.domain.colours import COLOURS, colours_of


def give_colours(apps, schema_editor):
    """To the children that were there before colours were kept, as an import does."""
    children = apps.get_model("groups", "Child").objects
    families = apps.get_model("groups", "Guardianship").objects.values_list("caregiver", "child")
    given = colours_of(dict(children.order_by("pk").values_list("pk", "colour")), families)
    for colour in COLOURS:
        mine = [child for child, one in given.items() if one == colour]
        for start in range(0, len(mine), 10_000):
            children.filter(pk__in=mine[start : start + 10_000]).update(colour=colour)


class Migration(migrations.Migration):
    dependencies = [("groups", "0001_squashed")]

    operations = [
        migrations.AddField("child", "colour", models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(give_colours, migrations.RunPython.noop),
    ]
