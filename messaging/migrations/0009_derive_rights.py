from django.db import migrations


class Migration(migrations.Migration):
    """The rights on conversations follow from seats since: `0011_derive_seats` derives and compares both."""

    dependencies = [("messaging", "0008_rights_in_time"), ("groups", "0010_derive_rights")]

    operations = []
