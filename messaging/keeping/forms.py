"""What each form sends along whose unsent words are kept at school."""

from uuid import uuid4

from django import forms

from portal.core.forms import KeyField


class KeptForm(forms.Form):
    """A form that arrives once, and of which what is typed is kept until then.

    `came_with` is the moment of the unsent words that the page came with (`services.unsent`), empty where there were
    none.
    """

    key = KeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
    came_with = forms.CharField(required=False, widget=forms.HiddenInput)
