"""Conversations between school and the caregivers of one child: who sits in them, from when, and what was said."""
