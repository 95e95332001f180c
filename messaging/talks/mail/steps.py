"""What happened to conversations, in a mail of one line and a link: no child, no title, no word of it, and no name but
that of who of school comes in. On a phone not that name either.

Whether the reader is still in the conversation is asked when the mail leaves.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from groups.people.mail import CHOSE_OTHERWISE
from groups.roles import Hat
from messaging.talks.mail.conversations import not_on_phone, page_of
from messaging.talks.models import StepKind, ThreadGrant, ThreadStep
from messaging.writings.querysets.messages import VIEW_THREAD
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Push, Withheld

NOT_THEIRS = "not theirs any more"


def render_steps(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """One mail for each act and person who reads one of its conversations at `now`, in that hat.

    Whatever each chose about mail: nobody reads along unheard of (docs/adr/0025).
    """
    for row, hat, own in _own_steps(rows, now):
        yield _mail(row.recipient, own, hat) if own and row.recipient else Withheld(NOT_THEIRS)


def render_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """The same on a phone: at which school, and that something changed. At home where that is wanted there by then."""
    refusing = not_on_phone([row.recipient_id for row in rows if row.recipient_id])
    for row, hat, own in _own_steps(rows, now):
        if not (own and row.recipient):
            yield Withheld(NOT_THEIRS)
        elif hat == Hat.FAMILY and (row.recipient.pk, row.school_uid) in refusing:
            yield Withheld(CHOSE_OTHERWISE)
        else:
            yield _push(row.recipient, own, hat)


def _own_steps(rows: Sequence[OutboxItem], now: datetime) -> Iterable[tuple[OutboxItem, str, Sequence[ThreadStep]]]:
    """Of each row its hat, and what its act did in conversations that its reader reads at `now`, in that hat."""
    steps = ThreadStep.objects.filter(uid__in=[row.subject_uid for row in rows])
    by_uid = {step.uid: step for step in steps.select_related("thread__school", "chair__staff")}
    acts = _acts(by_uid.values())
    threads = {step.thread_id for act in acts.values() for step in act}
    reading = _reading(threads, [row.recipient_id for row in rows], now)
    for row in rows:
        step, hat, reader = by_uid.get(row.subject_uid), _hat_of(row), row.recipient
        act = acts[step.uid] if step else []
        yield row, hat, [one for one in act if reader and (reader.pk, one.thread_id, hat) in reading]


def _hat_of(row: OutboxItem) -> str:
    return row.dedupe_key.removeprefix("phone:").split(":")[2]


def _acts(steps: Iterable[ThreadStep]) -> dict[UUID, list[ThreadStep]]:
    """By line, all lines of the same act: somebody comes into many conversations at once, and that is one mail."""
    moments = {step.at for step in steps if step.chair_id}
    rows = ThreadStep.objects.filter(at__in=moments, chair__isnull=False).order_by("pk")
    together: dict[tuple[str, datetime, int], list[ThreadStep]] = defaultdict(list)
    for row in rows.select_related("thread__school", "chair__staff"):
        together[row.kind, row.at, row.thread.school_id].append(row)
    return {one.uid: together.get((one.kind, one.at, one.thread.school_id)) or [one] for one in steps}


def _reading(threads: set[int], users: Sequence[int | None], now: datetime) -> set[tuple[int, int, str]]:
    return {
        (user, thread, hat.value)
        for hat in Hat
        for user, thread in ThreadGrant.objects.in_force(VIEW_THREAD, now=now)
        .filter(hat=hat, user__in=[user for user in users if user], content_object__in=threads)
        .values_list("user", "content_object")
    }


def _mail(reader: User, steps: Sequence[ThreadStep], hat: str) -> Mail:
    threads = {step.thread.uid for step in steps}
    school = steps[0].thread.school
    with translation.override(reader.language):
        context: dict[str, object] = {
            "heading": _heading(reader, steps),
            "action": _("To the conversation") if len(threads) == 1 else _("To the conversations"),
            "school": school.name,
            "school_phone": school.phone,
            "url": settings.KRING_BASE_URL + page_of(hat, threads),
        }
        return Mail(
            subject=str(context["heading"]),
            text=render_to_string("emails/message.txt", context),
            html=render_to_string("emails/message.html", context),
        )


def _push(reader: User, steps: Sequence[ThreadStep], hat: str) -> Push:
    threads = {step.thread.uid for step in steps}
    with translation.override(reader.language):
        return Push(
            title=steps[0].thread.school.name,
            body=_("Something changed in a conversation."),
            path=page_of(hat, threads),
            tag=f"step-{min(threads)}" if len(threads) == 1 else "steps",
            language=reader.language,
        )


def _heading(reader: User, steps: Sequence[ThreadStep]) -> str:
    first = steps[0]
    if all(step.chair and step.chair.staff and step.chair.staff.user_id == reader.pk for step in steps):
        return _heading_of_own(first)
    names = ", ".join(dict.fromkeys(step.about_name for step in steps))
    return str(capfirst(_words(first) % {"names": names}))


def _heading_of_own(step: ThreadStep) -> str:
    words = {
        StepKind.HANDED: _("You can now read what was said before"),
        StepKind.OPENED: _("You can now read what was said before"),
        StepKind.WITHDRAWN: _("You do not read along in a conversation after all"),
    }
    return words.get(StepKind(step.kind), _("You read along in a conversation from now on"))


def _words(step: ThreadStep) -> str:
    if step.kind == StepKind.ARRIVED and step.since and step.since > step.at:
        return _("%(names)s will read along in a conversation")
    words = {
        StepKind.DIRECTIE: _("The school management reads along in a conversation"),
        StepKind.FROZEN: _("A conversation has been frozen"),
        StepKind.REOPENED: _("A conversation has been opened again"),
        StepKind.CLOSED: _("A conversation has been closed"),
        StepKind.ARRIVED: _("%(names)s reads along in a conversation from now on"),
        StepKind.WITHDRAWN: _("%(names)s does not read along in a conversation after all"),
        StepKind.ASKED: _("%(names)s was asked into a conversation"),
        StepKind.HANDED: _("%(names)s can now read what was said before"),
        StepKind.OPENED: _("The management let %(names)s read what was said before"),
    }
    return words[StepKind(step.kind)]
