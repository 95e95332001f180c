"""Posts, replies and messages become one table: the posts' own, renamed, into which the others are copied.

A post keeps its key; a reply and a message get a new one, in the order they had. What points to them here follows;
cases follow in `moderation.0008_about_a_writing`. What only reads was kept from changing by triggers: they are lifted
first, by the owner of the tables, and installed again after every `migrate`.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LIFTED = (
    *("messaging_post", "messaging_reply", "messaging_message", "messaging_placement", "messaging_seen"),
    *("messaging_postversion", "messaging_replyversion", "messaging_messageversion", "moderation_case"),
)
SHARED = (
    *("uid", "school_id", "author_id", "state", "hat", "author_name", "author_function", "text", "html", "language"),
    *("version", "published_at", "edited_at", "hidden_at", "hidden_by_id", "retracted_at", "removed_at"),
    *("dossier_entry_id", "reported_at"),
)


def lift_triggers(apps, schema_editor):
    """On SQLite every trigger: one that names a table in its text stands in the way of renaming that table."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND relname = ANY(%s)",
                [list(LIFTED)],
            )
            for name, table in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')


def copy(apps, schema_editor):
    shared = ", ".join(SHARED)
    statements = [
        # The words of what was removed are in the dossier; so is its title, and it was written together with nothing.
        f"INSERT INTO messaging_writing ({shared}, kind, post_id, to_staff, topic, title, replies) "
        f"SELECT {shared}, 'reply', post_id, to_staff, '', '', '' FROM messaging_reply ORDER BY id",
        f"INSERT INTO messaging_writing ({shared}, kind, thread_id, to_staff, topic, title, replies) "
        f"SELECT {shared}, 'message', thread_id, {_false(schema_editor)}, '', '', '' FROM messaging_message ORDER BY id",
    ]
    for kind in ("reply", "message"):
        statements.append(
            "INSERT INTO messaging_writingversion (writing_id, number, topic, title, text, replies, written_by_id, "
            "written_at) SELECT new.id, version.number, '', '', version.text, '', version.written_by_id, "
            f"version.written_at FROM messaging_{kind}version version "
            f"JOIN messaging_{kind} old ON old.id = version.{kind}_id "
            "JOIN messaging_writing new ON new.uid = old.uid ORDER BY version.id"
        )
    statements += [
        "INSERT INTO messaging_seen (user_id, writing_id, hat, seen_at) SELECT seen.user_id, new.id, seen.hat, "
        "seen.seen_at FROM messaging_messageseen seen JOIN messaging_message old ON old.id = seen.message_id "
        "JOIN messaging_writing new ON new.uid = old.uid ORDER BY seen.id",
        "UPDATE messaging_placement SET writing_id = "
        "(SELECT new.id FROM messaging_message old JOIN messaging_writing new ON new.uid = old.uid "
        "WHERE old.id = messaging_placement.message_id) WHERE message_id IS NOT NULL",
    ]
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        _compare(cursor)
        if schema_editor.connection.vendor == "postgresql":  # or the tables cannot be altered in this transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _false(schema_editor):
    return "false" if schema_editor.connection.vendor == "postgresql" else "0"


def _compare(cursor):
    """Every text, version and mark is there once, and every photo stands somewhere."""
    pairs = [
        ("SELECT count(*) FROM messaging_writing WHERE kind = 'reply'", "SELECT count(*) FROM messaging_reply"),
        ("SELECT count(*) FROM messaging_writing WHERE kind = 'message'", "SELECT count(*) FROM messaging_message"),
        (
            "SELECT count(*) FROM messaging_writingversion JOIN messaging_writing one ON one.id = writing_id "
            "WHERE one.kind <> 'post'",
            "SELECT (SELECT count(*) FROM messaging_replyversion) + (SELECT count(*) FROM messaging_messageversion)",
        ),
        (
            "SELECT count(*) FROM messaging_seen JOIN messaging_writing one ON one.id = writing_id "
            "WHERE one.kind = 'message'",
            "SELECT count(*) FROM messaging_messageseen",
        ),
        ("SELECT count(*) FROM messaging_placement WHERE writing_id IS NULL", "SELECT 0"),
    ]
    for after, before in pairs:
        counts = []
        for statement in (after, before):
            cursor.execute(statement)
            counts.append(cursor.fetchone()[0])
        if counts[0] != counts[1]:
            raise ValueError(f"{counts[1]} rows were there and {counts[0]} came over: {after}. Nothing was changed.")


