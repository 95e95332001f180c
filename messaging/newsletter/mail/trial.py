"""The weekly mail to the directie alone, before it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from groups.models import School
from groups.records.policies import can_direct
from groups.roles import Hat
from messaging.newsletter.mail.composing import Composer
from messaging.newsletter.mail.gathering import Gathered
from messaging.newsletter.mail.next_week import coming
from messaging.newsletter.services.editions import edition_to_come
from messaging.newsletter.services.forewords import foreword_to_send
from messaging.newsletter.services.trial import posts_in
from messaging.writings.services.names import names_lost
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_trials(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who still directs that school; whom each message reaches differs by family, so it stands once, and its
    links lead to what staff read.
    """
    schools = School.objects.in_bulk({row.subject_uid for row in rows}, field_name="uid")
    for row in rows:
        reader, school = row.recipient, schools.get(row.subject_uid)
        if reader and school and can_direct(actor := Actor(reader, Hat.STAFF, now), school):
            yield _trial(school, reader, actor)
        else:
            yield Withheld("not theirs any more")


def _trial(school: School, reader: User, actor: Actor) -> Mail:
    edition = edition_to_come(school, now=actor.now)
    posts = posts_in(edition, actor=actor)
    spared = names_lost(posts, now=actor.now).keys()
    everything = Gathered(posts, {reader.pk: {post.pk for post in posts}}, {}, set(), school_day(actor.now), spared)
    foreword = foreword_to_send(school, edition.name, now=actor.now)
    composer = Composer(edition, reader.language, foreword, hat=Hat.STAFF)
    agenda = coming(edition, [reader.pk], actor.now, hat=Hat.STAFF)
    mail = composer.compose(reader, everything.entries_for(reader.pk), [*agenda.values()])
    with translation.override(reader.language):
        return replace(mail, subject=_("Trial: %(subject)s") % {"subject": mail.subject})
