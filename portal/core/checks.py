"""Start-up checks for what must hold: triggers in place, each route with its rule, production fit for the street."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver

from portal.core import triggers

OURS = ("portal", "groups", "consent", "messaging", "moderation")


def connect() -> None:
    """Registers the checks; importing this module does nothing by itself."""
    register(routes_declare_their_rule, Tags.urls)
    register(triggers_are_there, Tags.database)
    register(one_process_when_embedded)
    register(proxies_are_counted, Tags.security, deploy=True)


def routes() -> Iterator[tuple[str, Any]]:
    """Every (route, view) of the site, ours and others'."""
    yield from _walk("", get_resolver().url_patterns)


def _walk(prefix: str, patterns: list[Any]) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(route, pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def routes_declare_their_rule(**_: Any) -> list[CheckMessage]:
    """A view of ours without `@access.declares(…)` does not start."""
    undeclared = [
        route
        for route, view in routes()
        if view.__module__.split(".")[0] in OURS and not getattr(view, "kring_rule", "")
    ]
    return [Error(f"Route {route!r} does not say who may come there.", id="kring.E001") for route in undeclared]


def triggers_are_there(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Append-only tables without their triggers would forget without anybody noticing.

    A warning, because `migrate` asks too, and it is migrate that puts new triggers in.
    """
    missing = []
    for alias in databases or []:
        connection = connections[alias]
        tables = set(connection.introspection.table_names())
        names = triggers.present(connection)
        missing += [t.name for t in triggers.expected(connection.vendor) if t.table in tables and t.name not in names]
    return [Warning(f"Trigger {name} is missing; run migrate.", id="kring.W002") for name in missing]


def one_process_when_embedded(**_: Any) -> list[CheckMessage]:
    """Embedded, a second process would be a second scheduler."""
    if settings.KRING_EMBEDDED and settings.KRING_WORKERS != 1:
        return [Error("Embedded Kring serves with exactly one worker process.", id="kring.E003")]
    return []


def proxies_are_counted(**_: Any) -> list[CheckMessage]:
    """Behind nginx with a count of 0 every visitor has nginx's address, and one limit serves them all."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0:
        return [Warning("KRING_TRUSTED_PROXIES is 0: behind a proxy everybody is one address.", id="kring.W001")]
    return []
