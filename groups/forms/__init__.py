"""The forms of this app, by page: is the input well formed, in words a reader understands."""

from groups.forms.account import (
    AddressCodeForm,
    ChangePasswordForm,
    NewAddressForm,
    ResetCodeForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from groups.forms.codes import HANDLES
from groups.forms.letters import LetterAddressForm, LetterCodeForm, LettersForm
from groups.forms.own import ContactForm, HoursForm, SettingsForm
from groups.forms.people import DecisionForm, SearchForm, ShieldForm
from groups.forms.roster import ConfirmRosterForm, RosterFilesForm
from groups.forms.school import DigestForm, SchoolForm, SignatureForm
from groups.forms.signing_in import (
    SHARED_DEVICE,
    ActivateAppForm,
    LoginCodeForm,
    NewPasskeyForm,
    PasskeyLoginForm,
    PasskeyStepForm,
    PasswordAgainForm,
    PasswordLoginForm,
    RequestCodeForm,
    SecondStepAgainForm,
    SecondStepForm,
)
from groups.forms.staff import StaffAddressForm, StaffLetterCodeForm, StaffLetterForm

__all__ = [
    "HANDLES",
    "SHARED_DEVICE",
    "ActivateAppForm",
    "AddressCodeForm",
    "ChangePasswordForm",
    "ConfirmRosterForm",
    "ContactForm",
    "DecisionForm",
    "DigestForm",
    "HoursForm",
    "LetterAddressForm",
    "LetterCodeForm",
    "LettersForm",
    "LoginCodeForm",
    "NewAddressForm",
    "NewPasskeyForm",
    "PasskeyLoginForm",
    "PasskeyStepForm",
    "PasswordAgainForm",
    "PasswordLoginForm",
    "RequestCodeForm",
    "ResetCodeForm",
    "ResetPasswordForm",
    "ResetPasswordKeyForm",
    "RosterFilesForm",
    "SchoolForm",
    "SearchForm",
    "SecondStepAgainForm",
    "SecondStepForm",
    "SetPasswordForm",
    "SettingsForm",
    "ShieldForm",
    "SignatureForm",
    "StaffAddressForm",
    "StaffLetterCodeForm",
    "StaffLetterForm",
]
