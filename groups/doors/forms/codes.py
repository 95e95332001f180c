"""Typing a code: of a mail, or of the app. A try is taken before anything is compared."""

from typing import Any
from uuid import UUID, uuid4

from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from groups.accounts.services.guessing import TooOftenError, guess_code
from groups.accounts.services.mailed_codes import may_ask
from portal.core import codes
from portal.core.models import CodePurpose
from portal.core.request import SignedInRequest, whence

HANDLES = "kring_codes"
"""Under this the session keeps the handle of the code it asked last, by purpose."""
TOO_OFTEN = _("That went wrong too often. Wait an hour, or call the school.")


class CodeFieldMixin:
    """Dresses the code field of a form of allauth."""

    code_label = _("The six digits")
    fields: dict[str, forms.Field]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = self.code_label
        field.error_messages["required"] = _("Type the code.")
        field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "20"}


class MailedCodeMixin(CodeFieldMixin):
    """The code of a mail, compared by its row and not by allauth."""

    purpose: CodePurpose
    cleaned_data: dict[str, Any]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        handle = context.request.session.get(HANDLES, {}).get(self.purpose)
        self.handle = UUID(handle) if handle else uuid4()
        self.is_long = codes.is_long(self.handle)
        if self.is_long:
            self.fields["code"].label = _("The ten letters and digits")
            letters = {"inputmode": "text", "autocapitalize": "characters", "spellcheck": "false"}
            self.fields["code"].widget.attrs.update(letters)

    def address(self) -> str:
        """The mailbox that this code proves."""
        raise NotImplementedError

    def clean_code(self) -> str:
        typed, request = str(self.cleaned_data["code"]), context.request
        try:
            right = guess_code(
                handle=self.handle,
                purpose=self.purpose,
                address=self.address(),
                typed=typed,
                whence=whence(request),
                now=request.now,
            )
        except TooOftenError:
            raise ValidationError(TOO_OFTEN) from None
        if not right:
            raise get_adapter().validation_error("incorrect_code")
        return typed


def refuse_often(request: SignedInRequest, address: str) -> None:
    """Raises `ValidationError` when codes for `address` were asked from here too often."""
    if not may_ask(address=address, whence=whence(request), now=request.now):
        raise get_adapter().validation_error("too_many_codes")
