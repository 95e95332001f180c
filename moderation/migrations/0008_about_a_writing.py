"""A case points to a text by one key, whichever kind it is."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

ABOUT_ONE = [f"moderation_case_one_open_of_{thing}" for thing in ("post", "reply", "message", "person")]


def point(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for kind in ("reply", "message"):
            cursor.execute(
                "UPDATE moderation_case SET writing_id = (SELECT new.id FROM messaging_writing new "
                f"JOIN messaging_{kind} old ON old.uid = new.uid WHERE old.id = moderation_case.{kind}_id) "
                f"WHERE {kind}_id IS NOT NULL"
            )
        cursor.execute(
            "SELECT count(*) FROM moderation_case "
            "WHERE writing_id IS NULL AND (reply_id IS NOT NULL OR message_id IS NOT NULL)"
        )
        [(lost,)] = cursor.fetchall()
        if lost:
            raise ValueError(f"{lost} cases would be about nothing. Nothing was changed.")
        if schema_editor.connection.vendor == "postgresql":  # or the table cannot be altered in this transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("moderation", "0007_derive_case_rights"), ("messaging", "0012_one_writing")]

    operations = [
        migrations.RemoveConstraint("case", "moderation_case_about_one_thing"),
        *(migrations.RemoveConstraint("case", name) for name in ABOUT_ONE),
        migrations.RenameField("case", "post", "writing"),
        migrations.RunPython(point, migrations.RunPython.noop),
        migrations.RemoveField("case", "reply"),
        migrations.RemoveField("case", "message"),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=Q(writing=None, photo=None, thread=None)
                | Q(writing__isnull=False, photo=None, thread=None)
                | Q(writing=None, photo__isnull=False, thread=None)
                | Q(writing=None, photo=None, thread__isnull=False),
                name="moderation_case_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                fields=["writing"],
                condition=Q(state="open", writing__isnull=False),
                name="moderation_case_one_open_of_writing",
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                fields=["school", "about", "side"],
                condition=Q(state="open", writing=None, photo=None, thread=None),
                name="moderation_case_one_open_of_person",
            ),
        ),
    ]
