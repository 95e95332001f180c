"""Fields that several pages ask: each gives back one spelling, and refuses in a sentence."""

import unicodedata
from typing import Any

from allauth.account.fields import PasswordField, SetPasswordField
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.core.domain.addresses import fold_address, is_address
from portal.core.forms import LineField

LONGEST_PASSWORD = 4096
LONGEST_ADDRESS = 254


class AddressField(forms.CharField):
    """An e-mail address in its one spelling; real people's addresses too (RFC 6531), so no `type=email`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        kwargs.setdefault("label", _("Your e-mail address"))
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault("error_messages", {"required": _("Type your e-mail address.")})
        super().__init__(**kwargs)

    def clean(self, value: object) -> str:
        address = fold_address(super().clean(value))
        if len(address) > LONGEST_ADDRESS:
            raise ValidationError(_("This address is too long."))
        if "@" not in address:
            raise ValidationError(_("Put an @ in the address, like name@post.nl."))
        if not is_address(address):
            raise ValidationError(_("This address is not right. An address looks like name@post.nl."))
        return address


class OptionalAddressField(AddressField):
    """An e-mail address, or none."""

    def clean(self, value: Any) -> str:
        return super().clean(value) if value and value.strip() else ""


class OwnPasswordField(PasswordField):
    """The password somebody has. One spelling for the same characters (NFC), whatever keyboard they came from."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("label", _("Your password"))
        kwargs.setdefault("error_messages", {"required": _("Type your password.")})
        super().__init__(max_length=LONGEST_PASSWORD, **kwargs)
        self.widget.attrs.pop("placeholder", None)

    def to_python(self, value: object) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class NewPasswordField(SetPasswordField):
    """A password somebody chooses."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("label", _("New password"))
        kwargs.setdefault("help_text", _("At least ten characters. A sentence is easy to remember."))
        kwargs.setdefault("error_messages", {"required": _("Choose a password.")})
        super().__init__(max_length=LONGEST_PASSWORD, **kwargs)
        self.widget.attrs.pop("placeholder", None)

    def to_python(self, value: object) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class NamingField(LineField):
    """A line that names: there is a letter in it."""

    def to_python(self, value: object) -> str:
        line = super().to_python(value)
        if line and not any(character.isalpha() for character in line):
            raise ValidationError(_("Type this in letters."))
        return line
