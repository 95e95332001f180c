"""Passkeys: adding one, and saying no to the offer. Listing, removing and signing in are allauth's own views."""

import json

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from groups.accounts.services.accounts import note_passkey, settle_passkey_offer
from groups.doors.forms.signing_in import NewPasskeyForm
from portal.core import access
from portal.core.request import SignedInRequest


class AddPasskey(AddWebAuthnView):
    """A passkey that stands alone, without the spare codes of a second step: the code by mail stays a way in."""

    template_name = "mfa/webauthn/add_form.html"

    def get_form_class(self) -> type[NewPasskeyForm]:
        return NewPasskeyForm

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        options = auth.begin_registration(self.request.user, True)
        return {"form": self.get_form(), "options": json.dumps(options), **kwargs}

    def form_valid(self, form: NewPasskeyForm) -> HttpResponse:
        user = self.request.user
        auth.WebAuthn.add(user, form.cleaned_data["name"], form.cleaned_data["credential"])
        get_account_adapter().send_notification_mail("mfa/email/webauthn_added", user)
        note_passkey(user=user, now=self.request.now)
        messages.success(self.request, _("Done. From now on you come in with this passkey."))
        return redirect("mfa_list_webauthn")


add = access.declares("Everybody signed in, proved again, about the own account only: another way in.")(
    AddPasskey.as_view()
)


@access.declares("Everybody signed in, about the own account only: do not offer a passkey again.")
@require_POST
def not_now(request: SignedInRequest) -> HttpResponse:
    settle_passkey_offer(user=request.user, now=request.now)
    return redirect("home")
