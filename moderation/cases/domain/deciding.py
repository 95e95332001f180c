"""What can be decided about what a case is about, and what becomes of it when it is still away (POL-61, 62)."""

from enum import StrEnum


class Choice(StrEnum):
    """What happens to the one thing a case is about."""

    KEEP = "keep"
    HIDE = "hide"
    SHOW = "show"
    GONE = "gone"


def choices_of(*, is_hidden: bool, may_hide: bool, may_remove: bool) -> list[Choice]:
    """What this reader can choose from, the mildest first; nothing where nothing can be done to it."""
    if not (may_hide or may_remove):
        return []
    turned = [Choice.SHOW if is_hidden else Choice.HIDE] if may_hide else []
    return [Choice.KEEP, *turned, *([Choice.GONE] if may_remove else [])]


def is_away_after(choice: str, *, is_hidden: bool) -> bool:
    """Whether it is away for now when this is done: then the case is not at its end."""
    return choice == Choice.HIDE or (is_hidden and choice in ("", Choice.KEEP))
