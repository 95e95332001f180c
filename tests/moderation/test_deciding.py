"""A case reads as one page and one form: one decision, what it does, and what was done (POL-61, 62, 63, 66)."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Restriction, Telling
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat, Role
from messaging.models import Reply, WritingState
from messaging.removing.services.removal import retract_written
from messaging.writings.services.written import NameInItError, hide_written
from moderation.cases.domain.letters import templates_for
from moderation.cases.services.cases import CaseClosedError, close_case, reopen_case
from moderation.cases.services.deciding import (
    CaseDecision,
    NothingDecidedError,
    NotUntrueError,
    StillAwayError,
    decide_case,
)
from moderation.cases.services.letters import draft_letter, write_letter
from moderation.cases.services.measures import NotToldError, record_measure
from moderation.cases.services.notes import ready_words
from moderation.frequency.services.figures import figures_for
from moderation.models import Case, KindNote, Letter, Measure
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import DossierEntry, OutboxItem, User
from tests import canaries
from tests.cast import Cast
from tests.moderation.reporting import person_reported, photo_in, reported, visit
from tests.moderation.test_dossier_pages import come_in
from tests.scene import Scene

WHY = "Zo praten wij niet met elkaar."


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture
def case(cast: Cast, scene: Scene) -> Case:
    """The father of Noor doubts what her mother replied in groep 4."""
    return reported(cast, scene.reply).case


def decide(cast: Cast, case: Case, *, by: str = "directie", **decision: Any) -> None:
    current = Case.objects.get(pk=case.pk)
    decide_case(case=current, decision=CaseDecision(**decision), by=Actor(cast.user(by), Hat.ANY, timezone.now()))


def test_nothing_is_chosen_before_somebody_chooses(cast: Cast, case: Case) -> None:
    page = reverse("moderation:case", args=[case.uid])
    client = visit(cast, "directie")
    html = client.get(page).content.decode()
    assert " checked" not in html
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"choice": "keep"}).status_code == 422
    assert Case.objects.get(pk=case.pk).is_open


@pytest.mark.parametrize("choice", ["hide", "gone"])
def test_what_is_taken_away_is_told_or_it_is_said_why_not_yet(
    cast: Cast, scene: Scene, case: Case, choice: str
) -> None:
    with pytest.raises(NotToldError):
        decide(cast, case, choice=choice, reason="Kwetsend.")
    assert Reply.objects.get(pk=scene.reply.pk).state == WritingState.PUBLISHED
    decide(cast, case, choice=choice, withheld_because="Gevaar.")
    assert Telling.objects.get(case_uid=case.uid).withheld_because == "Gevaar."


def test_without_another_reason_the_dossier_keeps_what_the_person_reads(cast: Cast, case: Case) -> None:
    decide(cast, case, choice="gone", told=WHY)
    assert (DossierEntry.objects.get().reason, Measure.objects.get().words) == (WHY, WHY)


def test_a_kind_word_about_what_is_gone_for_good_asks_for_no_change(cast: Cast, case: Case) -> None:
    """Nothing stands there any more that could be changed or taken away."""
    decide(cast, case, choice="gone", told=WHY, kind_word="Zullen we bellen?")
    _, spoken = Telling.objects.filter(case_uid=case.uid).order_by("pk")
    assert (spoken.words, spoken.still) == ("Zullen we bellen?", "")


def test_nor_does_one_about_what_its_writer_took_back(cast: Cast, scene: Scene, case: Case) -> None:
    Reply.objects.filter(pk=scene.reply.pk).update(state=WritingState.RETRACTED, retracted_at=timezone.now())
    decide(cast, case, kind_word="Zullen we bellen?")
    assert [(one.words, one.still) for one in Telling.objects.filter(case_uid=case.uid)] == [("Zullen we bellen?", "")]


def test_leaving_it_as_it_is_says_nothing_and_needs_an_end(cast: Cast, scene: Scene, case: Case) -> None:
    with pytest.raises(NothingDecidedError):
        decide(cast, case, choice="keep", told=WHY)
    decide(cast, case, choice="keep", closes=True)
    assert (Case.objects.get(pk=case.pk).state, Telling.objects.filter(case_uid=case.uid).exists()) == ("closed", False)
    assert OutboxItem.objects.filter(kind="report_handled").count() == 1


def test_away_for_now_is_not_the_end(cast: Cast, scene: Scene, case: Case) -> None:
    """Not in one step, and not in two: first it comes back or goes for good."""
    with pytest.raises(StillAwayError):
        decide(cast, case, choice="hide", told=WHY, closes=True)
    assert Reply.objects.get(pk=scene.reply.pk).state == WritingState.PUBLISHED
    decide(cast, case, choice="hide", told=WHY)
    for choice in ("", "keep"):
        with pytest.raises(StillAwayError):
            decide(cast, case, choice=choice, closes=True)
    assert Case.objects.get(pk=case.pk).is_open
    decide(cast, case, choice="show", closes=True)
    assert not Case.objects.get(pk=case.pk).is_open


def test_one_form_does_all_three(cast: Cast, scene: Scene, case: Case) -> None:
    page = reverse("moderation:case", args=[case.uid])
    client = visit(cast, "directie")
    key = client.get(page).context["form"].initial["key"]
    sent = {
        "choice": "gone",
        "told": WHY,
        "speaks": "on",
        "kind_word": "Zullen we bellen?",
        "closes": "on",
        "key": str(key),
    }
    answers = [client.post(page, sent) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {page}
    kinds = Telling.objects.filter(case_uid=case.uid).order_by("pk").values_list("kind", "words")
    assert list(kinds) == [("removed", WHY), ("word", "Zullen we bellen?")]
    assert (KindNote.objects.count(), Case.objects.get(pk=case.pk).state) == (1, "closed")


def test_what_is_typed_for_another_choice_does_not_count(cast: Cast, case: Case) -> None:
    page = reverse("moderation:case", args=[case.uid])
    sent = {"choice": "keep", "told": WHY, "kind_word": "Dag!", "closes": "on"}
    assert visit(cast, "directie").post(page, sent).status_code == 302
    assert not Telling.objects.filter(case_uid=case.uid).exists()


def test_a_teacher_is_asked_what_a_teacher_may(cast: Cast, scene: Scene, case: Case) -> None:
    """Of a person, and of a message in a conversation, nothing is hidden; a person is not taken away."""

    def offered(one: Case, by: str) -> list[str]:
        form = visit(cast, by).get(reverse("moderation:case", args=[one.uid])).context["form"]
        return [value for value, _label in form.fields["choice"].choices] if "choice" in form.fields else []

    assert offered(case, "teacher") == offered(case, "directie") == ["keep", "hide", "gone"]
    assert offered(person_reported(cast, scene.reply).case, "directie") == []
    hide_written(written=scene.reply, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert offered(case, "directie") == ["keep", "show", "gone"]
    assert offered(case, "teacher") == ["keep", "gone"]


def test_what_was_done_stands_there_at_once_and_in_order(cast: Cast, scene: Scene, case: Case) -> None:
    """Also what was done where the text stands, without this case: that it was, and nothing of what was said."""
    page = reverse("moderation:case", args=[case.uid])
    client = visit(cast, "directie")
    hide_written(written=scene.reply, by=Actor(cast.teacher, Hat.STAFF, timezone.now()))
    client.post(page, {"choice": "show"})
    client.post(page, {"choice": "hide", "told": WHY, "speaks": "on", "kind_word": "Dag!"})
    client.post(page, {"choice": "show", "closes": "on"})
    answer = client.get(page)
    rows = [(one.what, bool(one.telling)) for one in answer.context["history"]]
    assert rows == [
        ("Taken away for now", False),
        ("Put back", True),
        ("Taken away for now", True),
        ("A kind word", True),
        ("Put back", True),
        ("Handled", False),
    ]
    assert WHY in answer.content.decode()


def test_a_closed_case_decides_nothing(cast: Cast, case: Case) -> None:
    page = reverse("moderation:case", args=[case.uid])
    decide(cast, case, choice="keep", closes=True)
    client = visit(cast, "directie")
    assert client.get(page).context["form"] is None
    assert client.post(page, {"choice": "hide", "told": WHY})["Location"] == page
    assert not Telling.objects.filter(case_uid=case.uid).exists()


def test_who_reported_is_told_as_many_as_the_button_says(cast: Cast, scene: Scene, case: Case) -> None:
    reported(cast, scene.reply, "parent_of_two")
    html = visit(cast, "directie").get(reverse("moderation:case", args=[case.uid])).content.decode()
    assert "The 2 people who reported it hear that you looked, not what you did." in html
    decide(cast, case, choice="keep", closes=True)
    assert OutboxItem.objects.filter(kind="report_handled").count() == 2


def test_what_proved_untrue_is_undone_told_and_counts_nowhere(cast: Cast, scene: Scene, case: Case) -> None:
    now = timezone.now()
    by = Actor(cast.directie, Hat.ANY, now)
    decide(cast, case, choice="hide", told=WHY)
    until = {"until": at_school(now).date(), "told": WHY, "heard": True}
    record_measure(case=case, kind="suspended", words="Om.", **until, by=by)
    for wrong in ({"choice": "keep"}, {"choice": "gone", "told": WHY, "closes": True}):
        with pytest.raises(NotUntrueError):
            decide(cast, case, kind_word="Dag!", is_untrue=True, **wrong)
    decide(cast, case, choice="keep", closes=True, is_untrue=True)
    closed = Case.objects.get(pk=case.pk)
    assert (closed.is_open, closed.is_untrue) == (False, True)
    assert Reply.objects.get(pk=scene.reply.pk).state == WritingState.PUBLISHED
    assert not Restriction.objects.against(cast.mother, now=timezone.now()).exists()
    kinds = Telling.objects.filter(case_uid=case.uid).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["hidden", "suspended", "shown", "restored", "untrue"]
    reopen_case(case=closed, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert not Case.objects.get(pk=case.pk).is_untrue


def test_who_else_handles_it_is_told_each_time_it_is_opened_again(cast: Cast, case: Case) -> None:
    """By mail, once for each time; who opens it knows. Said twice it is one mail."""
    opened = OutboxItem.objects.filter(kind="case_opened", subject_uid=case.uid)
    first = sorted(opened.values_list("recipient__email", flat=True))
    told = [cast.teacher.email, cast.user("substitute").email]
    assert first == sorted([*told, cast.directie.email])
    for number in (1, 2):
        decide(cast, case, choice="keep", closes=True)
        for _ in range(2):
            reopen_case(case=Case.objects.get(pk=case.pk), by=Actor(cast.directie, Hat.ANY, timezone.now()))
        assert sorted(opened.values_list("recipient__email", flat=True)) == sorted([*first, *told * number])


def test_who_is_second_reads_that_a_colleague_closed_it(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the same moment: a measure, a letter and a decision say so, and were a page without access."""
    sent = {
        "case": {"choice": "keep", "closes": "on"},
        "measure": {"kind": "note", "words": "Genoteerd."},
        "new_letter": {"title": "Brief", "text": "Beste."},
    }
    client = visit(cast, "directie")
    said = "This case is closed. Open it again first."

    def post(name: str) -> HttpResponse:
        page = reverse(f"moderation:{name}", args=[case.uid])
        query = f"?brief={templates_for('family')[0].key}" if name == "new_letter" else ""
        return client.post(page + query, sent[name], follow=True)

    close_case(case=case, by=Actor(cast.teacher, Hat.ANY, timezone.now()))
    assert [said in post(name).content.decode() for name in sent] == [True] * 3
    reopen_case(case=case, by=Actor(cast.teacher, Hat.ANY, timezone.now()))

    def too_late(case: Case, *, by: Actor, **_: Any) -> Case:
        raise CaseClosedError

    for where in ("measures", "letters"):
        monkeypatch.setattr(f"moderation.cases.services.{where}.held", too_late)
    monkeypatch.setattr("moderation.cases.views.cases.decide_case", lambda **_: too_late(case, by=None))
    assert [said in post(name).content.decode() for name in sent] == [True] * 3


