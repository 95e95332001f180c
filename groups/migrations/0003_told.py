"""What school tells somebody, and the answers to it."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0002_child_colour'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Telling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('hat', models.CharField(choices=[('family', 'family'), ('staff', 'staff')], max_length=10)),
                ('kind', models.CharField(max_length=20)),
                ('words', models.TextField(blank=True, max_length=10000)),
                ('withheld_because', models.TextField(blank=True, max_length=2000)),
                ('about_kind', models.CharField(blank=True, max_length=10)),
                ('about_uid', models.UUIDField(null=True)),
                ('about_at', models.DateTimeField(null=True)),
                ('until', models.DateTimeField(null=True)),
                ('case_uid', models.UUIDField(db_index=True, null=True)),
                ('author_name', models.CharField(max_length=200)),
                ('author_function', models.CharField(blank=True, max_length=200)),
                ('told_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='groups.school')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to=settings.AUTH_USER_MODEL)),
                ('told_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='TellingAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField(max_length=2000)),
                ('written_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('telling', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='groups.telling')),
            ],
        ),
        migrations.AddIndex(
            model_name='telling',
            index=models.Index(fields=['to', '-told_at'], name='groups_telling_of_person'),
        ),
        migrations.AddIndex(
            model_name='tellinganswer',
            index=models.Index(fields=['telling', 'written_at'], name='groups_tellinganswer_of'),
        ),
    ]
