"""One act on many things: each once or not at all, whatever happens meanwhile (POL-61, 62)."""

import re
from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.models import StaffAssignment, Telling
from groups.roles import Hat
from messaging.models import Placement, Reply
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import remove_written, retract_written
from messaging.writings.services.written import edit_words, hide_written, show_written
from moderation.cases.services.cases import close_case
from moderation.desk.services import bulk
from moderation.desk.services.bulk import (
    AT_A_TIME,
    AT_ONCE,
    MOST,
    NothingChosenError,
    TooManyError,
    begin_act,
    counts_of,
    ring_forgotten_acts,
    work_on_act,
)
from moderation.desk.views.content import ReplyList
from moderation.dossier.services.drawing import page_of
from moderation.models import BulkAct, BulkItem, Case, Measure, MeasureKind, Outcome
from portal.core import access, dossier
from portal.core.actor import Actor
from portal.core.models import AuditEvent, DossierEntry
from tests.cast import Cast
from tests.kept import ARRIVED, FORM
from tests.moderation.reporting import reported, visit
from tests.scene import Scene

WHY = "Dit kwetst."
TOLD = "Dit past niet bij onze afspraken."


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def replies(cast: Cast, scene: Scene, count: int) -> list[Reply]:
    now = timezone.now()
    said = (f"Nare woorden {number}" for number in range(count))
    return [publish_reply(post=scene.post, text=text, by=Actor(cast.mother, "family", now)) for text in said]


def cases_of(cast: Cast, written: Iterable[Reply]) -> list[Case]:
    return [reported(cast, one).case for one in written]


def begun(
    cast: Cast, rows: Iterable[Any], *, verb: str = "remove", kind: str = "reply", by: str = "directie"
) -> BulkAct:
    chosen = [row.pk for row in rows]
    now = timezone.now()
    return begin_act(
        verb=verb, kind=kind, chosen=chosen, reason=WHY, key=uuid4(), by=Actor(cast.user(by), Hat.ANY, now)
    )


def finished(act: BulkAct) -> BulkAct:
    """As often as a worker is rung."""
    for _ring in range(act.items.count()):
        work_on_act(act=act.pk, now=timezone.now())
    act.refresh_from_db()
    return act


def sealed(written: Iterable[Any]) -> list[int]:
    """How many entries each of these has."""
    return [DossierEntry.objects.filter(subject_uid=one.uid).count() for one in written]


def states(written: Iterable[Any]) -> list[str]:
    return [type(one).objects.get(pk=one.pk).state for one in written]


