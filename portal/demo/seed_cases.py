"""What the demo's first school was told: two parents doubt one unkind reply, and a case that is done already.

Whom that case was about asks what school keeps.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from groups.roles import Hat
from messaging.models import Reply
from moderation.access_requests.services.access_requests import start_request
from moderation.cases.services.cases import close_case
from moderation.cases.services.measures import record_measure
from moderation.cases.services.reports import report_content
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import User
from portal.demo.cast import DIRECTIES, KLINKERHOEK, PERSONA_EMAILS
from portal.demo.seed_people import SeededSchool

UNKIND = "Alweer een bericht"
_HOUR = timedelta(hours=1)
_ASKED_BEFORE = timedelta(days=9)


def report_and_handle(seeded: SeededSchool, *, now: datetime) -> None:
    """Two reports wait for the directie and the teacher of groep 7; one case was closed, and its person asks for it."""
    if seeded.school.brin != KLINKERHOEK.brin:
        return
    replies = Reply.objects.filter(school=seeded.school, hat=Hat.FAMILY, published_at__lt=now - 3 * _HOUR)
    unkind = replies.filter(text__startswith=UNKIND).select_related("post").first()
    if unkind:
        mother = User.objects.get(email=PERSONA_EMAILS["moeder"])
        _report(
            unkind,
            Actor(mother, Hat.ANY, now - 2 * _HOUR),
            "hurtful",
            "De juf doet zo haar best. Dit vind ik niet vriendelijk.",
        )
        kind = unkind.post.reply_set.filter(hat=Hat.FAMILY).exclude(author=unkind.author).first()
        if kind:
            _report(unkind, Actor(kind.author, Hat.ANY, now - _HOUR), "other", "Zo praten wij hier niet met elkaar.")
    _one_is_done(seeded, replies.exclude(text__startswith=UNKIND), now)


def _report(reply: Reply, by: Actor, reason: str, words: str) -> None:
    report_content(content=reply, reason=reason, words=words, by=by.wearing(Hat.FAMILY))


def _one_is_done(seeded: SeededSchool, replies: QuerySet[Reply], now: datetime) -> None:
    """A reply of somebody whom no visitor can be, doubted by another parent of that group who answered there."""
    directie = User.objects.get(email=DIRECTIES[seeded.school.brin][1])
    for reply in replies.select_related("author", "post").order_by("published_at", "pk"):
        others = reply.post.reply_set.filter(hat=Hat.FAMILY, published_at__lt=now - _HOUR)
        other = (
            others.exclude(author=reply.author)
            .exclude(author__email__in=PERSONA_EMAILS.values())
            .order_by("pk")
            .first()
        )
        if reply.author.email in PERSONA_EMAILS.values() or other is None:
            continue
        if reply.to_staff or other.published_at is None:
            continue
        case = report_content(
            content=reply,
            reason="other",
            words="Ik snap niet goed wat hier bedoeld wordt.",
            by=Actor(other.author, Hat.FAMILY, reply.placed_at + _HOUR),
        ).case
        record_measure(
            case=case,
            kind="talk",
            words=f"Gebeld. Het was aardig bedoeld. Het mag blijven staan.\nBesproken met {reply.post.author_name}.",
            by=Actor(directie, Hat.ANY, reply.placed_at + 3 * _HOUR),
        )
        close_case(case=case, by=Actor(directie, Hat.ANY, reply.placed_at + 3 * _HOUR))
        asked_on = at_school(now - _ASKED_BEFORE).date()
        start_request(case=case, asker="self", means="mail", received_on=asked_on, by=Actor(directie, Hat.ANY, now))
        return