def test_who_is_second_to_take_it_away_is_not_told_that_the_own_words_went(cast: Cast, case: Case) -> None:
    """Another tab, or a colleague: of this form nothing was done, and "This was done already" said it was."""
    page = reverse("moderation:case", args=[case.uid])
    decide(cast, case, choice="hide", told=WHY)
    sent = {"choice": "hide", "told": "In andere woorden.", "speaks": "on", "kind_word": "Zullen we bellen?"}
    answer = visit(cast, "directie").post(page, sent, follow=True)
    assert [str(said) for said in answer.context["messages"]] == [
        "It was taken away already. Below you read what was done."
    ]
    assert list(Telling.objects.filter(case_uid=case.uid).values_list("words", flat=True)) == [WHY]


MEANWHILE = "Something was done about this meanwhile. Below you read what, and by whom."


def stood_on(client: Client, page: str) -> str:
    found = re.search(r'name="stood" value="([^"]*)"', client.get(page).content.decode())
    return found[1] if found else ""


def test_what_was_put_back_meanwhile_does_not_go_from_an_old_tab(cast: Cast, case: Case) -> None:
    """It went for good, without a word about who had put it back."""
    page, client = reverse("moderation:case", args=[case.uid]), visit(cast, "directie")
    decide(cast, case, choice="hide", told=WHY)
    sent = {"choice": "gone", "told": WHY, "stood": stood_on(client, page)}
    decide(cast, case, choice="show")
    answer = client.post(page, sent)
    assert (answer.status_code, DossierEntry.objects.count()) == (409, 0)
    assert MEANWHILE in answer.content.decode()
    assert WHY in answer.content.decode()
    assert client.post(page, sent | {"stood": stood_on(client, page)}).status_code == 302
    assert DossierEntry.objects.count() == 1


