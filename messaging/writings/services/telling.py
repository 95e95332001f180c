"""Telling a writer what school did with the own text (POL-61, 62)."""

from groups.told.models import Telling
from groups.told.services import About, Addressee, Said, tell
from messaging.writings.models import Writing
from portal.core.actor import Actor


def tell_writer(kind: str, written: Writing, *, said: Said | None = None, by: Actor) -> None:
    """In the transaction of the act, once for a message and its twins; who did it to the own text is told nothing."""
    about = About(str(written.kind), written.uid, written.published_at)
    same = Telling.objects.filter(kind=kind, to=written.author, told_by=by.user, told_at=by.now, case_uid=None)
    if not (said and said.case_uid) and same.filter(about_kind=about.kind, about_at=about.at).exists():
        return
    tell(kind, to=Addressee(written.author, written.hat, written.school), said=said, about=about, by=by)
