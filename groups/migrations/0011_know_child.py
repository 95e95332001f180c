from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("groups", "0010_derive_rights")]

    operations = [
        migrations.AlterModelOptions(
            name="child", options={"permissions": [("know_child", "Hears a shielded child named.")]}
        ),
    ]
