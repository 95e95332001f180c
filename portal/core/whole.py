"""A file that is whole or as it was before: written aside, and put in its place."""

from pathlib import Path


def write_whole(place: Path, text: str) -> None:
    """Broken off, the file is the one of before. Raises `OSError`, on a full disk too."""
    aside = place.with_name(f"{place.name}.new")
    aside.write_text(text)
    aside.replace(place)