def test_a_second_kind_word_goes_only_after_the_first_was_read(cast: Cast, case: Case) -> None:
    """From another tab, or of a colleague; a double click is one and says that it was sent."""
    page, client = reverse("moderation:case", args=[case.uid]), visit(cast, "directie")
    stood, key = stood_on(client, page), str(uuid4())
    sent = {"choice": "keep", "speaks": "on", "kind_word": "Zullen we bellen?", "stood": stood}
    for _ in range(2):
        answer = client.post(page, {**sent, "key": key}, follow=True)
        assert "Your kind word has been sent." in answer.content.decode()
    answer = client.post(page, {**sent, "key": str(uuid4())})
    assert (answer.status_code, KindNote.objects.count()) == (409, 1)
    assert MEANWHILE in answer.content.decode()
    assert client.post(page, {**sent, "key": str(uuid4()), "stood": stood_on(client, page)}).status_code == 302
    assert KindNote.objects.count() == 2


def test_a_limit_of_a_colleague_is_not_replaced_from_an_old_tab(cast: Cast, case: Case) -> None:
    """A shorter one took its place without a word. Who goes back after sending and writes on is no such page."""
    pages = {name: reverse(f"moderation:{name}", args=[case.uid]) for name in ("measure", "new_letter")}
    client, today = visit(cast, "directie"), at_school(timezone.now()).date()
    letter = f"{pages['new_letter']}?brief={templates_for('family')[0].key}"
    stood, of_letter, key = stood_on(client, pages["measure"]), stood_on(client, letter), str(uuid4())
    limit = {"kind": "suspended", "until": today + timedelta(days=9), "heard": True, "told": WHY}
    by = Actor(come_in("tweede", Role.DIRECTIE, cast), Hat.ANY, timezone.now())
    record_measure(case=case, words="Negen dagen.", by=by, **limit)
    sent = {**limit, "kind": "limited", "until": today.isoformat(), "heard": "on", "words": "Eén dag.", "stood": stood}
    answer = client.post(pages["measure"], {**sent, "key": key})
    assert (answer.status_code, Measure.objects.count()) == (409, 1)
    assert {text in answer.content.decode() for text in (WRITTEN_MEANWHILE, "Eén dag.")} == {True}
    late = client.post(letter, {"title": "Dag", "text": "Wij spraken u.", "stood": of_letter})
    assert (late.status_code, WRITTEN_MEANWHILE in late.content.decode(), Letter.objects.count()) == (409, True, 0)
    again = answer.context["form"]["stood"].value()
    assert client.post(pages["measure"], {**sent, "key": key, "stood": again}).status_code == 302
    on = {**sent, "kind": "note", "words": "Nog iets.", "key": key, "stood": again}
    assert client.post(pages["measure"], on).status_code == 302
    assert list(Measure.objects.order_by("pk").values_list("kind", flat=True)) == ["suspended", "limited", "note"]
    canaries.leaks.clear()  # who handles it reads what its writer gets


