"""Who lost the phone, and the spare codes: the account asks for a code that nobody has any more."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from groups.accounts.services.account_trail import note_account
from groups.accounts.services.notices import send_notice
from groups.accounts.services.sessions import sign_out_everywhere
from portal.core.actor import Actor
from portal.core.models import User


def take_off_second_step(*, user: User, by: Actor) -> int:
    """Take the app, the spare codes and the passkeys off this account; returns how many there were, and with none does
    nothing.

    A code by mail is the way in then; whoever needs a second step sets it up first. Ends every session, as the phone is
    somebody else's now, and tells the owner by mail.
    """
    with transaction.atomic():
        keys = Authenticator.objects.filter(user=user)
        number = len(keys)
        if number:
            keys.delete()
            sign_out_everywhere(users=[user.pk], by=by)
            note_account(happened="second_step_taken_off", user=user, by=by, keys=number)
            send_notice(name="second_step_taken_off", user=user, address=user.email, now=by.now)
    return number
