"""Saying a kind word, reading it, wanting no more of it; and whether a school wants it at all (POL-66)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from groups.models import GroupGrant, School
from groups.people.services.true_names import At, true_names
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from groups.roles import VIEW, Hat
from messaging.models import Reply
from messaging.writings.services.written import ask_to_change
from moderation.kind_words.domain import STARTER
from moderation.kind_words.models import KindWordRules, NoKindWords, ParentWord
from moderation.kind_words.policies import can_say, may_pass
from portal.core import access, audit, outbox
from portal.core.actor import Actor

WORD = "parent_word"


def rules_at(school: School) -> KindWordRules:
    """What holds at this school; where nobody chose, that they are off."""
    chosen = KindWordRules.objects.filter(school=school).first()
    return chosen or KindWordRules(school=school, phrases="\n".join(STARTER))


def set_kind_words(*, school: School, is_on: bool, phrases: Sequence[str], by: Actor) -> KindWordRules:
    """Let parents of `school` say a kind word in these words, or no longer. For the directie; idempotent.

    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        text, rules = "\n".join(phrases), rules_at(school)
        if rules.pk and (rules.is_on, rules.phrases) == (is_on, text):
            return rules
        rules.is_on, rules.phrases, rules.changed_by, rules.changed_at = is_on, text, by.user, by.now
        rules.save()
        audit.note("kind_words.set", school, by=by, subject_kind="school", on=is_on, phrases=len(phrases))
    return rules


def say_kindly(*, reply: Reply, phrase: str, by: Actor) -> ParentWord:
    """Say one of the school's fixed phrases to who wrote `reply`, by name; the words can be changed for a day then.

    A mail says that something waits. Raises `PermissionDenied`, also for words that are not the school's.
    """
    with transaction.atomic():
        hold_schools(reply.school_id)
        access.demand(can_say(by, reply) and phrase in rules_at(reply.school).choices)
        at = At(by.user.pk, reply.school_id, Hat.FAMILY)
        word = ParentWord.objects.create(
            school=reply.school,
            reply=reply,
            to=reply.author,
            said_by=by.user,
            author_name=true_names([at], now=by.now)[at].name,
            text=phrase,
            said_at=by.now,
        )
        ask_to_change(written=reply, by=by)
        audit.note("parent_word.said", word, by=by)
        outbox.enqueue(
            WORD,
            recipient=reply.author,
            subject_kind="parent_word",
            subject_uid=word.uid,
            school_uid=reply.school.uid,
            dedupe_key=f"{WORD}:{word.uid}",
            now=by.now,
        )
    return word


def words_to(actor: Actor) -> list[ParentWord]:
    """What other parents said to `actor`, newest first; not of whom nothing may pass any more, nor of a school left."""
    rows = ParentWord.objects.visible_to(actor).filter(school__in=GroupGrant.objects.schools_of(actor, VIEW))
    words = list(rows.select_related("reply__post", "school").order_by("-said_at", "-pk"))
    heard = may_pass({word.said_by_id for word in words}, actor.user.pk, actor)
    return [word for word in words if word.said_by_id in heard]


def wants_words(actor: Actor) -> bool:
    """Whether `actor` did not close it."""
    return not NoKindWords.objects.filter(user=actor.user.pk).exists()


def close_words(*, by: Actor) -> None:
    """No more kind words of other parents to `by`, and those that are there are put away; idempotent."""
    with transaction.atomic():
        _, made = NoKindWords.objects.get_or_create(user=by.user, defaults={"closed_at": by.now})
        if made:
            audit.record("kind_words.closed", by=by, subject_kind="user", subject_uid=by.user.uid)


def take_words(*, by: Actor) -> None:
    """They may come again; idempotent."""
    with transaction.atomic():
        removed, _ = NoKindWords.objects.filter(user=by.user).delete()
        if removed:
            audit.record("kind_words.taken", by=by, subject_kind="user", subject_uid=by.user.uid)


def forget_words(*, now: datetime) -> int:
    """What is older than thirty days goes. Repeatable."""
    deleted, _ = ParentWord.objects.gone(now=now).delete()
    return deleted
