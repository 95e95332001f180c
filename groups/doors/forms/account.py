"""The address and the password of an account."""

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.manage_email import email_already_exists
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.core import context
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from groups.doors.forms.codes import MailedCodeMixin, refuse_often
from groups.letters.services.people import account_for
from groups.records.forms import AddressField, NewPasswordField, OwnPasswordField
from portal.core.models import CodePurpose


class AddressCodeForm(MailedCodeMixin, account_forms.ConfirmEmailVerificationCodeForm):
    purpose = CodePurpose.ADDRESS

    def address(self) -> str:
        return str(self.email)

    def clean_code(self) -> str:
        """Whether the address is somebody's already is told to whoever proved that it is theirs, and to nobody else."""
        code = super().clean_code()
        email_already_exists(user=self.user, email=self.email, always_raise=True)
        return code


class ResetCodeForm(MailedCodeMixin, account_forms.ConfirmPasswordResetCodeForm):
    purpose = CodePurpose.PASSWORD

    def address(self) -> str:
        process = PasswordResetVerificationProcess.resume(context.request)
        return str(process.state["email"]) if process else ""


class NewAddressForm(account_forms.AddEmailForm):
    """An address like any other: whose it is, or whether the school expects somebody there, is not told here."""

    email = AddressField(
        label=_("New e-mail address"), help_text=_("We send a code to this address. Only then it changes.")
    )

    def clean_email(self) -> str:
        address = super().clean_email()
        refuse_often(context.request, self.user.email)
        return str(address)


class _TwiceMixin(forms.Form):
    """A password typed twice, in our words."""

    def clean(self) -> dict[str, object]:
        cleaned = forms.Form.clean(self) or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same."))
        return cleaned


class SetPasswordForm(_TwiceMixin, account_forms.SetPasswordForm):
    password1 = NewPasswordField()
    password2 = OwnPasswordField(label=_("The same again"), autocomplete="new-password")


class ChangePasswordForm(_TwiceMixin, account_forms.ChangePasswordForm):
    """The password now is a guess like any other."""

    oldpassword = OwnPasswordField(label=_("Your password now"), autocomplete="current-password")
    password1 = NewPasswordField()
    password2 = OwnPasswordField(label=_("The same again"), autocomplete="new-password")
    field_order = ["oldpassword", "password1", "password2"]

    def clean_oldpassword(self) -> str:
        if not get_adapter(context.request).reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise get_adapter().validation_error("enter_current_password")
        return str(self.cleaned_data["oldpassword"])


class ResetPasswordForm(account_forms.ResetPasswordForm):
    """An address, known or not: the answer is the same. Where there is no password the mail says how to come in."""

    email = AddressField(help_text=_("You get a code by mail."))

    def clean_email(self) -> str:
        address = self.cleaned_data["email"]
        refuse_often(context.request, address)
        language = get_language() or settings.LANGUAGE_CODE
        self.user = account_for(address=address, language=language, now=context.request.now)
        return str(address)

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        address = self.cleaned_data["email"]
        has_password = bool(self.user and self.user.has_usable_password())
        PasswordResetVerificationProcess.initiate(
            request=request, user=self.user if has_password else None, email=address
        )
        get_adapter().send_code(
            request, purpose=CodePurpose.PASSWORD, user=self.user, address=address, opens=has_password
        )
        return str(address)


class ResetPasswordKeyForm(_TwiceMixin, account_forms.ResetPasswordKeyForm):
    password1 = NewPasswordField()
    password2 = OwnPasswordField(label=_("The same again"), autocomplete="new-password")
