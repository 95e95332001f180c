"""What a link in a mail knows of the mailbox that it went to: whoever reads that one when the account has another holds
a link that does nothing any more (docs/adr/0074).
"""

from hmac import compare_digest

from django.utils.crypto import salted_hmac

from portal.core.domain.addresses import fold_address

_LENGTH = 20


def mailbox_of(address: str) -> str:
    """Stands in the signed link of a mail to `address`: a keyed hash that tells nobody which one it is."""
    return salted_hmac("portal.core.mailboxes", fold_address(address), algorithm="sha256").hexdigest()[:_LENGTH]


def is_mailbox(said: str, address: str) -> bool:
    """Whether the link that says so went to `address`; one without it, of before there was one, went nowhere."""
    return compare_digest(said.encode(), mailbox_of(address).encode())
