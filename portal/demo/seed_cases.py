"""What the demo's first school was told: two parents doubt one unkind reply, and two cases are done already.

Whom that case was about asks what school keeps.
"""

import itertools
from datetime import datetime, timedelta

from django.db.models import QuerySet

from groups.models import Telling
from groups.roles import Hat
from groups.told.services import answer
from messaging.models import Reply
from moderation.access_requests.services.access_requests import start_request
from moderation.cases.models.cases import Case
from moderation.cases.services.cases import close_case, hide_reported, show_reported
from moderation.cases.services.letters import write_letter
from moderation.cases.services.measures import record_measure, restore_access
from moderation.cases.services.notes import address_writer
from moderation.cases.services.reports import report_content
from moderation.cases.services.telling import put_answers_away
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import User
from portal.demo.cast import DIRECTIES, KLINKERHOEK, PERSONA_EMAILS
from portal.demo.seed_people import SeededSchool

UNKIND = "Alweer een bericht"
KIND_WORD = (
    "Dag,\n\nIk las uw reactie. Ze kwam hard aan bij een andere ouder. Zullen we even bellen? Ik help graag.\n\nPetra"
)
_HOUR, _STEP = timedelta(hours=1), timedelta(minutes=10)
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
    _speak_to(User.objects.get(email=PERSONA_EMAILS["moeder"]), seeded)
    _one_is_done(seeded, replies.exclude(text__startswith=UNKIND), now)


def _speak_to(mother: User, seeded: SeededSchool) -> None:
    """The mother a visitor can be was spoken to once: she read it, wrote back, and finds it again."""
    own = Reply.objects.filter(school=seeded.school, author=mother, hat=Hat.FAMILY, to_staff=False)
    reply = own.order_by("pk").last()
    other = reply and reply.post.reply_set.filter(hat=Hat.FAMILY).exclude(author=mother).first()
    if not (reply and other):
        return
    placed = reply.placed_at
    directie = Actor(User.objects.get(email=DIRECTIES[seeded.school.brin][1]), Hat.ANY, placed + 2 * _HOUR)
    doubts = Actor(other.author, Hat.FAMILY, placed + _HOUR)
    case = report_content(content=reply, reason="other", words="Dit klinkt boos. Vast niet zo bedoeld.", by=doubts).case
    note = address_writer(case=case, text=KIND_WORD, by=directie)
    reader = Actor(mother, Hat.FAMILY, placed + 3 * _HOUR)
    telling = Telling.objects.visible_to(reader).get(uid=note.uid)
    thanks = answer(
        telling, text="Dank u wel. Zo bedoelde ik het niet. Ik schrijf het de volgende keer anders.", by=reader
    )
    put_answers_away(telling, last=thanks.uid, by=directie)
    close_case(case=case, by=directie)


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
        if reply.to_staff or other.published_at is None or reply.placed_at > now - 6 * _HOUR:
            continue
        case = report_content(
            content=reply,
            reason="other",
            words="Ik snap niet goed wat hier bedoeld wordt.",
            by=Actor(other.author, Hat.FAMILY, reply.placed_at + _HOUR),
        ).case
        _tell_everything(case, reply, directie)
        asked_on = at_school(now - _ASKED_BEFORE).date()
        start_request(case=case, asker="self", means="mail", received_on=asked_on, by=Actor(directie, Hat.ANY, now))
        return


def _tell_everything(case: Case, reply: Reply, directie: User) -> None:
    """Every step there is about one text, each told in words of its own, so that a visitor sees how that reads."""
    moments = (Actor(directie, Hat.ANY, reply.placed_at + 3 * _HOUR + each * _STEP) for each in itertools.count())
    address_writer(case=case, text=KIND_WORD, by=next(moments))
    hide_reported(case=case, told="Wij kijken er even naar. U hoort het vandaag nog.", by=next(moments))
    talked = f"Gebeld. Het was aardig bedoeld. Het mag blijven staan.\nBesproken met {reply.post.author_name}."
    record_measure(case=case, kind="talk", words=talked, told="Dank u voor het gesprek.", by=next(moments))
    noted = "Gebeld, en gehoord hoe het kwam."
    warned = "Schrijft u nog eens zo, dan vragen wij u om even alleen mee te lezen."
    record_measure(case=case, kind="warning", words=noted, told=warned, heard=True, by=next(moments))
    by = next(moments)
    until = at_school(by.now).date() + timedelta(days=2)
    limited = "Het werd later opnieuw scherp. Daarom leest u nu even alleen mee. Wij bellen u morgen."
    record_measure(case=case, kind="limited", words=noted, until=until, told=limited, heard=True, by=by)
    restore_access(case=case, by=next(moments))
    agreed = "Dank voor het goede gesprek.\n\nU schrijft weer mee. Uw reactie staat er ook weer."
    write_letter(case=case, template="afspraken", title="Wat wij afspraken", text=agreed, by=next(moments))
    show_reported(case=case, by=next(moments))
    close_case(case=case, by=next(moments))
