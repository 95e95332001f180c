"""A letter to a pupil of 16 or over."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("groups", "0014_index_of_unseen_answers")]

    the_release_before_bears = {
        "Create constraint groups_invitation_for_one_record on model invitation: the release before may write what it "
        "refuses": "it only refuses less"
    }
    operations = [
        migrations.RemoveConstraint(model_name="invitation", name="groups_invitation_for_one_record"),
        migrations.AddField(
            model_name="invitation",
            name="child",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="groups.child",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=Q(guardianship__isnull=False, staff=None, child=None)
                | Q(guardianship=None, staff__isnull=False, child=None)
                | Q(guardianship=None, staff=None, child__isnull=False),
                name="groups_invitation_for_one_record",
            ),
        ),
    ]
