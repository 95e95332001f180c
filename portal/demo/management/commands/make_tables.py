"""`manage.py make_tables`: the tables of the trial version, before it is filled."""

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Makes the tables of the trial version; where there are some already, it migrates."

    def handle(self, *args: object, **options: object) -> None:
        if connection.vendor == "sqlite" and not connection.introspection.table_names():
            make_all_tables()
        call_command("migrate", interactive=False, verbosity=0)


def make_all_tables() -> None:
    """From the models, of an empty file: to get there by each step that installations took is most of a cold start."""
    executor = MigrationExecutor(connection)
    executor.recorder.ensure_schema()
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        executor.migrate(executor.loader.graph.leaf_nodes(), fake=True)
