"""The desk: Django's admin made for the directie, on the own school only and around no service (docs/adr/0019)."""

from moderation.desk.admin.site import desk

__all__ = ["desk"]
