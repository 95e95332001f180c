"""Six digits to the address that a letter is used with, before it opens anything."""

from uuid import UUID

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from groups.letters.services.invitations import (
    ColleagueAlreadyError,
    ExpiredCodeError,
    LetterError,
    NotThePupilError,
    OtherParentError,
    UsedCodeError,
)
from groups.letters.services.people import open_account

LETTER = "kring_letter"


def ask_proof(request: HttpRequest, letter: UUID, address: str, *, of_staff: bool = False) -> HttpResponse:
    """Mail six digits to the address that a letter is used with, and go where they are typed.

    Which letter it is stays in the session until then (`_finish_letter`); its code stays nowhere.
    """
    user = open_account(address=address, language=get_language() or settings.LANGUAGE_CODE)
    request.session[LETTER] = {"letter": str(letter), "address": address, "of_staff": of_staff}
    LoginCodeVerificationProcess.initiate(request=request, user=user if user.is_active else None, email=address)
    return redirect("account_confirm_login_code")


def letter_sentence(error: LetterError) -> str:
    """Why a code does not work, for somebody whose address is proved."""
    if isinstance(error, UsedCodeError):
        return _("This code has been used. Was that not you? Call the school.")
    if isinstance(error, ExpiredCodeError):
        return _("This letter is too old. Ask the school for a new one.")
    if isinstance(error, OtherParentError):
        return _("This letter is for the other parent. Sign out first.")
    if isinstance(error, NotThePupilError):
        return _("This letter is for the pupil. Use an address that only the pupil reads. Sign out first.")
    if isinstance(error, ColleagueAlreadyError):
        return _("This account belongs to a colleague already. Use an address of your own.")
    return _("This code is not right. Look again at the letter.")
