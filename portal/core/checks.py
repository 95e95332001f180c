"""Start-up checks for what must hold: triggers in place, each route with its rule, production fit for the street."""

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver

from portal.core import database_roles, searching, triggers
from portal.core.phones import vapid

SHORTEST_KEY = 32
A_MOMENT = 60
"""Seconds within which a copy of the code is written."""


def connect() -> None:
    """Registers the checks; importing this module does nothing by itself."""
    register(routes_declare_their_rule, Tags.urls)
    register(triggers_are_there, Tags.database)
    register(the_app_owns_nothing, Tags.database)
    register(names_can_be_ordered, Tags.database)
    register(one_process_when_embedded)
    register(pages_are_in_the_language_they_say)
    register(rights_are_asked_in_time)
    register(proxies_are_counted, Tags.security, deploy=True)
    register(people_find_it, Tags.security, deploy=True)
    register(seals_hold, Tags.security, deploy=True)
    register(the_owner_serves_nobody, Tags.security, deploy=True)
    register(mail_can_leave, Tags.security, deploy=True)
    register(mail_is_not_sent_in_the_open, Tags.security, deploy=True)
    register(phones_can_be_told)


@cache
def our_packages() -> frozenset[str]:
    """The apps of this project, by their first name: whoever is installed, and stands beside or in `portal`."""
    homes = (Path(settings.BASE_DIR), Path(settings.BASE_DIR) / "portal")
    return frozenset(one.name.split(".")[0] for one in apps.get_app_configs() if Path(one.path).parent in homes)


def routes() -> Iterator[tuple[str, object]]:
    """Every (route, view) of the site, ours and others'."""
    yield from _walk("", get_resolver().url_patterns)


