"""The trial version lets everybody be anybody, so it must not be reachable for real people."""

from django.conf import settings
from django.core.checks import CheckMessage, Error

HOME = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def only_at_home(**_: object) -> list[CheckMessage]:
    """Refuses to start the trial version under a real domain name or with a mail server."""
    errors: list[CheckMessage] = []
    if abroad := sorted(set(settings.ALLOWED_HOSTS) - HOME):
        errors.append(
            Error(
                f"The trial version signs anybody in without a password; it may not be served as {', '.join(abroad)}.",
                hint="Set KRING_MODE=production, or take the name out of KRING_HOSTS.",
                id="kring.E010",
            )
        )
    if settings.KRING_SMTP_URL:
        errors.append(
            Error(
                "The trial version sends no mail.",
                hint="Set KRING_MODE=production, or remove KRING_SMTP_URL.",
                id="kring.E011",
            )
        )
    return errors