def test_what_stands_so_already_is_not_said_to_be_done(cast: Cast, scene: Scene) -> None:
    """Hidden by somebody else, it does not get these words; shown already, there is nothing to show."""
    first, second = replies(cast, scene, 2)
    hide_written(written=first, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    hiding = finished(begun(cast, [first, second], verb="hide"))
    assert counts_of(hiding) == {Outcome.ALREADY: 1, Outcome.DONE: 1}
    killed = BulkItem.objects.get(act=hiding, subject_id=second.pk)
    BulkItem.objects.filter(pk=killed.pk).update(outcome=Outcome.WAITING)
    BulkAct.objects.filter(pk=hiding.pk).update(finished_at=None)
    assert counts_of(finished(hiding)) == {Outcome.ALREADY: 1, Outcome.DONE: 1}
    show_written(written=first, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    showing = finished(begun(cast, [first, second], verb="show"))
    assert counts_of(showing) == {Outcome.ALREADY: 1, Outcome.DONE: 1}
    page = visit(cast, "directie").get(reverse("desk:act", args=[showing.uid])).content.decode()
    assert "stood so already" in page


@pytest.mark.parametrize("kind", ["reply", "case"])
@pytest.mark.parametrize(("verb", "turn"), [("hide", hide_written), ("show", show_written)])
def test_what_another_does_in_the_same_moment_is_not_said_to_be_done(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch, kind: str, verb: str, turn: Any
) -> None:
    """Between looking it up and holding it."""
    [reply] = replies(cast, scene, 1)
    by = Actor(cast.teacher, Hat.STAFF, timezone.now())
    [thing] = cases_of(cast, [reply]) if kind == "case" else [reply]
    if verb == "show":
        hide_written(written=reply, by=by)
    table = type(thing)

    def looked_up(*, pk: int) -> Any:
        found: Any = table.objects.select_related("writing" if kind == "case" else None).get(pk=pk)
        turn(written=reply, by=by)
        return found

    monkeypatch.setitem(bulk._THINGS, kind, SimpleNamespace(objects=SimpleNamespace(get=looked_up)))
    assert counts_of(begun(cast, [thing], verb=verb, kind=kind)) == {Outcome.ALREADY: 1}


def test_reported_replies_are_removed_each_with_its_own_copy(cast: Cast, scene: Scene) -> None:
    written = replies(cast, scene, AT_ONCE + 1)
    cases = cases_of(cast, written)
    act = begun(cast, cases, kind="case")
    assert act.finished_at is None
    assert states(written) == ["published"] * len(written)
    assert counts_of(finished(act)) == {Outcome.DONE: len(written)}
    assert act.finished_at is not None
    assert states(written) == ["removed"] * len(written)
    assert sealed(written) == [1] * len(written)
    assert Measure.objects.filter(case__in=cases, kind=MeasureKind.REMOVAL, words=WHY).count() == len(written)
    began = AuditEvent.objects.get(verb="desk.begun")
    assert began.facts == {"act": "remove", "kind": "case", "count": len(written)}


def test_few_things_are_done_before_the_page_is_back(cast: Cast, scene: Scene) -> None:
    act = begun(cast, replies(cast, scene, AT_ONCE))
    act.refresh_from_db()
    assert counts_of(act) == {Outcome.DONE: AT_ONCE}
    assert act.finished_at is not None


def test_a_worker_that_died_is_followed_by_another(cast: Cast, scene: Scene) -> None:
    """It was killed after the removal and before it wrote that down: not twice, and nothing forgotten."""
    written = replies(cast, scene, AT_ONCE + 2)
    act = begun(cast, written)
    long_ago = timezone.now() - timedelta(hours=1)
    BulkAct.objects.filter(pk=act.pk).update(claimed_at=long_ago, begun_at=long_ago)
    remove_written(written=written[0], reason=WHY, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert ring_forgotten_acts(now=timezone.now()) == 1
    assert counts_of(finished(act)) == {Outcome.DONE: len(written)}
    assert sealed(written) == [1] * len(written)
    assert ring_forgotten_acts(now=timezone.now()) == 0


def test_what_one_worker_has_in_hand_another_leaves(cast: Cast, scene: Scene) -> None:
    act = begun(cast, replies(cast, scene, AT_ONCE + 1))
    BulkAct.objects.filter(pk=act.pk).update(claimed_at=timezone.now())
    assert ring_forgotten_acts(now=timezone.now()) == 0
    work_on_act(act=act.pk, now=timezone.now())
    assert counts_of(act) == {Outcome.WAITING: AT_ONCE + 1}


def test_what_changes_meanwhile_is_kept_as_it_was_last(cast: Cast, scene: Scene) -> None:
    """Edited: the copy shows it. Taken back or removed by somebody else: told so, and the others go on."""
    written = replies(cast, scene, AT_ONCE + 3)
    edited, regretted, removed, *_rest = written
    cases_of(cast, [edited])
    act = begun(cast, written)
    now = timezone.now()
    edit_words(written=edited, text="Iets liever", version=edited.version, by=Actor(cast.mother, "family", now))
    retract_written(written=regretted, by=Actor(cast.mother, "family", now))
    remove_written(written=removed, reason="Een andere reden.", by=Actor(cast.teacher, Hat.STAFF, now))
    assert counts_of(finished(act)) == {Outcome.DONE: AT_ONCE + 1, Outcome.REFUSED: 1, Outcome.BEFORE: 1}
    assert sealed(written) == [1, 0, *[1] * (AT_ONCE + 1)]
    copy = dossier.read(DossierEntry.objects.get(subject_uid=edited.uid))
    assert copy is not None
    assert "Iets liever" in page_of(copy).decode()


def test_a_right_that_ended_meanwhile_leaves_everything(cast: Cast, scene: Scene) -> None:
    written = replies(cast, scene, AT_ONCE + 1)
    act = begun(cast, written)
    StaffAssignment.objects.filter(staff__user=cast.directie).update(valid_until=timezone.now())
    access.reproject(users=[cast.directie.pk])
    assert counts_of(finished(act)) == {Outcome.REFUSED: len(written)}
    assert states(written) == ["published"] * len(written)


def test_a_closed_case_is_left_as_it_is(cast: Cast, scene: Scene) -> None:
    written = replies(cast, scene, 2)
    first, second = cases_of(cast, written)
    close_case(case=first, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    act = begun(cast, [first, second], kind="case")
    assert counts_of(act) == {Outcome.CLOSED: 1, Outcome.DONE: 1}
    assert states(written) == ["published", "removed"]
    page = visit(cast, "directie").get(reverse("desk:act", args=[act.uid])).content.decode()
    assert "Its case is closed" in page
    assert reverse("moderation:case", args=[first.uid]) in page


def test_things_are_hidden_and_shown_again(cast: Cast, scene: Scene) -> None:
    for kind, written in (("reply", replies(cast, scene, 2)), ("post", [scene.post, scene.post_groep_5])):
        begun(cast, written, verb="hide", kind=kind)
        assert states(written) == ["hidden"] * 2
        begun(cast, written, verb="show", kind=kind)
        assert states(written) == ["published"] * 2
    placement = Placement.objects.get(writing=scene.post)
    begun(cast, [placement], kind="photo")
    placement.refresh_from_db()
    assert placement.dossier_entry is not None


def test_who_has_no_such_desk_changes_nothing(cast: Cast, scene: Scene) -> None:
    for by in ("directie_elsewhere", "teacher", "operator", "case_officer"):
        with pytest.raises(NothingChosenError):
            begun(cast, [scene.reply], by=by)
    assert not BulkAct.objects.exists()
    assert states([scene.reply]) == ["published"]


def test_more_than_fits_is_refused_whole(cast: Cast, scene: Scene) -> None:
    with pytest.raises(TooManyError):
        begin_act(
            verb="hide",
            kind="reply",
            chosen=range(MOST + 1),
            reason=WHY,
            key=uuid4(),
            by=Actor(cast.directie, Hat.ANY, timezone.now()),
        )


def test_first_the_number_then_the_reason_then_the_act(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    written = replies(cast, scene, 7)
    url = reverse("desk:reacties_verwijder")
    asked = client.post(url, {"chosen": [one.pk for one in written]})
    assert (asked.status_code, asked.context["count"], asked.context["more"]) == (200, 7, 2)
    assert states(written) == ["published"] * 7
    form = {"key": str(uuid4()), "chosen": asked.context["form"]["chosen"].value()}
    for missing in ({"reason": " ", "told": TOLD}, {"reason": WHY, "told": " "}):
        again = client.post(url, {**form, **missing})
        assert (again.status_code, BulkAct.objects.count()) == (422, 0)
    done = client.post(url, {**form, "reason": WHY, "told": TOLD})
    twice = client.post(url, {**form, "reason": WHY, "told": TOLD})
    act = BulkAct.objects.get()
    assert done["Location"] == twice["Location"] == reverse("desk:act", args=[act.uid])
    busy = client.get(done["Location"]).content.decode()
    assert "Kring begins in a moment." in busy
    assert client.get(reverse("desk:act_progress", args=[act.uid])).content == b"Kring begins in a moment."
    finished(act)
    assert client.get(reverse("desk:act_progress", args=[act.uid])).status_code == 204
    assert sealed(written) == [1] * 7
    told = Telling.objects.filter(kind="removed", about_uid__in=[one.uid for one in written])
    assert set(told.values_list("words", flat=True)) == {TOLD}


def test_what_was_put_back_meanwhile_does_not_go_from_an_old_page(cast: Cast, scene: Scene) -> None:
    client, written = visit(cast, "directie"), replies(cast, scene, 2)
    by, url = Actor(cast.directie, Hat.STAFF, timezone.now()), reverse("desk:reacties_verwijder")
    hide_written(written=written[0], by=by)
    asked = client.post(url, {"chosen": [one.pk for one in written]})
    form = {name: asked.context["form"][name].value() for name in ("key", "chosen", "stood")}
    show_written(written=written[0], by=by)
    sent = {**form, "reason": WHY, "told": TOLD}
    answer = client.post(url, sent)
    assert (answer.status_code, BulkAct.objects.count()) == (409, 0)
    assert "Something was done with these meanwhile. Open one and read what, and by whom." in answer.content.decode()
    links = re.findall(r'<li class="row row-top">.*?<a href="([^"]+)"', answer.content.decode(), re.DOTALL)
    assert len(links) == len(written)
    told = [client.get(link).context["history"] for link in links]
    assert ["showed a reply again"] in [[one.words for one in each][-1:] for each in told]
    assert WHY in answer.content.decode()
    again = {**sent, "stood": answer.context["form"]["stood"].value()}
    done, twice = client.post(url, again), client.post(url, again)
    assert done["Location"] == twice["Location"] == reverse("desk:act", args=[BulkAct.objects.get().uid])
    assert sealed(written) == [1] * 2


def test_the_reason_stays_in_the_tab_for_just_these_until_it_begins(cast: Cast, scene: Scene) -> None:
    """Chosen once more after the session ended, it stands there again; about something else it does not."""
    client, url = visit(cast, "directie"), reverse("desk:reacties_verwijder")
    one, two = replies(cast, scene, 2)
    asked = [client.post(url, {"chosen": chosen}) for chosen in (one.pk, one.pk, two.pk)]
    first, again, other = (FORM.search(answer.content.decode())[1] for answer in asked)  # type: ignore[index]
    assert first == again != other
    sent = {"key": str(uuid4()), "chosen": one.pk, "reason": WHY, "told": TOLD, "kept": first}
    assert ARRIVED.findall(client.post(url, sent, follow=True).content.decode()) == [first]


def test_a_whole_list_is_what_its_filters_leave(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    cases_of(cast, [written := replies(cast, scene, 2)[0]])
    asked = client.post(reverse("desk:reacties_verberg"), {"everything": "1", "ask": "gemeld=True"})
    assert asked.context["form"]["chosen"].value() == str(written.pk)


def test_what_is_of_another_school_counts_as_missing_and_changes_nothing(cast: Cast, scene: Scene) -> None:
    client = visit(cast, "directie")
    answers = []
    for sent in (scene.reply_elsewhere.pk, 10**9, "x", 10**40):
        first = client.post(reverse("desk:reacties_verwijder"), {"chosen": sent})
        then = client.post(reverse("desk:reacties_verwijder"), {"chosen": sent, "key": str(uuid4()), "reason": WHY})
        answers.append([(one.status_code, one["Location"]) for one in (first, then)])
    assert answers == [[(302, reverse("desk:reacties"))] * 2] * 4
    assert not BulkAct.objects.exists()
    both = client.post(reverse("desk:reacties_verberg"), {"chosen": [scene.reply_elsewhere.pk, scene.reply.pk]})
    assert both.context["form"]["chosen"].value() == str(scene.reply.pk)


def test_the_work_of_another_is_not_there(cast: Cast, scene: Scene) -> None:
    act = begun(cast, [scene.reply], verb="hide")
    for name in ("directie_elsewhere", "case_officer", "mother"):
        client = visit(cast, name)
        assert client.get(reverse("desk:act", args=[act.uid])).status_code == 404
        assert client.get(reverse("desk:act_progress", args=[act.uid])).status_code == 404


@pytest.mark.long
def test_five_hundred_reported_replies(cast: Cast, scene: Scene) -> None:
    """Every one in the dossier, or still there: with a kill in the middle, an edit and a refusal."""
    written = replies(cast, scene, 500)
    act = begun(cast, cases_of(cast, written), kind="case")
    work_on_act(act=act.pk, now=timezone.now())
    assert counts_of(act) == {Outcome.DONE: AT_A_TIME, Outcome.WAITING: 500 - AT_A_TIME}
    killed = BulkItem.objects.filter(act=act, outcome=Outcome.DONE).first()
    BulkItem.objects.filter(pk=killed.pk).update(outcome=Outcome.WAITING)
    BulkAct.objects.filter(pk=act.pk).update(claimed_at=timezone.now() - timedelta(hours=1))
    close_case(case=Case.objects.get(writing=written[300]), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    finished(act)
    assert counts_of(act) == {Outcome.DONE: 499, Outcome.CLOSED: 1}
    for state, entries in zip(states(written), sealed(written), strict=True):
        assert (state, entries) in {("removed", 1), ("published", 0)}
    assert states(written).count("removed") == 499


def test_the_way_back_from_an_act_keeps_the_filters_and_the_page(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the list, from the page of one thing, and where nothing was chosen; of another list nothing comes along."""
    client, url = visit(cast, "directie"), reverse("desk:reacties_verberg")
    [*_, last] = replies(cast, scene, 3)
    monkeypatch.setattr(ReplyList, "per_page", 1)
    ask = "stand=published&pagina=2"
    back = f"{reverse('desk:reacties')}?{ask}"

    def ways_back(answer: Any) -> set[str]:
        return set(re.findall(r'<a class="btn[^"]*" href="([^"]*reacties/[^"]*)"', answer.content.decode()))

    row = client.get(back).context["lines"][0]
    one = client.get(row.url)
    assert ways_back(one) == {back.replace("&", "&amp;")}
    assert '<input type="hidden" name="ask" value="stand=published&amp;pagina=2">' in one.content.decode()
    asked = client.post(url, {"chosen": last.pk, "ask": ask})
    assert ways_back(asked) == {back.replace("&", "&amp;")}
    form = {name: asked.context["form"][name].value() for name in ("key", "chosen", "stood")}
    assert '<input type="hidden" name="ask" value="stand=published&amp;pagina=2">' in asked.content.decode()
    done = client.post(url, {**form, "reason": WHY, "told": TOLD, "ask": ask}, follow=True)
    assert ways_back(done) == {back.replace("&", "&amp;")}
    assert client.post(url, {"ask": ask})["Location"] == back
    assert client.post(url, {"chosen": last.pk, "ask": "zomaar=1"}).context["back_url"] == reverse("desk:reacties")
