"""The mails about coming in, rendered when they leave: whoever is no longer meant gets nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.accounts.services.notices import NOTICES, TRIED_FOR
from portal.core import codes
from portal.core.models import Code, CodePurpose, OutboxItem
from portal.core.outbox import Mail, Withheld
from portal.core.unattended import ended_at


def render_codes(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """A code, while it can be used. The digits are made here: no page, row or log holds them."""
    open_ones = Code.objects.filter(uid__in=[row.subject_uid for row in rows], used_at=None, expires_at__gt=now)
    codes_by_uid = {code.uid: code for code in open_ones}
    for row in rows:
        code = codes_by_uid.get(row.subject_uid)
        if row.recipient is None:
            yield Withheld("an address nobody knows")
        elif code is None:
            yield Withheld("used, or too old")
        else:
            with translation.override(row.recipient.language):
                yield _code_mail(row, code) if code.user_id else _no_password_mail()


def _code_mail(row: OutboxItem, code: Code) -> Mail:
    shown = codes.as_shown(code, row.address)
    context = {"code": shown, "until": code.expires_at, "is_long": code.is_long}
    new_password = code.purpose == CodePurpose.PASSWORD
    return _made("code", _("Your code for a new password") if new_password else _("Your code for Kring"), context)


def _no_password_mail() -> Mail:
    url = settings.KRING_BASE_URL + reverse("account_login")
    return _made("no_password", _("You have no password for Kring"), {"url": url})


def _made(template: str, subject: str, context: dict[str, object]) -> Mail:
    words = {**context, "subject": subject}
    text, html = (render_to_string(f"emails/{template}.{kind}", words) for kind in ("txt", "html"))
    return Mail(subject=subject, text=text, html=html)


def render_notices(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail]:
    """What happened to an account, when, and what ended with it: its three days began then."""
    for row in rows:
        notice, at = NOTICES[row.subject_kind], cast("datetime", row.expires_at) - TRIED_FOR
        with translation.override(language_of(row)):
            context = {"notice": notice, "at": at, "ended": ended_at(at, user=row.subject_uid)}
            yield Mail(
                subject=str(notice.subject),
                text=render_to_string("emails/account_notice.txt", context),
                html=render_to_string("emails/account_notice.html", context),
            )


def language_of(row: OutboxItem) -> str:
    """Of who gets it, or of the school where nobody is known at the address."""
    return row.recipient.language if row.recipient else settings.LANGUAGE_CODE
