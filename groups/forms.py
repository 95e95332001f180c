"""The forms of coming in and of the people page: is the input well formed, in words a reader understands."""

import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from groups.domain.codes import is_code, tidy_code
from groups.domain.lines import NotAPhoneNumberError, UnreadableLineError, tidy_line, tidy_phone
from groups.models import StaffMember, Way, Weekday
from groups.services.people import account_for
from portal.core.domain.addresses import fold_address, is_address

SHARED_DEVICE = "kring_shared_device"
LONGEST_PASSWORD = 4096
LONGEST_ADDRESS = 254
LARGEST_ROSTER_FILE = 50_000_000
WEEKDAYS = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
# Each language by its own name: who cannot read this page must still find theirs.
LANGUAGE_NAMES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class AddressField(forms.CharField):
    """An e-mail address in its one spelling; real people's addresses too (RFC 6531), so no `type=email`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        kwargs.setdefault("label", _("Your e-mail address"))
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault("error_messages", {"required": _("Type your e-mail address.")})
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        address = fold_address(super().clean(value))
        if len(address) > LONGEST_ADDRESS:
            raise ValidationError(_("This address is too long."))
        if "@" not in address:
            raise ValidationError(_("Put an @ in the address, like name@post.nl."))
        if not is_address(address):
            raise ValidationError(_("This address is not right. An address looks like name@post.nl."))
        return address


class OwnPasswordField(PasswordField):
    """The password somebody has. One spelling for the same characters (NFC), whatever keyboard they came from."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Your password"))
        kwargs.setdefault("error_messages", {"required": _("Type your password.")})
        super().__init__(max_length=LONGEST_PASSWORD, **kwargs)
        self.widget.attrs.pop("placeholder", None)

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class NewPasswordField(SetPasswordField):
    """A password somebody chooses."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("New password"))
        kwargs.setdefault("help_text", _("At least ten characters. A sentence is easy to remember."))
        kwargs.setdefault("error_messages", {"required": _("Choose a password.")})
        super().__init__(max_length=LONGEST_PASSWORD, **kwargs)
        self.widget.attrs.pop("placeholder", None)

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


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


class AddressCodeForm(SixDigitsMixin, account_forms.ConfirmEmailVerificationCodeForm):
    pass


class ResetCodeForm(SixDigitsMixin, account_forms.ConfirmPasswordResetCodeForm):
    pass


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


class PasswordAgainForm(account_forms.ReauthenticateForm):
    password = OwnPasswordField(autocomplete="current-password")


class LetterCodeForm(forms.Form):
    """The code of a letter, for somebody who is in already."""

    code = forms.CharField(
        label=_("The code in the letter"),
        help_text=_("Eight letters and digits, like H7KM-4XTP."),
        error_messages={"required": _("Type the code in your letter.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code = tidy_code(self.cleaned_data["code"])
        if not is_code(code):
            raise ValidationError(_("A code has eight letters and digits. There is no 0, O, 1 or I in it."))
        return code


class LetterForm(LetterCodeForm):
    """The code of a letter and the address that will open Kring from now on."""

    email = AddressField(help_text=_("You get a mail with six digits."))


class SettingsForm(forms.Form):
    """How somebody is called and in which language Kring speaks."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("This is how other people in the group read your name."),
        max_length=200,
        error_messages={"required": _("Type your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_NAMES, widget=forms.RadioSelect)

    def clean_name(self) -> str:
        name = " ".join(unicodedata.normalize("NFC", self.cleaned_data["name"]).split())
        if not any(character.isalpha() for character in name):
            raise ValidationError(_("Type your name in letters."))
        if any(unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} for character in name):
            raise ValidationError(_("There is a character in your name that we cannot show."))
        return name


class DecisionForm(forms.Form):
    """Why the directie decides so: read by the directie only."""

    evidence = forms.CharField(
        label=_("What did you see or agree?"),
        help_text=_("For example: extract from the authority register seen. Only the management reads this."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    # Whether the row had ended when its decider saw it: ending and admitting again are not mixed up.
    ended = forms.BooleanField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class PasskeyLoginForm(webauthn_forms.LoginWebAuthnForm):
    """What a browser says it signed: anything may come in here, and whatever is not sound is one refusal."""

    def clean_credential(self) -> Any:
        return _sound_passkey(super().clean_credential)


class NewPasskeyForm(webauthn_forms.AddWebAuthnForm):
    """A passkey that stands alone must have asked for a finger, a face or a code."""

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = _sound_passkey(super().clean)
        return cleaned


def _sound_passkey(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception:  # the library lets bad signatures and odd shapes through in many ways
        raise ValidationError(_("That passkey does not work here. A code by mail does.")) from None


class LettersForm(forms.Form):
    """Making letters is asked once: a second click makes no second code."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class RosterFilesForm(forms.Form):
    """The files of one import; sent twice they are handed in once. Which is which is read from what is in them."""

    roster = forms.FileField(
        label=_("The export of your administration"),
        help_text=_("EDEXML: groups, children and staff. The name ends in .xml."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
        error_messages={"empty": _("This file is empty. Export it once more.")},
    )
    caregivers = forms.FileField(
        label=_("The list of caregivers"),
        help_text=_("A spreadsheet: XLSX or CSV."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        error_messages={"empty": _("This file is empty. Export it once more.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_roster(self) -> Any:
        return self._measured("roster")

    def clean_caregivers(self) -> Any:
        return self._measured("caregivers")

    def _measured(self, name: str) -> Any:
        file = self.cleaned_data[name]
        if file and file.size > LARGEST_ROSTER_FILE:
            raise ValidationError(_("This file is larger than 50 MB. That is no class list."))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.handed:
            raise ValidationError(_("Choose a file. One of the two is enough."))
        return cleaned

    @property
    def handed(self) -> list[Any]:
        """The files that were chosen."""
        return [self.cleaned_data[name] for name in ("roster", "caregivers") if self.cleaned_data.get(name)]


class ConfirmRosterForm(forms.Form):
    """What was shown, and the answer to the question about leavers when it was asked."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)
    leavers = forms.BooleanField(
        label=_("Yes, these children really left"),
        required=False,
    )


class SearchForm(forms.Form):
    """Part of a name."""

    q = forms.CharField(label=_("Search by name"), max_length=100, required=False)


class LineField(forms.CharField):
    """One line of text in its one spelling; what no screen shows is refused with a sentence."""

    def to_python(self, value: Any) -> str:
        try:
            return tidy_line(super().to_python(value) or "")
        except UnreadableLineError:
            raise ValidationError(_("There is a character in it that we cannot show. Type it again.")) from None


class NamingField(LineField):
    """A line that names: there is a letter in it."""

    def to_python(self, value: Any) -> str:
        line = super().to_python(value)
        if line and not any(character.isalpha() for character in line):
            raise ValidationError(_("Type this in letters."))
        return line


class PhoneField(LineField):
    """A number that a telephone can dial."""

    def to_python(self, value: Any) -> str:
        line = super().to_python(value)
        try:
            return tidy_phone(line) if line else ""
        except NotAPhoneNumberError:
            raise ValidationError(_("Type a number with digits, like 0597-01 23 45.")) from None


class OptionalAddressField(AddressField):
    """An e-mail address, or none."""

    def clean(self, value: Any) -> str:
        return super().clean(value) if value and value.strip() else ""


class SchoolForm(forms.Form):
    """What parents read of the school."""

    phone = PhoneField(
        label=_("Phone number"),
        help_text=_("Parents see this number under Help, in mails and in letters."),
        max_length=30,
        error_messages={"required": _("Type the phone number of the school.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    opening_hours = LineField(
        label=_("When can people call?"),
        help_text=_("For example: school days from 8.00 to 16.30."),
        max_length=200,
        required=False,
    )
    street = LineField(label=_("Street and number"), max_length=200, required=False)
    town = LineField(
        label=_("Postcode and town"), help_text=_("The address stands in letters."), max_length=200, required=False
    )
    helpdesk_email = OptionalAddressField(
        label=_("E-mail address of the helpdesk"),
        help_text=_("For questions about signing in or a fault. Parents see it under Help."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}),
    )
    teachers_moderate = forms.BooleanField(
        label=_("Teachers may hide messages and replies in their own group"),
        help_text=_("Without this only the management does so. It holds at once."),
        required=False,
    )


class DigestForm(forms.Form):
    """When the school's weekly newsletter goes out, and how much it says."""

    digest_weekday = forms.TypedChoiceField(
        label=_("Day of the weekly newsletter"), choices=Weekday.choices, coerce=int, empty_value=None
    )
    digest_hour = forms.TypedChoiceField(
        label=_("Time of the weekly newsletter"),
        help_text=_("What is placed later goes into the next one."),
        choices=[(hour, f"{hour}.00") for hour in range(24)],
        coerce=int,
        empty_value=None,
    )
    digest_titles_only = forms.BooleanField(
        label=_("Only titles in mails"),
        help_text=_("Then parents read the texts in Kring, not in the mail."),
        required=False,
    )


class ContactForm(forms.Form):
    """How news of one school reaches a parent."""

    way = forms.ChoiceField(label=_("How do you want to read the news?"), choices=Way.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"].option_hints = {  # type: ignore[attr-defined]
            Way.WEEKLY: _("At the end of the week, with everything of your groups together."),
            Way.MESSAGE: _("Within ten minutes. Messages that come together are in one mail."),
            Way.NONE: _("You look in Kring yourself. The school does not mail you the news."),
        }


class HoursForm(forms.Form):
    """The regular working days and hours of a member of staff (POL-27)."""

    works_on = forms.MultipleChoiceField(
        label=_("On these days"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day."), "invalid_choice": _("Choose a day of the week.")},
    )
    works_from = forms.TimeField(
        label=_("From"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Type a time, like 8:00."), "invalid": _("Type a time, like 8:00.")},
    )
    works_until = forms.TimeField(
        label=_("Until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Type a time, like 17:00."), "invalid": _("Type a time, like 17:00.")},
    )

    def __init__(self, data: Any = None, *, staff: StaffMember, auto_id: str = "id_%s") -> None:
        self.staff = staff
        now = {"works_on": list(staff.works_on), "works_from": staff.works_from, "works_until": staff.works_until}
        super().__init__(data, auto_id=auto_id, initial=now)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("works_from"), cleaned.get("works_until")
        if start and end and start >= end:
            self.add_error("works_until", _("The end of the day comes after its beginning."))
        return cleaned


class SignatureForm(forms.Form):
    """Under which name and function parents read a member of staff."""

    display_name = NamingField(
        label=_("Name for parents and children"),
        help_text=_("For example: juf Anna, or meester Bas."),
        max_length=120,
        error_messages={"required": _("Type the name that parents know.")},
    )
    function = NamingField(
        label=_("Function"),
        help_text=_("For example: teacher of group 4."),
        max_length=120,
        error_messages={"required": _("Type what this person does at school.")},
    )

    def __init__(self, data: Any = None, *, staff: StaffMember, auto_id: str = "id_%s") -> None:
        self.staff = staff
        super().__init__(data, auto_id=auto_id, initial={name: getattr(staff, name) for name in self.base_fields})