STATES = [
    ("submitted", "handed in"),
    ("published", "placed"),
    ("hidden", "hidden"),
    ("retracted", "taken back"),
    ("removed", "removed"),
]
TOPICS = [
    ("update", "What we did"),
    ("lesson", "What we learn"),
    ("activity", "Activity"),
    ("notice", "Notice"),
]
REPLIES = [
    ("on", "Yes, everybody reads along"),
    ("staff", "Yes, only staff read the replies"),
    ("off", "No"),
]
OF_POSTS = (
    *("messaging_post_hidden_at_by", "messaging_post_hidden_since", "messaging_post_removal_needs_a_dossier"),
    *("messaging_post_removed_is_empty", "messaging_post_published_since", "messaging_post_removed_has_no_title"),
    "messaging_post_handed_in_unplaced",
)
OF_PLACEMENTS = (
    *("messaging_placement_in_one_place", "messaging_placement_once_in_a_post"),
    "messaging_placement_once_in_a_message",
)


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0011_derive_seats"),
        ("moderation", "0007_derive_case_rights"),
        ("consent", "0006_derive_clearances"),
        ("groups", "0012_derive_know_child"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(lift_triggers, migrations.RunPython.noop),
        *(migrations.RemoveConstraint("post", name) for name in OF_POSTS),
        *(migrations.RemoveConstraint("placement", name) for name in OF_PLACEMENTS),
        migrations.RemoveConstraint("postversion", "messaging_postversion_once"),
        migrations.RemoveConstraint("seen", "messaging_seen_first_time_only"),
        migrations.RemoveIndex("post", "messaging_post_of_group"),
        migrations.RemoveIndex("post", "messaging_post_of_author"),
        migrations.RemoveIndex("placement", "messaging_placement_in_order"),
        migrations.RemoveIndex("placement", "messaging_placement_in_talk"),
        migrations.RemoveIndex("reply", "messaging_reply_of_post"),
        migrations.RemoveIndex("message", "messaging_message_of_thread"),
        migrations.RenameModel("Post", "Writing"),
        migrations.RenameModel("PostVersion", "WritingVersion"),
        migrations.RenameField("writing", "kind", "topic"),
        migrations.RenameField("writingversion", "kind", "topic"),
        migrations.RenameField("writingversion", "post", "writing"),
        migrations.RenameField("placement", "post", "writing"),
        migrations.RenameField("seen", "post", "writing"),
        migrations.AddField(
            "writing",
            "kind",
            models.CharField(
                choices=[("post", "A message"), ("reply", "A reply"), ("message", "A message in a conversation")],
                default="post",
                max_length=7,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "writing",
            "post",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reply_set",
                to="messaging.writing",
            ),
        ),
        migrations.AddField("writing", "to_staff", models.BooleanField(default=False)),
        migrations.AddField(
            "writing",
            "thread",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="messaging.thread",
            ),
        ),
        migrations.AlterField(
            "writing",
            "group",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="groups.group",
            ),
        ),
        migrations.AlterField(
            "writing",
            "school",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="writings", to="groups.school"),
        ),
        migrations.AlterField("writing", "state", models.CharField(choices=STATES, default="published", max_length=12)),
        migrations.AlterField("writing", "topic", models.CharField(blank=True, choices=TOPICS, max_length=12)),
        migrations.AlterField("writing", "title", models.CharField(blank=True, max_length=150)),
        migrations.AlterField("writing", "replies", models.CharField(blank=True, choices=REPLIES, max_length=6)),
        migrations.AlterField("writing", "written_together", models.UUIDField(null=True)),
        migrations.AlterField("writingversion", "topic", models.CharField(blank=True, max_length=12)),
        migrations.AlterField("writingversion", "title", models.CharField(blank=True, max_length=150)),
        migrations.AlterField("writingversion", "replies", models.CharField(blank=True, max_length=6)),
        migrations.AddField(
            "seen",
            "hat",
            models.CharField(blank=True, choices=[("family", "family"), ("staff", "staff")], default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AlterField(
            "placement",
            "writing",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="placements",
                to="messaging.writing",
            ),
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
