"""Coming in: a code by mail, a password, the second step, a passkey."""

from collections.abc import Callable
from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from groups.forms.fields import AddressField, OwnPasswordField
from groups.services.account_trail import note_refusal
from groups.services.people import account_for

SHARED_DEVICE = "kring_shared_device"


class SixDigitsMixin:
    """Dresses the code field of a form of allauth."""

    code_label = _("The six digits")
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = self.code_label
        field.error_messages["required"] = _("Type the code.")
        field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "20"}


class SharedDeviceMixin(forms.Form):
    """On a shared device the session ends with the browser."""

    shared = forms.BooleanField(
        label=_("Others use this device too"),
        help_text=_("Then you are signed out when the browser closes."),
        required=False,
    )

    def clean_shared(self) -> bool:
        shared = self.cleaned_data["shared"]
        context.request.session[SHARED_DEVICE] = shared
        return shared


class RequestCodeForm(SharedDeviceMixin, account_forms.RequestLoginCodeForm):
    """An address, known or not: the answer is the same (no enumeration)."""

    email = AddressField(help_text=_("You get a code of six digits. You need no password."))
    field_order = ["email", "shared"]

    def clean_email(self) -> str:
        address = self.cleaned_data["email"]
        request = context.request
        here = f"{address}|{get_adapter().get_client_ip(request)}"
        allowed = ratelimit.consume(request, action="request_login_code_here", key=here) and ratelimit.consume(
            request, action="request_login_code", key=address
        )
        if not allowed:
            raise get_adapter().validation_error("too_many_codes")
        self._user = account_for(address=address, language=get_language() or settings.LANGUAGE_CODE, now=request.now)
        return address


class LoginCodeForm(SixDigitsMixin, account_forms.ConfirmLoginCodeForm):
    """Wrong codes are counted over all sessions: a new code does not give a guesser five new tries."""

    def clean_code(self) -> str:
        request = context.request
        account = (request.session.get(LOGIN_SESSION_KEY) or {}).get("user_pk") or "nobody"
        keys = {"wrong_code_here": f"{account}|{get_adapter().get_client_ip(request)}", "wrong_code": account}
        if not all(ratelimit.consume(request, action=action, key=key, dry_run=True) for action, key in keys.items()):
            raise ValidationError(_("That went wrong too often. Wait an hour, or call the school."))
        try:
            return super().clean_code()
        except ValidationError:
            for action, key in keys.items():
                ratelimit.consume(request, action=action, key=key)
            raise


class SecondStepForm(SixDigitsMixin, mfa_forms.AuthenticateForm):
    code_label = _("The code of the app, or a spare code")


class SecondStepAgainForm(SixDigitsMixin, mfa_forms.ReauthenticateForm):
    code_label = _("The code of the app, or a spare code")


class ActivateAppForm(SixDigitsMixin, totp_forms.ActivateTOTPForm):
    code_label = _("The six digits in the app")

    def clean_code(self) -> str:
        """The first code is a proof too: the spare codes follow without asking for another."""
        code = super().clean_code()
        record_authentication(context.request, self.user, method="mfa", reauthenticated=True)
        return code


class PasswordLoginForm(SharedDeviceMixin, account_forms.LoginForm):
    """The second way in, for those who chose a password."""

    password = OwnPasswordField(autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()
        self.fields.pop("remember", None)
        self.order_fields(["login", "password", "shared"])

    def clean(self) -> Any:
        cleaned = super().clean()
        self.cleaned_data["remember"] = not self.cleaned_data.get("shared")
        return cleaned


class PasswordAgainForm(account_forms.ReauthenticateForm):
    password = OwnPasswordField(autocomplete="current-password")


class PasskeyLoginForm(webauthn_forms.LoginWebAuthnForm):
    """What a browser says it signed: anything may come in here, and whatever is not sound is one refusal."""

    def clean_credential(self) -> Any:
        return _sound_passkey(super().clean_credential, signed=self.cleaned_data["credential"], user=self.user)


class PasskeyStepForm(webauthn_forms.AuthenticateWebAuthnForm):
    """A passkey where the code of the app is asked: as strict as at the door."""

    def clean_credential(self) -> Any:
        return _sound_passkey(super().clean_credential, signed=self.cleaned_data["credential"], user=self.user)


class NewPasskeyForm(webauthn_forms.AddWebAuthnForm):
    """A passkey that stands alone must have asked for a finger, a face or a code."""

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = _sound_passkey(super().clean)
        return cleaned


def _sound_passkey(read: Callable[[], Any], *, signed: Any = None, user: Any = None) -> Any:
    """What `read` finds sound. Where a passkey opens something (`signed`) it must have known its owner by finger, face
    or code: that makes it two factors, and nothing else is asked (docs/adr/0011)."""
    try:
        found = read()
        if signed is not None and not _knew_its_owner(signed):
            raise ValueError("signed for anybody")
        return found
    except Exception:  # the library lets bad signatures and odd shapes through in many ways
        if signed is not None:
            note_refusal(how="webauthn", user=user, now=context.request.now)
        raise ValidationError(_("That passkey does not work here. A code by mail does.")) from None


def _knew_its_owner(signed: Any) -> bool:
    """The flag "user verified" that the key itself signed."""
    return bool(webauthn.parse_authentication_response(signed).response.authenticator_data.is_user_verified())
