from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.db.models import CharField
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"

    def ready(self) -> None:
        from portal.core import access, checks, database_roles, doctor, logs, metrics, searching, triggers  # noqa: PLC0415 - models must be loaded first
        from portal.core.doctor import alarm  # noqa: PLC0415
        from portal.core.doctor.of_the_floor import CHECKS  # noqa: PLC0415

        # Asked of a database that is locked, Django hears that it has none.
        SQLite.features_class.supports_json_field = True  # type: ignore[assignment, method-assign]
        checks.connect()
        user_logged_in.connect(metrics.count_sign_in, dispatch_uid="kring-metrics")
        connection_created.connect(logs.answers_again, dispatch_uid="kring-logs")
        connection_created.connect(searching.teach, dispatch_uid="kring-searching")
        CharField.register_lookup(searching.Plain)
        doctor.register(*CHECKS, alarm.CHECK)
        post_migrate.connect(access.forget_permissions, dispatch_uid="kring-access")
        pre_migrate.connect(triggers.remove_before_migrate, sender=self, dispatch_uid="kring-triggers")
        # The signal comes once for each app, when all of them are migrated.
        post_migrate.connect(triggers.install_after_migrate, sender=self, dispatch_uid="kring-triggers")
        post_migrate.connect(database_roles.settle_after_migrate, sender=self, dispatch_uid="kring-database")
        post_migrate.connect(database_roles.grant_after_migrate, sender=self, dispatch_uid="kring-roles")
