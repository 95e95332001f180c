"""`manage.py make_roles`: the database gets its owner and the role of the app, each with its own rights and limits."""

import environ
import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.core import database_roles as roles

NEEDED = ("KRING_ADMIN_DATABASE_URL", "KRING_OWNER_DATABASE_URL", "KRING_DATABASE_URL")


class Command(BaseCommand):
    help = "Makes both roles and hands the database to its owner; before each migrate, and again changes nothing."
    requires_system_checks = ()  # they ask the database, where nobody can sign in yet

    def handle(self, *args: object, **options: object) -> None:
        missing = [name for name in NEEDED if not getattr(settings, name)]
        if missing or settings.SQLITE:
            raise CommandError(f"Roles are of PostgreSQL, and need {' and '.join(missing or NEEDED)}.")
        admin, owner, app = (environ.Env.db_url_config(getattr(settings, name)) for name in NEEDED)
        if unnamed := [name for name, one in zip(NEEDED, (admin, owner, app), strict=True) if not one.get("USER")]:
            raise CommandError(f"{unnamed[0]} names no user: postgres://USER:PASSWORD@HOST:5432/DATABASE")
        if not admin["NAME"]:
            raise CommandError(f"{NEEDED[0]} names no database: postgres://USER:PASSWORD@HOST:5432/DATABASE")
        if len({one["USER"] for one in (admin, owner, app)}) < len(NEEDED):
            raise CommandError("The superuser, the owner and the app are three roles.")
        with psycopg2.connect(
            host=admin["HOST"],
            port=admin["PORT"] or None,
            user=admin["USER"],
            password=admin["PASSWORD"] or None,
            dbname=admin["NAME"],
            **admin.get("OPTIONS", {}),
        ) as connection:
            roles.make(
                connection.cursor(),
                database=admin["NAME"],
                owner=roles.RoleAccount(owner["USER"], owner["PASSWORD"]),
                app=roles.RoleAccount(app["USER"], app["PASSWORD"]),
            )
        connection.close()