WRITTEN_MEANWHILE = "Something was written down here meanwhile. Open the case and read what, and by whom."


def test_a_name_that_may_not_be_shown_is_said_on_the_form(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(cast, case, choice="hide", told=WHY)

    def named(**_: Any) -> None:
        raise NameInItError

    monkeypatch.setattr("moderation.cases.services.cases.show_written", named)
    page = reverse("moderation:case", args=[case.uid])
    answer = visit(cast, "directie").post(page, {"choice": "show"})
    assert answer.status_code == 422
    assert "A child in it may not be named now." in answer.content.decode()


def test_taken_away_for_now_and_closed_in_one_says_that_the_case_stays_open(cast: Cast, case: Case) -> None:
    """It said that she cannot put it back, and to leave the case to the management: that is she."""
    page = reverse("moderation:case", args=[case.uid])
    answer = visit(cast, "directie").post(page, {"choice": "hide", "told": WHY, "closes": "on"}).content.decode()
    assert ("the case stays open. Do not close it yet." in answer, "you cannot put it back" in answer) == (True, False)


def test_what_a_colleague_took_away_since_the_page_was_read_keeps_the_case_open(
    cast: Cast, scene: Scene, case: Case
) -> None:
    """It was closed while its text was away; what proved untrue comes back first."""
    seen, by = Case.objects.select_related("writing").get(pk=case.pk), Actor(cast.directie, Hat.ANY, timezone.now())
    assert seen.written
    assert not seen.written.is_hidden
    hide_written(written=scene.reply, by=Actor(cast.teacher, Hat.STAFF, timezone.now()))
    with pytest.raises(StillAwayError):
        decide_case(case=seen, decision=CaseDecision(choice="keep", closes=True), by=by)
    assert Case.objects.get(pk=case.pk).is_open
    decide_case(case=seen, decision=CaseDecision(choice="keep", closes=True, is_untrue=True), by=by)
    reply = Reply.objects.get(pk=scene.reply.pk)
    assert (Case.objects.get(pk=case.pk).is_open, reply.state) == (False, WritingState.PUBLISHED)


@pytest.mark.parametrize("more", [{}, {"is_untrue": "on"}])
def test_who_stands_in_and_cannot_put_it_back_reads_for_whom_the_case_waits(
    cast: Cast, case: Case, more: dict[str, str]
) -> None:
    """The only directie has a limit: the case officer handles the case, and moderates no group."""
    decide(cast, case, choice="hide", told=WHY)
    now = timezone.now()
    limit = {"kind": "limited", "until": now + timedelta(days=3), "case_uid": uuid4()}
    restrict_person(person=cast.directie, school=cast.linde, **limit, by=Actor(cast.case_officer, Hat.STAFF, now))
    page = reverse("moderation:case", args=[case.uid])
    answer = visit(cast, "case_officer").post(page, {"closes": "on", **more})
    said = "you cannot put it back. Leave the case open for the school management."
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    canaries.leaks.clear()  # who handles a case reads that one message
    assert Case.objects.get(pk=case.pk).is_open


def test_who_was_told_nothing_hears_nothing_of_what_proved_untrue(cast: Cast, case: Case) -> None:
    decide(cast, case, choice="keep", closes=True, is_untrue=True)
    assert not Telling.objects.filter(case_uid=case.uid).exists()


def test_what_proved_untrue_leaves_the_figures(cast: Cast, scene: Scene, case: Case) -> None:
    """Asked of the rows that are counted: a number under five is not shown."""
    by = Actor(cast.directie, Hat.ANY, timezone.now() + timedelta(days=7))

    def counted() -> list[int]:
        return [one.reports for one in figures_for(by, cast.linde).groups if one.group == cast.groep_4]

    before = counted()
    assert before == [1]
    decide(cast, case, choice="keep", closes=True, is_untrue=True)
    assert [one - 1 for one in before] == counted()


def test_who_does_not_lead_the_case_undoes_nothing(cast: Cast, case: Case) -> None:
    with pytest.raises(PermissionDenied):
        decide(cast, case, by="teacher", choice="keep", closes=True, is_untrue=True)
    page = reverse("moderation:case", args=[case.uid])
    assert "is_untrue" not in visit(cast, "teacher").get(page).context["form"].fields
    assert "is_untrue" in visit(cast, "directie").get(page).context["form"].fields


@pytest.mark.parametrize("choice", ["hide", "gone"])
def test_decided_from_a_page_of_before_its_writer_took_it_back_says_what_was_done(
    cast: Cast, scene: Scene, case: Case, choice: str
) -> None:
    client, page = visit(cast, "directie"), reverse("moderation:case", args=[case.uid])
    stood = client.get(page).context["form"]["stood"].value()
    retract_written(written=scene.reply, by=Actor(cast.mother, Hat.FAMILY, timezone.now()))
    answer = client.post(page, {"choice": choice, "told": WHY, "reason": WHY, "stood": stood}, follow=True)
    assert answer.status_code == (409 if choice == "hide" else 200)
    assert "A copy is in the dossier." in answer.content.decode()
    assert not Telling.objects.filter(case_uid=case.uid).exists()


def test_a_photo_is_put_away_with_its_message_and_the_page_says_so(cast: Cast, scene: Scene) -> None:
    photo = photo_in(scene.post)
    case = reported(cast, photo).case
    page, client = reverse("moderation:case", args=[case.uid]), visit(cast, "directie")
    html = client.get(page).content.decode()
    assert "The whole message goes, with all its photos and replies." in html
    assert re.search(r"Take 1 message away for now.*Take 1 photo away for good", html, re.DOTALL)
    assert "A photo with your message was taken away" in html
    decide(cast, case, choice="hide", told=WHY)
    decide(cast, case, choice="gone", told=WHY)
    html = client.get(page).content.decode()
    assert ("hidden: parents do not see this" in html, "Put 1 message back" in html) == (True, True)
    closing = {"choice": "keep", "closes": "on", "key": str(uuid4()), "stood": stood_on(client, page)}
    assert "The message is away for now. Put it back first." in client.post(page, closing).content.decode()


@pytest.mark.parametrize("hat", [Hat.FAMILY, Hat.STAFF])
def test_a_kind_word_begins_with_what_it_is_about(cast: Cast, hat: Hat) -> None:
    """Of a person nobody read anything; of a photo nobody read words."""
    begins = {
        about: ready_words(to=cast.mother, hat=hat, about=about, name="Karima", sender="Dirk").splitlines()[2]
        for about in ("reply", "photo", "person")
    }
    assert begins["reply"].startswith("Ik las wat")
    assert begins["photo"].startswith("Ik zag een foto")
    assert begins["person"].startswith("Ik hoorde iets")


def test_a_measure_says_at_once_all_that_it_lacks(cast: Cast, case: Case) -> None:
    page = visit(cast, "directie").post(reverse("moderation:measure", args=[case.uid]), {"kind": "suspended"})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"words", "heard", "told", "until"})


