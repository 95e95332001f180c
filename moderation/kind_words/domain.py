"""The words a school begins with: it can change every one of them. Words of the school, so Dutch."""

MOST_PHRASES = 6
LONGEST_PHRASE = 200
STARTER = (
    "Misschien bedoelde u het niet zo. Wilt u uw reactie nog eens lezen?",
    "Dit kan iemand pijn doen. Wilt u er nog eens naar kijken?",
    "Laten we het over de groep hebben, en niet over één kind of één persoon.",
)


def tidy_phrases(text: str) -> list[str]:
    """One on a line, without empty ones, each once."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))
