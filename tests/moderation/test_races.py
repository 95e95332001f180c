"""Two hands at once: many people report one thing, and one person twice; always one open case (POL-60)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from groups.roles import Hat
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from moderation.access_requests.services.access_requests import OpenRequestError, ask_access
from moderation.cases.services.cases import OpenAlreadyError, close_case, reopen_case
from moderation.cases.services.reports import report_content, report_person
from moderation.models import AccessRequest, Case, Report
from portal.core.actor import Actor
from tests.cast import Cast
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
