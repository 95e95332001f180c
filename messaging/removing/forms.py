"""Is the reason for a removal well formed."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.told.services import Said
from messaging.writings.forms import text_area
from portal.core.forms import VersionField


class WhyForm(forms.Form):
    """Why, in words for the writer of what is taken away; nobody writes that to oneself."""

    told = forms.CharField(
        label=_("Why? The writer reads this."),
        max_length=2000,
        widget=text_area(3),
        help_text=_("Kind, without naming other people."),
        error_messages={"required": _("Write down why first.")},
    )

    def __init__(
        self, data: QueryDict | None = None, *, initial: dict[str, object] | None = None, is_own: bool = False
    ) -> None:
        super().__init__(data, initial=initial)
        if is_own:
            del self.fields["told"]

    @property
    def said(self) -> Said | None:
        """For the services."""
        return Said(self.cleaned_data["told"]) if "told" in self.fields else None


class RemovalForm(WhyForm):
    """Why something is removed, for the dossier too; `version` and `stood` are those that were on the screen."""

    field_order = ("reason", "told")
    reason = forms.CharField(
        label=_("Why? For the dossier."),
        max_length=1000,
        widget=text_area(3),
        error_messages={"required": _("Write down why first.")},
    )
    version = VersionField()
    stood = forms.CharField(required=False, widget=forms.HiddenInput)