def test_put_back_twice_says_that_it_was_put_back_already(cast: Cast, case: Case) -> None:
    """A double click read that something was done meanwhile, and to do it again."""
    page, client = reverse("moderation:case", args=[case.uid]), visit(cast, "directie")
    decide(cast, case, choice="hide", told=WHY)
    sent = {"choice": "show", "stood": stood_on(client, page)}
    said = [list(map(str, client.post(page, sent, follow=True).context["messages"])) for _ in range(2)]
    assert said == [
        ["Everybody in the group reads this again."],
        ["It was put back already. Below you read what was done."],
    ]


def test_of_a_kind_word_to_a_closed_account_nobody_is_told_that_it_was_sent(cast: Cast, case: Case) -> None:
    User.objects.filter(pk=case.about_id).update(is_active=False)
    page, client = reverse("moderation:case", args=[case.uid]), visit(cast, "directie")
    said = "This account is closed: nobody reads it in Kring."
    for url in (page, reverse("moderation:measure", args=[case.uid])):
        assert said in client.get(url).content.decode()
    answer = client.post(page, {"choice": "keep", "speaks": "on", "kind_word": "Zullen we bellen?"}, follow=True)
    [told] = [str(one) for one in answer.context["messages"]]
    assert told.startswith(said)


def test_a_letter_says_who_wrote_it_and_the_same_words_stand_there_once(cast: Cast, case: Case) -> None:
    """What the person reads was the reason as well, and stood there twice."""
    now = timezone.now()
    write_letter(case=case, template="gesprek", title="Brief", text="Beste.", by=Actor(cast.directie, Hat.ANY, now))
    decide(cast, case, choice="gone", told=WHY)
    answer = visit(cast, "directie").get(reverse("moderation:case", args=[case.uid]))
    letter, removal = answer.context["history"]
    assert (letter.by, bool(removal.measure)) == (letter.telling.author_name, True)
    assert letter.by
    assert answer.content.decode().count(WHY) == 1


def test_no_letter_says_of_somebody_who_wrote_nothing_that_it_was_written(cast: Cast, scene: Scene) -> None:
    """A case about how somebody behaves: "something that stood in Kring"."""
    case = person_reported(cast, scene.reply).case
    for hat in (Hat.FAMILY, Hat.STAFF):
        for template in templates_for(hat):
            text = draft_letter(case=case, template=template, by=Actor(cast.directie, Hat.ANY, timezone.now()))
            assert not re.search(r"(schreef|stond) (iets )?in Kring|in Kring (schreef|stond)", text), template.key


def test_what_is_gone_is_not_looked_at_where_it_stands(cast: Cast, case: Case) -> None:
    client, said = visit(cast, "directie"), "Look at it where it stands"
    pages = (reverse("moderation:case", args=[case.uid]), reverse("desk:zaken"))
    assert [said in client.get(page).content.decode() for page in pages] == [True] * 2
    decide(cast, case, choice="gone", told=WHY)
    assert [said in client.get(page).content.decode() for page in pages] == [False] * 2