def _walk(prefix: str, patterns: list[Any]) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(route, pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def routes_declare_their_rule(**_: object) -> list[CheckMessage]:
    """A view of ours without `@access.declares(…)` does not start."""
    undeclared = [
        route
        for route, view in routes()
        if view.__module__.split(".")[0] in our_packages() and not getattr(view, "kring_rule", "")
    ]
    return [Error(f"Route {route!r} does not say who may come there.", id="kring.E001") for route in undeclared]


def triggers_are_there(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Append-only tables without their triggers would forget without anybody noticing.

    A warning, because `migrate` asks too, and it is migrate that puts new triggers in. Where that has a role of its
    own nothing else starts without them.
    """
    missing = []
    for alias in databases or []:
        connection = connections[alias]
        tables = set(connection.introspection.table_names())
        names = triggers.present(connection)
        missing += [t.name for t in triggers.expected(connection.vendor) if t.table in tables and t.name not in names]
    apart = settings.PRODUCTION and not settings.SQLITE and not settings.KRING_OWNER_DATABASE_URL
    level, number = (Error, "kring.E002") if apart else (Warning, "kring.W002")
    return [level(f"Trigger {name} is missing; run migrate.", id=number) for name in missing]


def rights_are_asked_in_time(**_: object) -> list[CheckMessage]:
    """Guardian's own backend reads the same rows and knows no period: a right that ended in 2004 would still open."""
    if any(name.startswith("guardian.") for name in settings.AUTHENTICATION_BACKENDS):
        return [Error("Guardian's backend opens what has ended; portal.core.access.Backend answers.", id="kring.E012")]
    return []


def one_process_when_embedded(**_: object) -> list[CheckMessage]:
    """Embedded, a second process would be a second scheduler."""
    if settings.KRING_EMBEDDED and settings.KRING_WORKERS != 1:
        return [Error("Embedded Kring serves with exactly one worker process.", id="kring.E003")]
    return []


def pages_are_in_the_language_they_say(**_: object) -> list[CheckMessage]:
    """Without its compiled messages Kring is English on pages that say that they are Dutch, also to screen readers."""
    if not settings.PRODUCTION:
        return []
    sources = [source for folder in settings.LOCALE_PATHS for source in Path(folder).glob("*/LC_MESSAGES/*.po")]
    hint = "In the folder of the code: python3 -c \"import run; run.prepare('runtime')\""
    words = "{} is not compiled, or was changed since: pages would not be in their own language."
    return [Error(words.format(one), hint=hint, id="kring.E021") for one in sources if not _is_compiled(one)]


def _is_compiled(source: Path) -> bool:
    """A copy of the folder may write the one a moment before the other."""
    made = source.with_suffix(".mo")
    return made.exists() and made.stat().st_mtime + A_MOMENT >= source.stat().st_mtime


def proxies_are_counted(**_: object) -> list[CheckMessage]:
    """Behind nginx with a count of 0 every visitor has nginx's address, and one limit serves them all."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0:
        return [Warning("KRING_TRUSTED_PROXIES is 0: behind a proxy everybody is one address.", id="kring.W001")]
    return []


def people_find_it(**_: object) -> list[CheckMessage]:
    """The address in every mail is one that this server answers."""
    address = urlsplit(settings.KRING_BASE_URL)
    if f"https://{address.netloc}" == settings.KRING_BASE_URL and address.hostname in settings.ALLOWED_HOSTS:
        return []
    return [Error("KRING_BASE_URL is https:// and one of the names of KRING_HOSTS, nothing more.", id="kring.E017")]


def seals_hold(**_: object) -> list[CheckMessage]:
    """What seals the dossier cannot be guessed."""
    if len(settings.KRING_CHAIN_KEY) >= SHORTEST_KEY:
        return []
    hint = "Make one: openssl rand -hex 24"
    return [Error(f"KRING_CHAIN_KEY has at least {SHORTEST_KEY} characters.", hint=hint, id="kring.E018")]


def the_app_owns_nothing(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Who serves pages in production can undo no trigger, and may only add and read where rows are only added."""
    messages: list[CheckMessage] = []
    for alias in databases or []:
        if settings.PRODUCTION and connections[alias].vendor == "postgresql" and not settings.KRING_OWNER_DATABASE_URL:
            messages += _too_much(database_roles.powers(connections[alias]))
    return messages


def names_can_be_ordered(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """The alphabet by which names stand in their order is there."""
    messages: list[CheckMessage] = []
    for alias in databases or []:
        if connections[alias].vendor == "postgresql" and not searching.knows_alphabet(connections[alias]):
            hint = "Use a PostgreSQL that was built with ICU, as those of the distributions and images are."
            messages.append(Error(f"PostgreSQL has no collation {searching.ALPHABET}.", hint=hint, id="kring.E016"))
    return messages


def _too_much(powers: database_roles.Powers) -> Iterator[CheckMessage]:
    hint = "Run make_roles and migrate with the owner's address; see docs/operations.md."
    if powers.is_super:
        yield Error(f"Kring works as {powers.role}, which may do anything in PostgreSQL.", hint=hint, id="kring.E004")
    if powers.owned:
        yield Error(f"Kring works as the owner of {_some(powers.owned)}.", hint=hint, id="kring.E005")
    if powers.changeable:
        yield Error(f"Kring may change what is written in {_some(powers.changeable)}.", hint=hint, id="kring.E006")
    if powers.without_limit:
        yield Warning(f"PostgreSQL has no {' and no '.join(powers.without_limit)} here.", hint=hint, id="kring.W003")


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more tables"


def the_owner_serves_nobody(**_: object) -> list[CheckMessage]:
    """The addresses of the owner and of the superuser are for `migrate` alone."""
    names = ("KRING_ADMIN_DATABASE_URL", "KRING_OWNER_DATABASE_URL")
    known = [name for name in names if getattr(settings, name)]
    return [Error(f"{name} is for migrate alone; whoever serves must not know it.", id="kring.E007") for name in known]


def mail_can_leave(**_: object) -> list[CheckMessage]:
    """Without a server to give it to, or a sender that is an address, no code to sign in ever arrives."""
    messages: list[CheckMessage] = []
    if not settings.EMAIL_HOST:
        messages.append(Error("KRING_SMTP_URL names no server.", id="kring.E019"))
    try:
        validate_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    except ValidationError:
        hint = "Like: Kring <kring@school.example>"
        messages.append(Error("KRING_MAIL_FROM is not an address.", hint=hint, id="kring.E020"))
    return [*messages, *_alarms_that_go_nowhere()]


def _alarms_that_go_nowhere() -> Iterator[CheckMessage]:
    """Only told: school is not closed for that."""
    for address in settings.KRING_ALARM_TO:
        try:
            validate_email(address)
        except ValidationError:
            hint = "One address, or several with commas. Try it: manage.py doctor --try-alarm"
            yield Warning("KRING_ALARM_TO is not an address.", hint=hint, id="kring.W004")


def mail_is_not_sent_in_the_open(**_: object) -> list[CheckMessage]:
    """Codes to sign in with go by mail: without TLS who listens on the way comes in. Said twice it is meant."""
    is_open = settings.PRODUCTION and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if is_open and not settings.KRING_SMTP_IN_THE_OPEN:
        hint = "Use smtp+tls:// or smtp+ssl://; for a mail server on this machine set KRING_SMTP_IN_THE_OPEN=yes too."
        return [Error("Mail leaves without TLS: KRING_SMTP_URL begins with smtp://.", hint=hint, id="kring.E008")]
    return []


def phones_can_be_told(**_: object) -> list[CheckMessage]:
    """A push service answers no mail about a wrong key or sender: without this check nothing would ever arrive."""
    if not vapid.is_offered():
        return []
    messages: list[CheckMessage] = []
    try:
        vapid.key_of(settings.KRING_PUSH_KEY)
    except ValueError:
        hint = "Make one: manage.py push_key"
        messages.append(Error("KRING_PUSH_KEY is not a key.", hint=hint, id="kring.E013"))
    if not vapid.is_subject(settings.KRING_PUSH_SUBJECT):
        words = "KRING_PUSH_SUBJECT is an address where push services can reach you: mailto:… or https://…"
        messages.append(Error(words, id="kring.E014"))
    in_the_open = not settings.PRODUCTION
    plain = [one for one in settings.KRING_PUSH_SERVICES if not vapid.is_origin(one, in_the_open=in_the_open)]
    messages += [Error(f"KRING_PUSH_SERVICES: {one!r} is not https://host.", id="kring.E015") for one in plain]
    return messages
