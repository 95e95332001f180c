"""Kring's answers to what allauth asks: who gets a code, what happens after the proof, in which words.

Mails of these flows go straight out, the one named exception to the outbox (security.md 8): a code is of no use later.
"""

import logging
import unicodedata
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.forms import SHARED_DEVICE
from groups.services.account_trail import note_account, note_refusal
from groups.services.invitations import ExpiredCodeError, LetterError, OtherParentError, UsedCodeError, use_letter
from groups.services.people import claim_records
from groups.services.sessions import end_sessions, sign_out_everywhere
from portal.core.domain.addresses import fold_address
from portal.core.models import User

log = logging.getLogger("kring.mail")
CODE_MAILS = {
    "account/email/login_code",
    "account/email/password_reset_code",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
}
PASSWORD_WORDS = {
    "password_too_short": gettext_lazy("This password is too short. Take at least ten characters."),
    "password_too_common": gettext_lazy("Many people have this password. Take another one."),
    "password_too_similar": gettext_lazy("This password is too much like your name or address."),
}
LETTER = "kring_letter"
CODE_SENT = "account/messages/login_code_sent.txt"


class AccountAdapter(DefaultAccountAdapter):
    """Signing in: nobody signs up, everybody is answered alike, a proved address claims its records."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is closed. Call the school."),
        "duplicate_email": gettext_lazy("This is your address already."),
        "email_password_mismatch": gettext_lazy("The address or the password is not right."),
        "email_taken": gettext_lazy("This address cannot be used. Choose another one."),
        "enter_current_password": gettext_lazy("This is not your password. Type it again."),
        "incorrect_code": gettext_lazy("This code is not right. Look again at the newest mail."),
        "incorrect_password": gettext_lazy("This is not your password. Type it again."),
        "rate_limited": gettext_lazy("That was often. Wait a moment and try again."),
        "same_as_current": gettext_lazy("This is the same as now."),
        "too_many_codes": gettext_lazy("You asked for a code often. Wait five minutes and use the newest mail."),
        "too_many_login_attempts": gettext_lazy("That went wrong too often. Wait five minutes, or ask for a new code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: Any = None) -> str:
        """One spelling for the same characters, and Django's refusals in our words."""
        try:
            return super().clean_password(unicodedata.normalize("NFC", password), user)
        except ValidationError as error:
            words = [PASSWORD_WORDS.get(each.code or "", each) for each in error.error_list]
            raise ValidationError(words) from None

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """The address is proved: claim what the school has under it, and what the letter in hand is for."""
        if request.session.pop(SHARED_DEVICE, False):
            request.session.set_expiry(0)
        session = request.session.session_key or ""
        claim_records(user=user, now=request.now, keep_session=session)
        elsewhere = _finish_letter(request, user)
        if elsewhere:
            kwargs["redirect_url"] = elsewhere
        proofs = get_authentication_records(request, user)
        note_account(happened="signed_in", user=user, now=request.now, how=[_proof(one) for one in proofs])
        return super().post_login(request, user, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        known = EmailAddress.objects.filter(email=fold_address(credentials.get("email") or "")).first()
        note_refusal(how="password", user=known and known.user, now=request.now)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A code that cannot be sent is told at once; a notice that cannot be sent undoes nothing."""
        request = allauth_context.request
        request.kring_mailed = True
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPRecipientsRefused, ValueError) as error:
            # No mail goes to this one address: told apart it would be known, so the page looks as for everybody.
            log.warning("%s was refused: %s", template_prefix, type(error).__name__)
        except (SMTPException, OSError) as error:
            log.warning("%s could not be sent: %s", template_prefix, type(error).__name__)
            if template_prefix in CODE_MAILS:
                raise ImmediateHttpResponse(_no_mail(request)) from error

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template == CODE_SENT and not getattr(request, "kring_mailed", False):
            self.knock(request)
        super().add_message(request, level, message_template, *args, **kwargs)

    def knock(self, request: HttpRequest) -> None:
        """For an unknown address the mail server is greeted too, so that neither time nor failure tells it apart."""
        server = get_connection()
        try:
            server.open()
            server.close()
        except (SMTPException, OSError) as error:
            raise ImmediateHttpResponse(_no_mail(request)) from error

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A new address is proved: every other session ends, the old address gets a notice."""
        user, before = email_address.user, email_address.user.email
        confirmed = super().confirm_email(request, email_address)
        if confirmed and before != email_address.email:
            sign_out_everywhere(users=[user.pk], keep=request.session.session_key or "", now=request.now)
            note_account(happened="address_changed", user=user, now=request.now)
        return confirmed

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("settings")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The second factor first: who has one proves it is them with that."""
        words = {"reauthenticate": _("Use your password"), "mfa_reauthenticate": _("Use the code of your app")}
        methods = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = words.get(method["id"], method["description"])
        return sorted(methods, key=lambda method: method["id"] == "reauthenticate")


def _proof(record: dict[str, Any]) -> str:
    """How somebody proved to be who they are: code, password, totp, webauthn …"""
    return str(record.get("type") or record["method"])


def remember_letter(request: HttpRequest, letter: UUID, address: str) -> None:
    """Keep which letter is being used until its address is proved; the code itself stays nowhere."""
    request.session[LETTER] = {"letter": str(letter), "address": address}


def _finish_letter(request: HttpRequest, user: User) -> str:
    """Use the letter that this address asked with; returns where to go instead when it does not work (A7)."""
    kept = request.session.pop(LETTER, None)
    if not kept or kept["address"] != user.email:
        return ""
    session = request.session.session_key or ""
    try:
        use_letter(letter=UUID(kept["letter"]), user=user, now=request.now, keep_session=session)
    except LetterError as error:
        messages.error(request, letter_sentence(error))
        return reverse("groups:letter")
    messages.success(request, _("Welcome. You are in now."))
    return ""


def letter_sentence(error: LetterError) -> str:
    """Why a code does not work, for somebody whose address is proved."""
    if isinstance(error, UsedCodeError):
        return _("This code has been used. Was that not you? Call the school.")
    if isinstance(error, ExpiredCodeError):
        return _("This letter is too old. Ask the school for a new one.")
    if isinstance(error, OtherParentError):
        return _("This letter is for the other parent. Sign out first.")
    return _("This code is not right. Look again at the letter.")


def _no_mail(request: HttpRequest) -> HttpResponse:
    return render(request, "account/no_mail.html", status=503)


class MfaAdapter(DefaultMFAAdapter):
    """The second factor: B1 words, and no way to put off what the role demands."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy("Your role needs a second step. You cannot turn it off."),
        "cannot_generate_recovery_codes": gettext_lazy("First turn on the second step."),
        "incorrect_code": gettext_lazy("This code is not right. Wait for the next one in the app."),
        "unverified_email": gettext_lazy("First prove your e-mail address."),
    }

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """A passkey is another way in, not a second step: who lost the phone still comes in with a code by mail."""
        kinds = [kind for kind in types or Authenticator.Type.values if kind != Authenticator.Type.WEBAUTHN]
        return super().is_mfa_enabled(user, types=kinds)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Kring"}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        needed = settings.KRING_SECOND_FACTOR and authenticator.user.needs_second_factor
        return not needed and super().can_delete_authenticator(authenticator)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending one's other sessions."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        end_sessions(sessions=sessions, now=allauth_context.request.now)
