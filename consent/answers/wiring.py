"""What this room registers with the floor: its mails and places in the menu."""

from consent.answers.mail import render_letters, render_receipts
from consent.answers.menu import ENTRIES
from consent.asking.domain.rounds import RoundMail
from portal.core import menu, outbox


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("consent_receipt", render_receipts)
    for letter in RoundMail:
        outbox.register(letter, render_letters)
    menu.register(*ENTRIES)
