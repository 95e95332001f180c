"""A pooler between Kring and PostgreSQL is refused.

It hands one connection of the server to many of ours, and what one of them prepared, set or locked is there for the
next. `portal.core.prepared` keeps statements by name in a connection: another process would be answered by them.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

TOLD = (
    "There is a pooler, such as PgBouncer, between Kring and PostgreSQL: rows of one person could be shown to another. "
    "Let KRING_DATABASE_URL name PostgreSQL itself."
)


def refuse(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`: a process that is answered by another one than it signed in to does not start.

    PostgreSQL tells its number at the sign-in, to cancel by. A pooler tells one of its own.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (answering,) = cursor.fetchone()
    if answering != connection.connection.info.backend_pid:
        connection.close()
        raise ImproperlyConfigured(TOLD)
