from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def derive(apps, schema_editor):
    """Every right on a conversation from the chairs and the truth; nobody has one that had no grant before."""
    from messaging.models import ThreadGrant
    from portal.core import access

    former = apps.get_model("messaging", "ThreadGrant").objects
    before = set(former.values_list("user", "permission", "content_object"))
    access.reproject(only=ThreadGrant)
    now = timezone.now()
    rows = ThreadGrant.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now)
    after = set(rows.values_list("user", "permission", "content_object"))
    if not after <= before:
        raise ValueError(
            f"{len(after - before)} rights on conversations would be won. Nothing was changed. "
            "Run `manage.py check_access --repair` of the version before, then migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_rights_in_time"), ("groups", "0010_derive_rights")]

    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
