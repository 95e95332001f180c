"""Handing in the files of a roster, and confirming what they would change."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LARGEST_ROSTER_FILE = 20_000_000


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

    def clean_roster(self) -> UploadedFile | None:
        return self._measured("roster")

    def clean_caregivers(self) -> UploadedFile | None:
        return self._measured("caregivers")

    def _measured(self, name: str) -> UploadedFile | None:
        file = self.cleaned_data[name]
        if file and file.size > LARGEST_ROSTER_FILE:
            raise ValidationError(_("This file is larger than 20 MB. That is no class list."))
        return file

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if not self.errors and not self.handed:
            raise ValidationError(_("Choose a file. One of the two is enough."))
        return cleaned

    @property
    def handed(self) -> list[UploadedFile]:
        """The files that were chosen."""
        return [self.cleaned_data[name] for name in ("roster", "caregivers") if self.cleaned_data.get(name)]


class ConfirmRosterForm(forms.Form):
    """What was shown, and the answers to what was asked: about leavers, the list, staff, and whether a child is the
    same."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)
    same = forms.MultipleChoiceField(
        label=_("Is this still the same child?"),
        help_text=_(
            "Tick a child only if it is the same one: then it keeps its parents, photos and conversations. Is it "
            "another child? Then delete the files, give that child a number of its own in the administration and "
            "export again."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    leavers = forms.BooleanField(
        label=_("Yes, these children really left"),
        required=False,
    )
    right_list = forms.BooleanField(
        label=_("Yes, this is the right list"),
        required=False,
    )
    colleagues = forms.BooleanField(
        label=_("Yes, these colleagues really left"),
        required=False,
    )

    def __init__(self, *args: Any, asked: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """`asked`: the pupil numbers of which it is asked, each with who it was and who it is now."""
        super().__init__(*args, **kwargs)
        self.fields["same"].choices = asked  # type: ignore[attr-defined]
