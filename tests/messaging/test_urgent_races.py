"""Two hands at once: three places stay three, and one form sends one message."""

from uuid import uuid4

from django.utils import timezone

from groups.models import Group, GroupKind
from groups.roles import Hat, Role
from messaging.models import UrgentDeputy, UrgentMessage
from messaging.urgent.services.deputies import NoPlaceError, name_deputy
from messaging.urgent.services.sending import UrgentDraft, send_urgent
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.models import OutboxItem
from portal.core.submissions import AlreadySubmittedError
from tests import rows
from tests.cast import Cast
from tests.races import on_postgresql, together
from tests.share import share

TIMES = share(9)


@on_postgresql
def test_of_five_named_at_once_three_have_a_place(cast: Cast) -> None:
    by = Actor(cast.directie, Hat.STAFF, timezone.now())
    names = [f"Naam{number}" for number in range(5)]
    five = [
        rows.staff(cast.linde, name, Role.TEACHER, cast.groep_4, user=rows.account(f"{name}@x.example"))
        for name in names
    ]
    access.follow_tasks(school=cast.linde, by=clock(by.now))
    for _ in range(TIMES):
        UrgentDeputy.objects.all().delete()
        found = together(*(lambda one=one: name_deputy(staff=one, by=by) for one in five))
        assert sorted(type(one).__name__ for one in found) == ["NoPlaceError"] * 2 + ["UrgentDeputy"] * 3, found
        assert sorted(UrgentDeputy.objects.values_list("place", flat=True)) == [1, 2, 3]
    assert issubclass(NoPlaceError, Exception)


@on_postgresql
def test_one_form_sent_by_two_hands_goes_once(cast: Cast) -> None:
    by = Actor(cast.directie, Hat.STAFF, timezone.now())
    school = Group.objects.get(school=cast.linde, kind=GroupKind.SCHOOL, school_year=cast.groep_4.school_year)
    for time in range(TIMES):
        OutboxItem.objects.all().delete()
        draft, key = UrgentDraft(school, f"Storm {time}", "Kom.", "Code rood."), uuid4()
        one, other = together(
            *[lambda d=draft, k=key: send_urgent(school=cast.linde, draft=d, submission_key=k, by=by)] * 2
        )
        assert {type(one), type(other)} - {AlreadySubmittedError} == {UrgentMessage.post.field.related_model}
        assert AlreadySubmittedError in {type(one), type(other)}
        assert UrgentMessage.objects.filter(post__title=draft.title).count() == 1
        mails = OutboxItem.objects.filter(kind="urgent")
        assert mails.count() == mails.values("recipient").distinct().count() > 0
