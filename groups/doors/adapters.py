"""Kring's answers to what allauth asks: who gets a code, what happens after the proof, in which words.

No page waits for the mail server: what these flows mail are rows of the outbox's fast lane (docs/adr/0024). Allauth's
own codes and counters are not used: a code is a row (`accounts.services.mailed_codes`), and every try is taken in the
database (`portal.core.tries`), where no outage of the cache forgets it (docs/adr/0023).
"""

import logging
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from smtplib import SMTPException
from typing import Any
from uuid import UUID, uuid4

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
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.accounts.services.account_trail import note_account, note_refusal
from groups.accounts.services.guessing import Costs, cost_of_password
from groups.accounts.services.mailed_codes import mail_code, may_ask
from groups.accounts.services.notices import NOTICES, send_notice
from groups.accounts.services.sessions import end_sessions, sign_out_everywhere
from groups.doors.forms.codes import HANDLES
from groups.doors.forms.signing_in import SHARED_DEVICE
from groups.letters.services.invitations import (
    LetterError,
    use_letter,
)
from groups.letters.services.people import claim_records
from groups.letters.views.proving import LETTER, letter_sentence
from groups.roles import Hat
from groups.staff.services.staff_entry import use_staff_letter
from portal.core import codes, places, tries, unattended
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.addresses import fold_address
from portal.core.models import CodePurpose, User
from portal.core.request import whence

log = logging.getLogger("kring.mail")
CODE_MAILS = {"account/email/login_code", "account/email/password_reset_code"}
CODE_SENT = "account/messages/login_code_sent.txt"
ADDRESS_MAILS = {"account/email/email_confirmation", "account/email/email_confirmation_signup"}
DEVICE_KNOWN_FOR = int(places.KNOWN_FOR.total_seconds())
SENT_AGAIN = gettext_lazy("Sent again, with the same code.")
PASSWORD_WORDS = {
    "password_too_short": gettext_lazy("This password is too short. Take at least ten characters."),
    "password_too_common": gettext_lazy("Many people have this password. Take another one."),
    "password_too_similar": gettext_lazy("This password is too much like your name or address."),
}


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
        "too_many_codes": gettext_lazy("You asked for a code often. Use the newest mail, or wait an hour."),
        "too_many_login_attempts": gettext_lazy("That went wrong too often. Wait five minutes, or ask for a new code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: User | None = None) -> str:
        """One spelling for the same characters, and Django's refusals in our words."""
        try:
            return super().clean_password(unicodedata.normalize("NFC", password), user)
        except ValidationError as error:
            words = [PASSWORD_WORDS.get(each.code or "", each) for each in error.error_list]
            raise ValidationError(words) from None

    def generate_login_code(self) -> str:
        """Allauth keeps nothing of a code: the session holds the handle, the mail the digits."""
        return ""

    generate_password_reset_code = generate_email_verification_code = generate_login_code

    def send_code(
        self, request: HttpRequest, *, purpose: CodePurpose, user: User | None, address: str, opens: bool = True
    ) -> None:
        """Mail a code and keep its handle. Asked once more it is the same code, so that either mail is right."""
        handles = request.session.get(HANDLES, {})
        again = request.POST.get("action") == "resend" and purpose in handles
        came_from = whence(request)
        if again and not may_ask(address=address, whence=came_from, now=request.now):
            messages.error(request, self.error_messages["too_many_codes"])
            raise ImmediateHttpResponse(redirect(request.path))
        handle = UUID(handles[purpose]) if again else uuid4()
        request.session[HANDLES] = {**handles, purpose: str(handle)}
        mail_code(
            purpose=purpose, user=user, address=address, handle=handle, whence=came_from, now=request.now, opens=opens
        )
        if again:
            messages.success(request, SENT_AGAIN)

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """A try is taken before a password is compared."""
        address = fold_address(credentials.get("email") or "")
        self._costs: Costs = cost_of_password(address=address, whence=whence(request), now=request.now)
        if not tries.take_all(self._costs, now=request.now):
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        tries.give_back_all(self._costs, now=self.request.now)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: str) -> None:
        """A new password after a code by mail: the guesses at the old one do not keep its owner out."""
        address = fold_address(credentials.get("email") or "")
        for action, key in cost_of_password(address=address, whence=whence(request), now=request.now)[:1]:
            tries.clear(action, key)

    def post_login(self, request: HttpRequest, user: User, **kwargs: object) -> HttpResponse:
        """The address is proved: claim what the school has under it, and what the letter in hand is for."""
        if shared := request.session.pop(SHARED_DEVICE, False):
            request.session.set_expiry(0)
        session = request.session.session_key or ""
        claim_records(user=user, now=request.now, keep_session=session)
        elsewhere = _finish_letter(request, user)
        if elsewhere:
            kwargs["redirect_url"] = elsewhere
        proofs = get_authentication_records(request, user)
        note_account(
            happened="signed_in", user=user, by=Actor(user, Hat.ANY, request.now), how=[_proof(one) for one in proofs]
        )
        response = super().post_login(request, user, **kwargs)
        if not shared:
            _remember_place(request, response, user)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        known = EmailAddress.objects.filter(email=fold_address(credentials.get("email") or "")).first()
        note_refusal(how="password", user=known and known.user, now=request.now)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, object] | None = None, email: str | None = None
    ) -> None:
        """A safety notice, to the address the account had until now."""
        name = template_prefix.rpartition("/")[2]
        if name in NOTICES:
            send_notice(name=name, user=user, address=email or user.email, now=allauth_context.request.now)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A code becomes a row, the same for everybody; anything else that cannot be sent undoes nothing."""
        request = allauth_context.request
        if template_prefix in CODE_MAILS:
            request.kring_knows = True
            return
        if template_prefix in ADDRESS_MAILS:
            self.send_code(request, purpose=CodePurpose.ADDRESS, user=context["user"], address=fold_address(email))
            return
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError, ValueError) as error:
            log.warning("%s could not be sent: %s", template_prefix, type(error).__name__)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: object
    ) -> None:
        """Where allauth says that a code was sent, whether or not it knows the address, one is."""
        if message_template == CODE_SENT:
            self._send_login_code(request, fold_address(args[0]["email"]))
        super().add_message(request, level, message_template, *args, **kwargs)

    def _send_login_code(self, request: HttpRequest, address: str) -> None:
        known = User.objects.filter(email=address).first()
        user = known if getattr(request, "kring_knows", False) else None
        self.send_code(request, purpose=CodePurpose.SIGN_IN, user=user, address=address)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A new address is proved: every other session and every open code ends, the old address gets a notice.

        What the school has under the new one is claimed.
        """
        user, before = email_address.user, email_address.user.email
        confirmed = super().confirm_email(request, email_address)
        if confirmed and before != email_address.email:
            by = Actor(user, Hat.ANY, request.now)
            session = request.session.session_key or ""
            codes.spoil(user=user, now=by.now)
            sign_out_everywhere(users=[user.pk], keep=session, by=by)
            note_account(happened="address_changed", user=user, by=by)
            claim_records(user=user, now=by.now, keep_session=session)
        return confirmed

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("settings")

    def get_reauthentication_methods(self, user: User) -> list[dict[str, object]]:
        """The second factor first: who has one proves it is them with that."""
        words = {"reauthenticate": _("Use your password"), "mfa_reauthenticate": _("Use the code of your app")}
        methods = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = words.get(method["id"], method["description"])
        return sorted(methods, key=lambda method: method["id"] == "reauthenticate")


