"""What parents read of the school and of its staff."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from groups.records.forms import NamingField, OptionalAddressField
from groups.records.models.people import StaffMember
from groups.records.models.schools import Weekday
from portal.core.forms import LineField, PhoneField, VersionedForm


class SchoolForm(VersionedForm):
    """What parents read of the school."""

    mark = "phone"
    """A field that a browser always sends with this form: which of those on the page was sent."""

    phone = PhoneField(
        label=_("Phone number"),
        help_text=_("In Help, mails and letters."),
        max_length=30,
        error_messages={"required": _("Type the phone number of the school.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    opening_hours = LineField(
        label=_("When can people call?"),
        max_length=200,
        required=False,
    )
    street = LineField(label=_("Street and number"), max_length=200, required=False)
    town = LineField(label=_("Postcode and town"), max_length=200, required=False)
    helpdesk_email = OptionalAddressField(
        label=_("E-mail address of the helpdesk"),
        help_text=_("For signing in and faults. In Help."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}),
    )
    teachers_moderate = forms.BooleanField(
        label=_("Teachers may hide messages and replies in their own group"),
        help_text=_("Without this only the management."),
        required=False,
    )


class DigestForm(VersionedForm):
    """When the school's weekly newsletter goes out, and how much it says."""

    mark = "digest_weekday"

    digest_weekday = forms.TypedChoiceField(
        label=_("Day of the weekly newsletter"), choices=Weekday.choices, coerce=int, empty_value=None
    )
    digest_hour = forms.TypedChoiceField(
        label=_("Time of the weekly newsletter"),
        choices=[(hour, f"{hour}.00") for hour in range(24)],
        coerce=int,
        empty_value=None,
    )
    digest_titles_only = forms.BooleanField(
        label=_("Only titles in mails"),
        help_text=_("Parents read the texts in Kring, but for what is urgent."),
        required=False,
    )


class ComplaintsForm(VersionedForm):
    """To whom people go who do not agree with school, beside who works in the group."""

    mark = "confidant"

    confidant = LineField(
        label=_("Confidant"),
        help_text=_("Name, with phone or e-mail."),
        max_length=200,
        required=False,
    )
    board_contact = LineField(label=_("The board"), max_length=200, required=False)
    complaints_committee = LineField(
        label=_("Complaints committee"),
        max_length=200,
        required=False,
    )
    privacy_officer = LineField(label=_("Privacy officer"), max_length=200, required=False)
    council_contact = LineField(
        label=_("How parents reach the MR"),
        help_text=_("Of the MR itself, not of one member."),
        max_length=200,
        required=False,
    )


class SignatureForm(VersionedForm):
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

    def __init__(self, data: QueryDict | None = None, *, staff: StaffMember, auto_id: str = "id_%s") -> None:
        self.staff = staff
        super().__init__(data, auto_id=auto_id, initial={name: getattr(staff, name) for name in self.base_fields})
