"""A kind word to who wrote something: colleagues first, and who handles the case (POL-66)."""

from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy

from groups.models import School
from groups.roles import Hat
from groups.told.services import About, Addressee, Said, tell
from messaging.models import Writing
from messaging.writings.services.written import ask_to_change
from moderation.cases.models.cases import Case
from moderation.cases.models.measures import KindNote
from moderation.cases.policies import can_address
from moderation.cases.services.cases import held, note
from moderation.cases.services.people import named
from portal.core import access, audit, submissions
from portal.core.actor import Actor
from portal.core.models import User
from portal.core.words import Words

READY: dict[tuple[str, str], Words] = {
    ("", Hat.STAFF): gettext_lazy(
        "Hi %(name)s,\n\nI read what you wrote in Kring. Maybe you did not mean it like that. It could hurt "
        "somebody. Will you look at it once more? You can change it or take it away.\n\nShall we talk about it "
        "for a moment? I am glad to help.\n\nKind regards,\n%(sender)s"
    ),
    ("", Hat.FAMILY): gettext_lazy(
        "Hello %(name)s,\n\nI read what you wrote in Kring. Maybe you did not mean it like that. It could hurt "
        "somebody. Will you look at it once more? You can change it or take it away.\n\nShall we talk about it "
        "for a moment? I am glad to help.\n\nKind regards,\n%(sender)s"
    ),
    ("photo", Hat.STAFF): gettext_lazy(
        "Hi %(name)s,\n\nI saw a photo with your message in Kring. Maybe you did not think of it, but somebody could "
        "mind. Will you look at it once more? You can leave the photo out.\n\nShall we talk about it for a moment? I "
        "am glad to help.\n\nKind regards,\n%(sender)s"
    ),
    ("photo", Hat.FAMILY): gettext_lazy(
        "Hello %(name)s,\n\nI saw a photo with your message in Kring. Maybe you did not think of it, but somebody "
        "could mind. Will you look at it once more? You can leave the photo out.\n\nShall we talk about it for a "
        "moment? I am glad to help.\n\nKind regards,\n%(sender)s"
    ),
    ("person", Hat.STAFF): gettext_lazy(
        "Hi %(name)s,\n\nI heard something about how you deal with others. I would like to hear from you how you see "
        "that.\n\nShall we talk about it for a moment? I am glad to help.\n\nKind regards,\n%(sender)s"
    ),
    ("person", Hat.FAMILY): gettext_lazy(
        "Hello %(name)s,\n\nI heard something about how you deal with others. I would like to hear from you how you "
        "see that.\n\nShall we talk about it for a moment? I am glad to help.\n\nKind regards,\n%(sender)s"
    ),
}
"""What a kind word begins with, by the kind of what it is about and the hat of who reads it; "" is what was written."""


def ready_words(*, to: User, hat: str, about: str, name: str, sender: str) -> str:
    """A kind text to begin with, in the language of who reads it: "u" to parents, "je" to colleagues.

    `about`: the kind of what it is about. Of a person nobody says that anything of theirs was read: it was told.
    """
    with translation.override(to.language):
        words = READY.get((about, hat)) or READY["", hat]
        return str(words) % {"name": name, "sender": sender}


def address_colleague(*, written: Writing, text: str, by: Actor, submission_key: UUID | None = None) -> KindNote:
    """Say a kind word to a colleague about what that colleague wrote; it is read under what school told.

    Between staff, about what both read. Raises `PermissionDenied`, `AlreadySubmittedError`.
    """
    with transaction.atomic():
        access.demand(can_address(by.wearing(Hat.STAFF), written))
        return _say(written.author, written.school, written, None, text, by.wearing(written.hat), submission_key)


def address_writer(*, case: Case, text: str, by: Actor, submission_key: UUID | None = None) -> KindNote:
    """Say a kind word to whom an open case is about (POL-63, 66). Raises `PermissionDenied`, `CaseClosedError`,
    `AlreadySubmittedError`."""
    with transaction.atomic():
        current = held(case, by=by)
        made = _say(
            current.about, current.school, current.written, current, text, by.wearing(current.side), submission_key
        )
        note("addressed", current, by=by)
    return made


def _say(
    to: User,
    school: School,
    written: Writing | None,
    case: Case | None,
    text: str,
    by: Actor,
    submission_key: UUID | None,
) -> KindNote:
    signed = named(by.user, school, Hat.STAFF, now=by.now)
    made = KindNote(
        school=school,
        case=case,
        about_kind=str(written.kind) if written else "person",
        about_uid=written.uid if written else to.uid,
        to=to,
        hat=by.hat,
        text=text,
        written_by=by.user,
        author_name=signed.name,
        author_function=signed.function,
        written_at=by.now,
    )
    if submission_key:
        submissions.claim(
            user=by.user, key=submission_key, subject_kind="kind_note", subject_uid=made.uid, now=by.now, said=text
        )
    made.save()
    audit.record("kind_note.sent", by=by, subject_kind="kind_note", subject_uid=made.uid, school_uid=school.uid)
    about = About(str(written.kind), written.uid, written.published_at) if written else None
    said = Said(text, case_uid=case.uid if case else None)
    stands = written is not None and not (written.removed_at or written.retracted_at)
    kind = "kind_word" if stands else "word"
    tell(kind, to=Addressee(to, by.hat, school), said=said, about=about, uid=made.uid, by=by)
    if written and stands:
        ask_to_change(written=written, by=by)
    return made
