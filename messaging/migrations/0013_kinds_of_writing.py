"""The tables of replies and messages go; post, reply and message are from now on what a writing is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_one_writing"), ("moderation", "0008_about_a_writing")]

    operations = [
        migrations.RemoveField("placement", "message"),
        migrations.DeleteModel("ReplyVersion"),
        migrations.DeleteModel("MessageVersion"),
        migrations.DeleteModel("MessageSeen"),
        migrations.DeleteModel("Reply"),
        migrations.DeleteModel("Message"),
        migrations.CreateModel(
            "Post", fields=[], options={"proxy": True, "indexes": [], "constraints": []}, bases=("messaging.writing",)
        ),
        migrations.CreateModel(
            "Reply",
            fields=[],
            options={"proxy": True, "verbose_name_plural": "replies", "indexes": [], "constraints": []},
            bases=("messaging.writing",),
        ),
        migrations.CreateModel(
            "Message",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("messaging.writing",),
        ),
        migrations.AlterField(
            model_name="clearedphone",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="cleared_phones", to="messaging.post"
            ),
        ),
        migrations.AlterField(
            model_name="digestitem",
            name="post",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="messaging.post"),
        ),
        migrations.AlterField(
            model_name="handin",
            name="post",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="handin", to="messaging.post"
            ),
        ),
        migrations.AlterField(
            model_name="imagedeclaration",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="image_declarations", to="messaging.post"
            ),
        ),
        migrations.AlterField(
            model_name="placement",
            name="writing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="placements", to="messaging.writing"
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["writing", "position"], name="messaging_placement_in_order"),
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(
                condition=models.Q(("group__isnull", False)),
                fields=["group", "-published_at", "-id"],
                name="messaging_post_of_group",
            ),
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(fields=["author", "-published_at"], name="messaging_writing_of_author"),
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(
                condition=models.Q(("written_together__isnull", False)),
                fields=["written_together"],
                name="messaging_post_together",
            ),
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(
                condition=models.Q(("post__isnull", False)),
                fields=["post", "published_at"],
                name="messaging_reply_of_post",
            ),
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(
                condition=models.Q(("thread__isnull", False)),
                fields=["thread", "-published_at", "-id"],
                name="messaging_message_of_thread",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                fields=("writing", "image"), name="messaging_placement_once_in_a_writing"
            ),
        ),
        migrations.AddConstraint(
            model_name="seen",
            constraint=models.UniqueConstraint(fields=("user", "writing"), name="messaging_seen_first_time_only"),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hidden_at__isnull", True), ("hidden_by__isnull", True)),
                    models.Q(("hidden_at__isnull", False), ("hidden_by__isnull", False)),
                    _connector="OR",
                ),
                name="messaging_writing_hidden_at_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "hidden"), _negated=True), ("hidden_at__isnull", False), _connector="OR"
                ),
                name="messaging_writing_hidden_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "removed"), _negated=True),
                    models.Q(("dossier_entry__isnull", False), ("removed_at__isnull", False)),
                    _connector="OR",
                ),
                name="messaging_writing_removal_needs_a_dossier",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "removed"), _negated=True),
                    models.Q(("html", ""), ("text", ""), ("title", "")),
                    _connector="OR",
                ),
                name="messaging_writing_removed_is_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True), ("published_at__isnull", False), _connector="OR"
                ),
                name="messaging_writing_published_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "submitted"), _negated=True),
                    models.Q(("kind", "post"), ("published_at__isnull", True)),
                    _connector="OR",
                ),
                name="messaging_writing_handed_in_unplaced",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("group__isnull", False),
                        ("kind", "post"),
                        ("post", None),
                        ("thread", None),
                        models.Q(("topic", ""), _negated=True),
                        models.Q(("replies", ""), _negated=True),
                    ),
                    models.Q(
                        ("group", None),
                        ("kind", "reply"),
                        ("post__isnull", False),
                        ("replies", ""),
                        ("thread", None),
                        ("title", ""),
                        ("topic", ""),
                    ),
                    models.Q(
                        ("group", None),
                        ("kind", "message"),
                        ("post", None),
                        ("replies", ""),
                        ("thread__isnull", False),
                        ("title", ""),
                        ("topic", ""),
                    ),
                    _connector="OR",
                ),
                name="messaging_writing_in_its_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "post"), ("written_together", None), _connector="OR"),
                name="messaging_writing_posts_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "reply"), ("to_staff", False), _connector="OR"),
                name="messaging_writing_replies_to_staff",
            ),
        ),
        migrations.AddConstraint(
            model_name="writingversion",
            constraint=models.UniqueConstraint(fields=("writing", "number"), name="messaging_writingversion_once"),
        ),
    ]
