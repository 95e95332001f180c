"""The address and the password of an account."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from groups.forms.fields import AddressField, NewPasswordField, OwnPasswordField
from groups.forms.signing_in import SixDigitsMixin


class AddressCodeForm(SixDigitsMixin, account_forms.ConfirmEmailVerificationCodeForm):
    pass


class ResetCodeForm(SixDigitsMixin, account_forms.ConfirmPasswordResetCodeForm):
    pass


class NewAddressForm(account_forms.AddEmailForm):
    email = AddressField(
        label=_("New e-mail address"), help_text=_("We send a code to this address. Only then it changes.")
    )


class _TwiceMixin(forms.Form):
    """A password typed twice, in our words."""

    def clean(self) -> Any:
        cleaned = forms.Form.clean(self) or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same."))
        return cleaned


class SetPasswordForm(_TwiceMixin, account_forms.SetPasswordForm):
    password1 = NewPasswordField()
    password2 = OwnPasswordField(label=_("The same again"), autocomplete="new-password")


class ChangePasswordForm(_TwiceMixin, account_forms.ChangePasswordForm):
    oldpassword = OwnPasswordField(label=_("Your password now"), autocomplete="current-password")
    password1 = NewPasswordField()
    password2 = OwnPasswordField(label=_("The same again"), autocomplete="new-password")
    field_order = ["oldpassword", "password1", "password2"]


class ResetPasswordForm(account_forms.ResetPasswordForm):
    email = AddressField(help_text=_("You get a code of six digits."))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        if not self.users:
            get_adapter().knock(request)
        return super().save(request, **kwargs)


class ResetPasswordKeyForm(_TwiceMixin, account_forms.ResetPasswordKeyForm):
    password1 = NewPasswordField()
    password2 = OwnPasswordField(label=_("The same again"), autocomplete="new-password")
