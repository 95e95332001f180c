"""A kept rule is the very rule: for anybody, at any moment, alone and inside others; what it cannot keep it refuses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from inspect import getmembers
from threading import Barrier
from typing import Any, Self

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.models import BooleanField, Exists, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from groups.models import Enrolment, Group
from groups.roles import Hat
from messaging.models import Handin, Image, Message, Placement, Post, Reply, Thread
from messaging.services.handins import return_handin
from messaging.services.posts import publish_post
from messaging.services.removal import remove_written
from moderation.models import DossierPiece, TrailEvent
from moderation.services.access_requests import draw_up
from moderation.services.measures import record_measure
from portal.core.actor import Actor
from portal.core.kept import forget, kept
from portal.core.models import User
from tests.cast import Cast
from tests.ground import GROUNDS, ground
from tests.moderation.asking import mark, start, submit
from tests.moderation.reporting import reported
from tests.scene import Scene, write

READERS = (
    *("mother", "father", "teacher", "teacher_who_is_parent", "directie", "former_parent", "teacher_elsewhere"),
    *("ict", "case_officer", "council_member"),
)
RULES: list[tuple[Any, str, tuple[str, ...]]] = [
    (Post, "visible_to", ()),
    (Post, "met_by", ()),
    (Post, "editable_by", ()),
    (Post, "answerable_by", ()),
    (Reply, "visible_to", ()),
    (Reply, "met_by", ()),
    (Reply, "hideable_by", ()),
    (Thread, "visible_to", ()),
    (Message, "visible_to", ()),
    (Message, "met_by", ()),
    (Placement, "posted_to", ()),
    (Placement, "said_to", ()),
    (Placement, "visible_to", ()),
    (Image, "visible_to", ()),
    (Thread, "writable_by", ()),
    (Thread, "joinable_by_directie", ()),
    (Thread, "steered_by", ()),
    (Message, "removable_by", ()),
    (Handin, "written_by", ()),
    (Handin, "judged_by", ()),
    (Handin, "visible_to", ()),
    (Handin, "approvable_by", ()),
    (Handin, "changeable_by", ()),
    (DossierPiece, "visible_to", ()),
    (TrailEvent, "visible_to", ()),
]


class Uncut(Value):
    """A reader no rule is kept for: each of them is composed anew, down to the last."""

    is_authenticated = True
    is_active = True

    @property
    def pk(self) -> int:
        return int(self.value)


def _judged() -> None:
    """Reported: words of a family, of staff and of the directie; two ask for access. Given back, and removed: one."""
    cast, now = Cast(), timezone.now()
    scene, handlers = write(cast, now), (cast.directie, cast.user("case_officer"))
    words: dict[str, Any] = {"title": "Let op", "text": "Zo.", "kind": "notice", "replies": "on", "hat": "staff"}
    [of_directie] = publish_post(groups=[cast.groep_4], by=cast.directie, now=now, **words)
    of_family, _, against = (reported(cast, content).case for content in (scene.reply, scene.post, of_directie))
    record_measure(case=of_family, kind="talk", words="Gesproken.", by=cast.directie, now=now)
    for case, handler in zip((of_family, against), handlers, strict=True):
        asked = start(case, handler)
        draw_up(asked=asked, by=handler, now=now)
        mark(asked, handler)
        submit(asked, handler)
    back = scene.draft_of_teacher
    return_handin(handin=back, version=back.version, word="Korter.", by=cast.directie, now=now)
    remove_written(written=scene.post_groep_5, reason="hurtful", by=cast.directie, now=now)


GROUNDS["judged_scene"] = _judged


@pytest.fixture
def judged_scene(cast: Cast) -> None:
    ground.made("judged_scene")


def found(rows: Any) -> list[int]:
    return sorted(rows.values_list("pk", flat=True))


@pytest.mark.parametrize(("model", "rule", "permission"), RULES, ids=lambda one: getattr(one, "__name__", None))
@pytest.mark.usefixtures("judged_scene")
def test_a_kept_rule_finds_what_the_composed_one_finds(
    cast: Cast, model: Any, rule: str, permission: tuple[str, ...]
) -> None:
    now, answers = timezone.now(), []
    asked = getattr(model.objects, rule)
    for name in READERS:
        user = cast.user(name)
        for hat in (*Hat, Hat.ANY):
            for moment in (now, now + timedelta(days=400)):
                answers.append(found(asked(Actor(user, hat, moment), *permission)))
                assert answers[-1] == found(asked(Actor(Uncut(user.pk), hat, moment), *permission))
    assert any(answers), "nobody finds anything: nothing was compared"
    assert [] in answers


def test_every_kept_rule_is_compared() -> None:
    """`_permitting` stands behind each power over a post; the rule about a no has a test of its own in `one_rule`."""
    compared = {(model.objects.all().__class__, rule) for model, rule, _ in RULES}
    querysets = {model.objects.all().__class__ for model in apps.get_models() if hasattr(model, "objects")}
    here = {(rows, name) for rows in querysets for name, rule in getmembers(rows) if getattr(rule, "is_kept", False)}
    behind = {(Post, "_permitting"), (Placement, "under_review_by")}
    assert here - compared == {(model.objects.all().__class__, rule) for model, rule in behind}


def test_what_is_kept_inside_itself_means_each_row_of_its_own(scene: Scene, cast: Cast) -> None:
    """The same rule three deep, each time about other rows: no name inside may catch a name from outside."""
    now = timezone.now()
    readable = Post.objects.visible_to(Actor(cast.mother, Hat.ANY, now))
    here = readable.filter(pk=OuterRef("pk"))
    siblings = readable.filter(Exists(readable.filter(pk=OuterRef("pk"))), group=OuterRef("group"))
    assert found(readable.filter(Exists(here))) == found(readable) != []
    assert found(Post.objects.filter(~Exists(here))) == found(Post.objects.exclude(pk__in=found(readable))) != []
    assert found(Post.objects.filter(Exists(siblings), Exists(here))) == found(readable)
    assert found(readable.filter(group__in=Group.objects.filter(posts__in=readable))) == found(readable)


def test_it_joins_with_other_conditions_as_any_does(scene: Scene, cast: Cast) -> None:
    now = timezone.now()
    teachers, mothers = (
        Placement.objects.posted_to(Actor(cast.user(name), Hat.ANY, now)) for name in ("teacher", "mother")
    )
    his, hers = set(found(teachers)), set(found(mothers))
    assert set() not in (his & hers, his - hers)
    assert set(found(teachers & mothers)) == his & hers
    assert set(found(teachers | mothers)) == his | hers
    assert set(found(teachers.exclude(pk__in=hers))) == his - hers
    assert teachers.filter(image__width__gt=0).count() == teachers.exclude(image__width=0).count() == len(his)


def test_two_threads_keep_one(cast: Cast) -> None:
    """Whichever was first: the names inside are the same from then on."""
    started, now, mother = Barrier(8), timezone.now(), cast.mother

    def asked(_: int) -> str:
        started.wait(10)
        return str(Image.objects.visible_to(Actor(mother, Hat.ANY, now)).query)

    Image.objects.visible_to(Actor(mother, Hat.ANY, now))
    forget()
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(asked, range(8)))) == 1


def test_its_names_are_its_own(scene: Scene, cast: Cast) -> None:
    sql = str(Image.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).query)
    assert " U0" not in sql
    assert sql.count('FROM "messaging_image"') == 1


def test_nobody_signed_in_is_answered_by_the_rule_itself(cast: Cast) -> None:
    assert found(Post.objects.visible_to(Actor(AnonymousUser(), Hat.ANY, timezone.now()))) == []


def test_after_forgetting_it_is_kept_anew(scene: Scene, cast: Cast) -> None:
    now = timezone.now()
    before = found(Image.objects.visible_to(Actor(cast.mother, Hat.ANY, now)))
    forget()
    assert found(Image.objects.visible_to(Actor(cast.mother, Hat.ANY, now))) == before != []


LATER, EARLIER = datetime(2100, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)


class Trial(models.QuerySet):
    """Rules that cannot be kept, and some that can; asked of enrolments."""

    @kept
    def in_group_of(self, school: Any) -> Self:
        return self.filter(group__school=school, child__school=school)

    @kept
    def in_groups_with_posts(self, user: Any) -> Self:
        return self.filter(group__posts__author=user)

    @kept
    def if_active(self, user: Any) -> Self:
        return self.filter(child__user=user.pk) if user.is_active else self.none()

    @kept
    def since_yesterday(self, now: datetime) -> Self:
        return self.filter(valid_from__gt=now - timedelta(days=1))

    @kept
    def until_the_end(self, now: datetime) -> Self:
        return self.filter(valid_from__lt=now) if now < LATER else self.none()

    @kept
    def after_the_beginning(self, now: datetime) -> Self:
        return self.filter(valid_from__lt=now) if now > EARLIER else self.none()

    @kept
    def in_november(self, now: datetime) -> Self:
        return self.filter(valid_from__lt=now) if now.month == 11 else self.none()

    @kept
    def tomorrow(self, now: datetime) -> Self:
        return self.filter(valid_from__lt=datetime.combine(now.date(), time.max, UTC))

    @kept
    def spelled_out(self, user: Any) -> Self:
        """Words that look like the names of tables inside, and like those of tables outside."""
        wanted = Group.objects.filter(RawSQL("'G4' <> 'U0.G4' AND \"roster_key\" = 'G4'", (), BooleanField()))
        there = RawSQL("'groups_enrolment.id' LIKE 'groups%%'", (), BooleanField())
        return self.filter(there, Exists(wanted.filter(pk=OuterRef("group"))))

    @kept
    def newest(self, user: Any) -> Self:
        return self.filter(child__user=user.pk)[:1]

    @kept
    def nobody(self, user: Any) -> Self:
        return self.filter(Q(pk__in=[]), child__user=user.pk)

    @kept
    def everybody(self, user: Any) -> Self:
        return self.all()


@pytest.fixture
def trial() -> Trial:
    return Trial(Enrolment)


def test_along_foreign_keys_it_joins_what_it_needs(cast: Cast, trial: Trial) -> None:
    here = Enrolment.objects.filter(group__school=cast.linde)
    assert found(trial.in_group_of(cast.linde)) == found(here) != []
    assert found(trial.filter(group__name="Groep 4").in_group_of(cast.linde)) == found(
        here.filter(group__name="Groep 4")
    )
    assert (
        found(trial.in_group_of(cast.berk)) == found(Enrolment.objects.filter(group__school=cast.berk)) != found(here)
    )


@pytest.mark.parametrize(
    ("rule", "why"),
    [("in_groups_with_posts", "foreign key"), ("newest", "more than filter")],
)
def test_what_does_more_than_judge_a_row_is_refused(cast: Cast, trial: Trial, rule: str, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        getattr(trial, rule)(cast.mother)


def test_a_rule_that_computes_with_an_argument_is_refused(db: None, trial: Trial) -> None:
    with pytest.raises(TypeError, match="computes"):
        trial.since_yesterday(timezone.now())


@pytest.mark.parametrize("rule", ["until_the_end", "after_the_beginning", "in_november", "tomorrow"])
def test_a_rule_that_looks_at_the_clock_is_refused(db: None, trial: Trial, rule: str) -> None:
    """It would hold for ever what it saw at one moment. Shown: a deadline that never came."""
    with pytest.raises(TypeError, match="moment"):
        getattr(trial, rule)(timezone.now())


def test_words_within_a_rule_stay_what_they_are(cast: Cast, trial: Trial) -> None:
    """Shown: 'G4' went to the database as 'k1G4'."""
    found_in_4 = found(trial.spelled_out(cast.mother))
    assert found_in_4 == found(Enrolment.objects.filter(group__roster_key="G4")) != []


def test_a_rule_that_looks_at_the_reader_is_refused(cast: Cast, trial: Trial) -> None:
    """It would hold for everybody what it saw of one."""
    with pytest.raises(User.DoesNotExist):
        trial.if_active(cast.mother)


def test_what_holds_for_no_row_or_for_all_is_asked_as_it_is(cast: Cast, trial: Trial) -> None:
    assert found(trial.nobody(cast.mother)) == []
    assert found(trial.everybody(cast.mother)) == found(Enrolment.objects.all()) != []


def test_a_page_of_rules_is_one_question(scene: Scene, cast: Cast, django_assert_num_queries: Any) -> None:
    now, mother, father = timezone.now(), cast.mother, cast.father
    found(Image.objects.visible_to(Actor(mother, Hat.ANY, now)))
    with django_assert_num_queries(1, connection=connection):
        found(Image.objects.visible_to(Actor(father, Hat.ANY, now + timedelta(hours=1))))
