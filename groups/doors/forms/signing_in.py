"""Coming in: a code by mail, a password, the second step, a passkey."""

from collections.abc import Callable
from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import unstash_login
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from groups.accounts.services.account_trail import note_refusal
from groups.accounts.services.guessing import cost_of_passkey, cost_of_second_step, is_first_use
from groups.doors.forms.codes import TOO_OFTEN, CodeFieldMixin, MailedCodeMixin, refuse_often
from groups.letters.services.people import account_for
from groups.records.forms import AddressField, OwnPasswordField
from portal.core import tries
from portal.core.models import CodePurpose, User
from portal.core.request import whence

SHARED_DEVICE = "kring_shared_device"


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

    email = AddressField(help_text=_("You get a code by mail. You need no password."))
    field_order = ["email", "shared"]

    def clean_email(self) -> str:
        address, request = self.cleaned_data["email"], context.request
        refuse_often(request, address)
        self._user = account_for(address=address, language=get_language() or settings.LANGUAGE_CODE, now=request.now)
        return str(address)


class LoginCodeForm(MailedCodeMixin, account_forms.ConfirmLoginCodeForm):
    purpose = CodePurpose.SIGN_IN

    def address(self) -> str:
        login = unstash_login(context.request, peek=True)
        return login.email or "" if login else ""


class _SecondStepMixin(CodeFieldMixin):
    """Tries are taken before the app's code or a spare code is compared; a code of the app opens once."""

    code_label = _("The code of the app, or a spare code")
    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        request = context.request
        costs = cost_of_second_step(user=self.user, whence=whence(request))
        if not tries.take_all(costs, now=request.now):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        if not is_first_use(authenticator=self.authenticator, code=code, now=request.now):
            raise get_mfa_adapter().validation_error("incorrect_code")
        tries.give_back_all(costs, now=request.now)
        return code


class SecondStepForm(_SecondStepMixin, mfa_forms.AuthenticateForm):
    pass


class SecondStepAgainForm(_SecondStepMixin, mfa_forms.ReauthenticateForm):
    pass


class ActivateAppForm(CodeFieldMixin, totp_forms.ActivateTOTPForm):
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

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.cleaned_data["remember"] = not self.cleaned_data.get("shared")
        return cleaned


class PasswordAgainForm(account_forms.ReauthenticateForm):
    password = OwnPasswordField(autocomplete="current-password")


class PasskeyLoginForm(SharedDeviceMixin, webauthn_forms.LoginWebAuthnForm):
    """What a browser says it signed: anything may come in here, and whatever is not sound is one refusal."""

    def clean_credential(self) -> object:
        return _sound_passkey(super().clean_credential, signed=self.cleaned_data["credential"], user=self.user)


class PasskeyStepForm(webauthn_forms.AuthenticateWebAuthnForm):
    """A passkey where the code of the app is asked: as strict as at the door."""

    def clean_credential(self) -> object:
        return _sound_passkey(super().clean_credential, signed=self.cleaned_data["credential"], user=self.user)


class NewPasskeyForm(webauthn_forms.AddWebAuthnForm):
    """A passkey that stands alone must have asked for a finger, a face or a code."""

    def clean(self) -> dict[str, object]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, object] = _sound_passkey(super().clean)
        return cleaned


def _sound_passkey(read: Callable[[], Any], *, signed: object = None, user: User | None = None) -> Any:
    """What `read` finds sound. Where a passkey opens something (`signed`) it must have known its owner by finger, face
    or code: that makes it two factors, and nothing else is asked (docs/adr/0011)."""
    costs, now = cost_of_passkey(whence=whence(context.request)) if signed else [], context.request.now
    if not tries.take_all(costs, now=now):
        raise ValidationError(TOO_OFTEN)
    try:
        credential = read()
        if signed is not None and not _knew_its_owner(signed):
            raise ValueError("signed for anybody")
        tries.give_back_all(costs, now=now)
        return credential
    except Exception:  # the library lets bad signatures and odd shapes through in many ways
        if signed is not None:
            note_refusal(how="webauthn", user=user, now=context.request.now)
        raise ValidationError(_("That passkey does not work here. A code by mail does.")) from None


def _knew_its_owner(signed: object) -> bool:
    """The flag "user verified" that the key itself signed."""
    return bool(webauthn.parse_authentication_response(signed).response.authenticator_data.is_user_verified())
