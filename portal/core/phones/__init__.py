"""Phones and tablets that show a notice by themselves: which there are, how a word to them is sealed, how it goes out.

Nothing of this is offered without a key in the settings (docs/adr/0072).
"""
