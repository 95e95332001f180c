"""The agenda as somebody reads it: events, days off, and what the apps above say of a day."""