def _proof(record: dict[str, object]) -> str:
    """How somebody proved to be who they are: code, password, totp, webauthn …"""
    return str(record.get("type") or record["method"])


def _finish_letter(request: HttpRequest, user: User) -> str:
    """Use the letter that this address asked with; returns where to go instead when it does not work (A7)."""
    letter = request.session.pop(LETTER, None)
    if not letter or letter["address"] != user.email:
        return ""
    session, of_staff = request.session.session_key or "", letter.get("of_staff")
    try:
        use: Callable[..., object] = use_staff_letter if of_staff else use_letter
        use(letter=UUID(letter["letter"]), user=user, now=request.now, keep_session=session)
    except LetterError as error:
        messages.error(request, letter_sentence(error))
        return reverse("groups:staff_letter" if of_staff else "groups:letter")
    messages.success(request, _("Welcome. You are in now."))
    return ""


def _remember_place(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """From now on this device and this network are known for `user`; the cookie is a random number, and no more."""
    here = whence(request)
    device = here.device or secrets.token_hex(16)
    for place in (device, here.network):
        places.remember(user=user, place=place, now=request.now)
    response.set_cookie(
        settings.KRING_DEVICE_COOKIE,
        device,
        max_age=DEVICE_KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class MfaAdapter(DefaultMFAAdapter):
    """The second factor: B1 words, and no way to put off what the role demands."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy("Your role needs a second step. You cannot turn it off."),
        "cannot_generate_recovery_codes": gettext_lazy("First turn on the second step."),
        "incorrect_code": gettext_lazy("This code is not right. Wait for the next one in the app."),
        "unverified_email": gettext_lazy("First prove your e-mail address."),
    }

    def is_mfa_enabled(self, user: User, types: Sequence[str] | None = None) -> bool:
        """A passkey is another way in, not a second step: who lost the phone still comes in with a code by mail."""
        kinds = [kind for kind in types or Authenticator.Type.values if kind != Authenticator.Type.WEBAUTHN]
        return user.is_authenticated and bool(_authenticators(user=user, kinds=tuple(kinds)))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Kring"}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        needed = settings.KRING_SECOND_FACTOR and authenticator.user.needs_second_factor
        return not needed and super().can_delete_authenticator(authenticator)


@compiled
def _authenticators(user: User, kinds: tuple[str, ...]) -> QuerySet:
    return Authenticator.objects.filter(user=user, type__in=kinds).values_list("pk")[:1]


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending one's other sessions, and what reads without one."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        by = allauth_context.request.actor
        unattended.end_all(users={session.user_id for session in sessions}, by=by)
        end_sessions(sessions=sessions, by=by)
