"""Telling a writer what school did with the own text (POL-61, 62)."""

from groups.told.services import About, Addressee, Said, tell
from messaging.writings.models import Writing
from portal.core.actor import Actor


def tell_writer(kind: str, written: Writing, *, said: Said | None = None, by: Actor) -> None:
    """In the transaction of the act; who did it to the own text is told nothing."""
    about = About(str(written.kind), written.uid, written.published_at)
    tell(kind, to=Addressee(written.author, written.hat, written.school), said=said, about=about, by=by)
