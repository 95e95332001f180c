"""A signed form, typed over with its scan; and what a child said itself."""

import uuid
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from consent.asking.domain.purposes import Says
from consent.asking.models import Purpose
from groups.models import Caregiver, Guardianship
from portal.core.forms import DayField

ANSWERS = [(Says.YES.value, _("Yes")), (Says.NO.value, _("No")), ("", _("Not filled in"))]
ASKED_NO_MORE = _("School asks this no more. Photos of before may still be there; a no takes them away.")


class PaperEntryForm(forms.Form):
    """Who signed when, the answers, and the scan. Without `signers` the pupil signed.

    What is asked no more takes a no only.
    """

    signer = forms.ChoiceField(
        label=_("Who signed?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who signed."), "invalid_choice": _("Choose who signed.")},
    )
    signed_on = DayField(label=_("Signed on"))
    scan = forms.FileField(
        label=_("A photo or scan of the form"),
        help_text=_("JPEG or PNG. Only the management sees it."),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        error_messages={
            "required": _("Choose a photo or scan of the signed form."),
            "empty": _("This file is empty. Choose it again."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        signers: Sequence[Guardianship],
        purposes: Sequence[tuple[Purpose, str]],
    ) -> None:
        super().__init__(data, files)
        self._signers = {str(row.uid): row for row in signers}
        self._purposes = {f"answer-{purpose.uid}": purpose for purpose, _title in purposes}
        self._offer_signers()
        for purpose, title in purposes:
            self.fields[f"answer-{purpose.uid}"] = forms.ChoiceField(
                label=title,
                help_text=ASKED_NO_MORE if purpose.retired_at else "",
                choices=ANSWERS[1:] if purpose.retired_at else ANSWERS,
                required=False,
                widget=forms.RadioSelect,
                initial="",
            )

    def _offer_signers(self) -> None:
        if self._signers:
            names = [(uid, row.caregiver.full_name) for uid, row in self._signers.items()]
            self.fields["signer"].choices = names  # type: ignore[attr-defined]
        else:
            del self.fields["signer"]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if not self.answers:
            raise ValidationError(_("Fill in at least one answer."))
        return cleaned

    @property
    def answer_fields(self) -> list[object]:
        return [self[name] for name in self._purposes]

    @property
    def answers(self) -> dict[Purpose, Says]:
        ticked = {name: self.cleaned_data.get(name) for name in self._purposes}
        return {self._purposes[name]: Says(says) for name, says in ticked.items() if says}

    @property
    def caregiver(self) -> Caregiver | None:
        row = self._signers.get(self.cleaned_data.get("signer", ""))
        return row.caregiver if row else None
