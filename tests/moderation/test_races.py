"""Two hands at once: many people report one thing, and one person twice; always one open case (POL-60)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from groups.roles import Hat, Role
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from moderation.access_requests.domain import marks_of
from moderation.access_requests.services.access_requests import OpenRequestError, ask_access, draw_up, mark_passages
from moderation.cases.domain.letters import templates_for
from moderation.cases.services.cases import OpenAlreadyError, close_case, reopen_case
from moderation.cases.services.deciding import CaseDecision, decide_case
from moderation.cases.services.letters import write_letter
from moderation.cases.services.looking import DoneMeanwhileError, standing_in, written_down
from moderation.cases.services.measures import record_measure
from moderation.cases.services.reports import report_content, report_person
from moderation.models import AccessRequest, Case, Report
from portal.core.actor import Actor
from tests.cast import Cast
from tests.moderation.asking import start
from tests.moderation.test_dossier_pages import come_in
from tests.races import on_postgresql, together
from tests.share import share

TIMES = share(15)


def reply_in_4(cast: Cast) -> Any:
    now = timezone.now()
    order = {"topic": "update", "title": f"T {uuid.uuid4()}", "text": "X", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], by=Actor(cast.teacher, "staff", now), **order)
    return publish_reply(post=post, text="Onaardig.", by=Actor(cast.mother, "family", now))


def report(cast: Cast, reply: Any, name: str, *, person: bool = False) -> Callable[[], Report]:
    who: dict[str, Any] = {"by": Actor(cast.user(name), "family", timezone.now()), "reason": "hurtful"}
    return (lambda: report_person(seen_in=reply, **who)) if person else (lambda: report_content(content=reply, **who))


@on_postgresql
@pytest.mark.parametrize("person", [False, True])
def test_many_reports_at_once_are_one_case(cast: Cast, person: bool) -> None:
    names = ["father", "parent_of_two", "teacher_who_is_parent", "admitted_reader", "father"]
    for _ in range(TIMES):
        Report.objects.all().delete()
        Case.objects.all().delete()
        reply = reply_in_4(cast)
        found = together(*(report(cast, reply, name, person=person) for name in names))
        assert [type(one) for one in found] == [Report] * len(names), found
        assert (Case.objects.open().count(), Report.objects.count()) == (1, 4)


@on_postgresql
def test_a_report_while_the_case_is_closed_is_never_lost(cast: Cast) -> None:
    """Whoever comes first: afterwards the report is in a case that was closed with it, or in an open one."""
    for _ in range(TIMES):
        reply = reply_in_4(cast)
        case = report(cast, reply, "father")().case
        close = lambda c=case: close_case(case=c, by=Actor(cast.directie, Hat.ANY, timezone.now()))  # noqa: E731
        closed, late = together(close, report(cast, reply, "parent_of_two"))
        assert isinstance(closed, Case), closed
        assert isinstance(late, Report), late
        is_open = Case.objects.get(pk=late.case_id).is_open
        assert is_open == (late.case_id != case.pk)


@on_postgresql
def test_opening_again_while_somebody_reports_it_anew_is_one_open_case(cast: Cast) -> None:
    """Whoever comes first: one open case, and the other is told which one."""
    for _ in range(TIMES):
        reply = reply_in_4(cast)
        case = report(cast, reply, "father")().case
        close_case(case=case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
        again = lambda c=case: reopen_case(case=c, by=Actor(cast.directie, Hat.ANY, timezone.now()))  # noqa: E731
        reopened, late = together(again, report(cast, reply, "parent_of_two"))
        [standing] = Case.objects.open().filter(writing=reply)
        assert isinstance(late, Report), late
        assert late.case_id == standing.pk
        assert isinstance(reopened, Case if standing == case else OpenAlreadyError), reopened


@on_postgresql
def test_asking_twice_at_once_what_school_keeps_is_one_request_of_each_side(cast: Cast) -> None:
    """Two taps as a parent, and one as staff of the same school: two requests, and the other tap is told which."""
    now, who = timezone.now(), cast.teacher_who_is_parent
    for _ in range(TIMES):
        AccessRequest.objects.all().delete()
        hats = (Hat.FAMILY, Hat.FAMILY, Hat.STAFF)
        found = together(*(lambda hat=hat: ask_access(school=cast.linde, by=Actor(who, hat, now)) for hat in hats))
        assert sorted(type(one) is AccessRequest for one in found) == [False, True, True], found
        assert [type(one) for one in found if type(one) is not AccessRequest] == [OpenRequestError]
        assert sorted(AccessRequest.objects.values_list("side", flat=True)) == ["family", "staff"]


@on_postgresql
@pytest.mark.parametrize("step", ["measure", "letter", "decision"])
def test_of_two_colleagues_at_once_the_second_reads_what_the_first_wrote_down(cast: Cast, step: str) -> None:
    """Each from a page on which nothing was done yet: a limit of one would take the place of the other's, and two kind
    words go to one parent.
    """
    now = timezone.now()
    second = Actor(come_in("tweede", Role.DIRECTIE, cast), Hat.ANY, now)
    template = templates_for(Hat.FAMILY)[0].key
    for _ in range(TIMES):
        case = report(cast, reply_in_4(cast), "father")().case
        stood = standing_in(case, measures=0, notes=0) if step == "decision" else written_down(case, actor=second)

        def write(by: Actor, case: Case = case, stood: str = stood) -> Any:
            sent: dict[str, Any] = {"case": case, "stood": stood, "by": by, "submission_key": uuid.uuid4()}
            if step == "decision":
                return decide_case(**sent, decision=CaseDecision(choice="keep", kind_word="Zullen we bellen?"))
            if step == "measure":
                return record_measure(**sent, kind="note", words="Genoteerd.")
            return write_letter(**sent, template=template, title="Brief", text="Beste.")

        found = together(*(lambda by=by: write(by) for by in (Actor(cast.directie, Hat.ANY, now), second)))
        assert [type(one) for one in found].count(DoneMeanwhileError) == 1, found
        assert case.measures.count() + case.letters.count() + case.notes.count() == 1


@on_postgresql
def test_of_two_windows_that_mark_a_copy_at_once_one_reads_that_it_changed(cast: Cast) -> None:
    """The lines of the other would stay, what names others too."""
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    case = report(cast, reply_in_4(cast), "father")().case
    record_measure(case=case, kind="note", words="Wij spraken af dat het anders gaat.", by=by)
    asked = start(case, cast.directie)
    for _ in range(TIMES):
        drawn = draw_up(asked=asked, by=by)
        lines = {one.pk: one.ground for one in drawn.passages.all()}
        stood = marks_of(lines, drawn.blackened, drawn.other_words)

        def marked(word: str, grounds: Any = lines, stood: str = stood) -> Any:
            said = {"grounds": grounds, "blackened": [word], "other_words": "", "stood": stood}
            return mark_passages(asked=asked, by=by, **said)

        found = together(*(lambda word=word: marked(word) for word in (f"N{uuid.uuid4()}", f"I{uuid.uuid4()}")))
        assert sorted(type(one).__name__ for one in found) == ["AccessRequest", "MarkedMeanwhileError"], found
