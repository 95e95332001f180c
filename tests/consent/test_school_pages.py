"""The directie's pages: purposes in its own words, the yearly round, the rules, and the overview."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import IMAGES, WEBSITE
from consent.asking.services.texts import (
    Explained,
    PurposeTexts,
    add_purpose,
    change_purpose,
    require_everybody,
    resume_purpose,
    retire_purpose,
    words_of,
    write_text,
)
from consent.clearances.domain.allowed import Verdict
from consent.models import ConsentRound, Purpose, PurposeText
from consent.overview.services import export_lines, lines_of, progress_at, sight_of
from consent.rounds.services.rounds import (
    NothingToAskError,
    NotOpenedYetError,
    StillOpenError,
    TooSoonError,
    close_round,
    open_round,
    rounds_of,
)
from consent.rounds.services.rules import rules_of, rules_read_with
from consent.rounds.steps import STEPS
from groups.first_day.services.steps import step_page
from groups.models import Child, Enrolment, School
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, Submission
from portal.core.versions import EditedMeanwhileError
from tests import rows
from tests.cast import NAMES, Cast
from tests.consent.answering import begin
from tests.consent.pages import WORDS, answer, begun, visit
from tests.kept import is_kept_until_it_arrived


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def verbs(kind: str) -> list[str]:
    """As the school reads them: each with the school that it happened at."""
    told = AuditEvent.objects.filter(subject_kind=kind, school_uid__isnull=False)
    return list(told.order_by("pk").values_list("verb", flat=True))


def test_a_school_without_purposes_is_offered_ours(cast: Cast) -> None:
    client = visit(cast, "directie")
    assert "Begin with our texts" in client.get(reverse("consent:school")).content.decode()
    response = client.post(reverse("consent:start"))
    assert response.status_code == 302
    assert Purpose.objects.filter(school=cast.linde).count() == 8
    assert not Purpose.objects.filter(school=cast.berk).exists()
    assert "Open a round" in client.get(reverse("consent:school")).content.decode()
    assert verbs("consent") == ["started"]


def test_other_words_are_a_new_text_and_the_old_one_stays(cast: Cast) -> None:
    website = begun(cast)[WEBSITE]
    before = words_of([website])[website.pk]
    client = visit(cast, "directie")
    page = reverse("consent:words", args=[website.uid])
    sent = {**_filled(client, page), "title_nl": "Op onze website"}
    looked = client.post(page, {**sent, "preview": "1"})
    assert looked.status_code == 200
    assert "This is how parents read it" in looked.content.decode()
    assert PurposeText.objects.filter(purpose=website).count() == 1
    assert client.post(page, sent).status_code == 302
    texts = list(PurposeText.objects.filter(purpose=website).order_by("number").values_list("number", "title_nl"))
    assert texts == [(1, before.title_nl), (2, "Op onze website")]


def _filled(client: Any, page: str) -> dict[str, Any]:
    form = client.get(page).context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}


def test_two_who_change_the_words_get_both_texts(cast: Cast) -> None:
    website = begun(cast)[WEBSITE]
    client = visit(cast, "directie")
    page = reverse("consent:words", args=[website.uid])
    sent = _filled(client, page)
    write_text(purpose=website, version=1, words=WORDS, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    response = client.post(page, {**sent, "title_nl": "Mijn woorden"})
    assert response.status_code == 409
    body = response.content.decode()
    assert "Jaarboek" in body
    assert "Mijn woorden" in body
    again = {**sent, "title_nl": "Mijn woorden", "version": response.context["form"]["version"].value()}
    assert client.post(page, again).status_code == 302
    assert words_of([website])[website.pk].title_nl == "Mijn woorden"


def test_the_same_words_are_no_new_text(cast: Cast) -> None:
    website = begun(cast)[WEBSITE]
    write_text(purpose=website, version=1, words=WORDS, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    write_text(purpose=website, version=1, words=WORDS, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert PurposeText.objects.filter(purpose=website).count() == 2


def test_how_a_purpose_works_changes_once_at_a_time(cast: Cast) -> None:
    website = begun(cast)[WEBSITE]
    now = timezone.now()
    how = {"basis": "objection", "reach": "school", "requires_all": True}
    changed = change_purpose(purpose=website, version=1, **how, by=Actor(cast.directie, Hat.ANY, now))
    assert (changed.basis, changed.reach, changed.requires_all, changed.version) == ("objection", "school", True, 2)
    with pytest.raises(EditedMeanwhileError):
        change_purpose(purpose=website, version=1, **{**how, "reach": "groups"}, by=Actor(cast.directie, Hat.ANY, now))
    client = visit(cast, "directie")
    page = reverse("consent:purpose", args=[website.uid])
    stale = client.post(page, {"basis": "consent", "reach": "groups", "version": "1"})
    assert stale.status_code == 409
    assert verbs("purpose") == ["purpose.changed"]


def test_a_purpose_of_the_own_gets_a_key_of_its_own(cast: Cast) -> None:
    begun(cast)
    how = {
        "basis": "consent",
        "reach": "school",
        "by": Actor(cast.directie, Hat.ANY, timezone.now()),
    }
    first = add_purpose(school=cast.linde, words=WORDS, requires_all=False, **how)
    second = add_purpose(school=cast.linde, words=WORDS, requires_all=True, **how)
    no_letters = add_purpose(
        school=cast.linde,
        words=PurposeTexts("!!!", "!!!", "Iets anders.", "Something else."),
        requires_all=False,
        **how,
    )
    assert (first.key, second.key, no_letters.key) == ("jaarboek", "jaarboek-2", "own")
    assert (first.requires_all, second.requires_all) == (False, True)
    assert {first.reach, second.reach, no_letters.reach} == {"school"}
    assert list(Purpose.objects.asked().filter(school=cast.linde))[-3:] == [first, second, no_letters]


def test_a_retired_purpose_shows_nobody_until_it_is_asked_again(cast: Cast) -> None:
    images = begun(cast)[IMAGES]
    answer(cast, "mother", "Noor", images="yes")
    assert _images(cast)["Noor"] == Verdict.SHOWN
    retire_purpose(purpose=images, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert set(_images(cast).values()) == {Verdict.UNANSWERED}
    resume_purpose(purpose=images, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert _images(cast)["Noor"] == Verdict.SHOWN
    assert verbs("purpose") == ["purpose.retired", "purpose.resumed"]


def _images(cast: Cast, now: datetime | None = None) -> dict[str, Verdict]:
    lines = lines_of(cast.groep_4, [IMAGES], by=Actor(cast.directie, Hat.ANY, now or timezone.now()))
    return {line.child.first_name: line.verdicts[0] for line in lines}


def test_every_parent_or_one(cast: Cast) -> None:
    begun(cast)
    answer(cast, "mother", "Noor", images="yes")
    assert require_everybody(school=cast.linde, everybody=True, by=Actor(cast.directie, Hat.ANY, timezone.now())) == 6
    assert _images(cast)["Noor"] == Verdict.UNANSWERED
    assert require_everybody(school=cast.linde, everybody=True, by=Actor(cast.directie, Hat.ANY, timezone.now())) == 0
    client = visit(cast, "directie")
    assert client.post(reverse("consent:rules"), {"everybody": "no"}).status_code == 302
    assert _images(cast)["Noor"] == Verdict.SHOWN


def test_what_another_school_asks_is_its_own_choice(cast: Cast) -> None:
    """Of both schools, which ask the same things: who needs everybody, who waits, which words are read."""
    begin(cast)
    now = timezone.now()
    assert require_everybody(school=cast.linde, everybody=True, by=Actor(cast.directie, Hat.ANY, now)) == 6
    assert not Purpose.objects.filter(school=cast.berk, requires_all=True).exists()
    waiting = Child.objects.filter(Purpose.objects.leaves_waiting(now=now))
    assert {"Noor", "Saar"} <= set(waiting.values_list("first_name", flat=True))
    answer(cast, "mother", "Noor", **{one.key: "no" for one in Purpose.objects.asked().filter(school=cast.linde)})
    waiting = Child.objects.filter(Purpose.objects.leaves_waiting(now=timezone.now()))
    assert {"Noor", "Saar"} & set(waiting.values_list("first_name", flat=True)) == {"Saar"}


def test_the_words_of_a_purpose_are_the_last_that_were_written(cast: Cast) -> None:
    asked = begun(cast)
    images, website = asked[IMAGES], asked[WEBSITE]
    write_text(purpose=images, version=images.version, words=WORDS, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    images.refresh_from_db()
    first = PurposeText.objects.get(purpose=website)
    assert words_of([images, website]) == {
        images.pk: Explained(WORDS.title_nl, WORDS.title_en, WORDS.text_nl, WORDS.text_en, 2, images.version),
        website.pk: Explained(first.title_nl, first.title_en, first.text_nl, first.text_en, 1, website.version),
    }


def test_rules_are_kept_and_two_editors_meet(cast: Cast) -> None:
    client = visit(cast, "directie")
    page = reverse("consent:rules")
    sent = {"hide_unseen": "on", "version": "1"}
    assert client.post(page, sent).status_code == 302
    rules = rules_of(cast.linde)
    assert (rules.yes_lapses, rules.hide_unseen, rules.may_download, rules.name_at_edge) == (False, True, False, False)
    assert client.post(page, {"yes_lapses": "on", "version": "1"}).status_code == 409
    assert verbs("school").count("consent.changed") == 1
    assert rules_of(cast.berk).yes_lapses
    linde, berk = (School.objects.select_related("consent_rules").get(pk=one.pk) for one in (cast.linde, cast.berk))
    assert (rules_read_with(linde), rules_read_with(berk).pk) == (rules, None)


def test_the_step_of_the_first_day_leads_to_what_is_next(cast: Cast) -> None:
    """First the purposes, then the round, then when it began; each time one line and one button."""
    by = Actor(cast.directie, Hat.ANY, NOW)
    [step] = STEPS
    waits, begin_ = "Until then it is a no", "Begin"
    with translation.override("en"):
        assert step.look(cast.linde, by) == (False, waits, begin_, step_page("consent:school", cast.linde))
        begun(cast, NOW)
        assert step.look(cast.linde, by) == (False, waits, begin_, step_page("consent:rounds", cast.linde))
        opened(cast, now=NOW)
        since = "Asked since Friday 20 November"
        assert step.look(cast.linde, by) == (True, since, "Look", step_page("consent:school", cast.linde))
        assert not step.look(cast.berk, by).is_done


NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LAST_DAY = date(2026, 12, 4)


def opened(cast: Cast, *, now: datetime, **more: Any) -> ConsentRound:
    return open_round(school=cast.linde, by=Actor(cast.directie, Hat.ANY, now), **{"closes_on": LAST_DAY, **more})


def test_a_round_asks_every_purpose_in_its_present_words_until_the_end_of_the_day(cast: Cast) -> None:
    purposes = begun(cast, NOW)
    write_text(purpose=purposes[WEBSITE], version=1, words=WORDS, by=Actor(cast.directie, Hat.ANY, NOW))
    retire_purpose(purpose=purposes["press"], by=Actor(cast.directie, Hat.ANY, NOW))
    found = opened(cast, now=NOW)
    asked = dict(found.asked.values_list("purpose__key", "text_version"))
    assert asked == {key: 2 if key == WEBSITE else 1 for key in purposes if key != "press"}
    assert found.closes_at == datetime(2026, 12, 4, 23, 0, tzinfo=UTC)
    assert found.lapses
    assert verbs("consent_round") == ["round.opened"]


def test_a_round_is_refused_where_it_makes_no_sense(cast: Cast) -> None:
    with pytest.raises(NothingToAskError):
        opened(cast, now=NOW)
    begun(cast, NOW)
    with pytest.raises(TooSoonError):
        opened(cast, now=NOW, closes_on=date(2026, 11, 19))
    School.objects.filter(pk=cast.linde.pk).update(opened_at=None)
    with pytest.raises(NotOpenedYetError):
        opened(cast, now=NOW)
    School.objects.filter(pk=cast.linde.pk).update(opened_at=NOW)
    facts = {"opens_at": NOW, "closes_at": NOW + timedelta(days=9), "lapses": True}
    elsewhere = ConsentRound.objects.create(school=cast.berk, opened_by=cast.directie_elsewhere, **facts)
    first = opened(cast, now=NOW)
    with pytest.raises(StillOpenError):
        opened(cast, now=NOW + timedelta(days=1))
    close_round(round=first, by=Actor(cast.directie, Hat.ANY, NOW + timedelta(days=1)))
    with pytest.raises(TooSoonError):
        opened(cast, now=first.closes_at)
    second = opened(cast, now=NOW + timedelta(days=2), lapses=False)
    assert second.lapses is False
    assert rounds_of(cast.linde) == [second, first]
    asked = Purpose.objects.asked().filter(school=cast.linde).count()
    assert [one.asks for one in rounds_of(cast.linde)] == [asked, asked]
    assert rounds_of(cast.berk) == [elsewhere]


def test_the_clock_closes_a_round_and_a_yes_of_before_lapses(cast: Cast) -> None:
    begun(cast, NOW - timedelta(days=2))
    answer(cast, "mother", "Noor", NOW - timedelta(days=1), images="yes")
    answer(cast, "parent_of_two", "Finn", NOW - timedelta(days=1), images="yes")
    found = opened(cast, now=NOW)
    answer(cast, "mother", "Noor", NOW + timedelta(days=1), images="yes")
    last = found.closes_at - timedelta(seconds=1)
    assert {_images(cast, last)[name] for name in ("Noor", "Finn")} == {Verdict.SHOWN}
    after = _images(cast, found.closes_at)
    assert (after["Noor"], after["Finn"]) == (Verdict.SHOWN, Verdict.UNANSWERED)


def test_closing_early_lapses_at_once_and_only_once(cast: Cast) -> None:
    begun(cast, NOW - timedelta(days=2))
    answer(cast, "parent_of_two", "Finn", NOW - timedelta(days=1), images="yes")
    found = opened(cast, now=NOW)
    later = NOW + timedelta(days=1)
    assert close_round(round=found, by=Actor(cast.directie, Hat.ANY, later)).closes_at == later
    assert close_round(round=found, by=Actor(cast.directie, Hat.ANY, later + timedelta(days=1))).closes_at == later
    assert _images(cast, later)["Finn"] == Verdict.UNANSWERED
    assert verbs("consent_round") == ["round.opened", "round.closed"]


def test_the_page_opens_a_round_and_closes_it(cast: Cast) -> None:
    begun(cast)
    client = visit(cast, "directie")
    page = reverse("consent:rounds")
    closes = (timezone.now() + timedelta(days=14)).date().isoformat()
    assert client.post(page, {"closes_on": "2020-01-01", "lapses": "lapses"}).status_code == 422
    assert client.post(page, {"closes_on": closes, "lapses": "stands"}).status_code == 302
    found = ConsentRound.objects.get(school=cast.linde)
    assert not found.lapses
    assert client.post(page, {"closes_on": closes, "lapses": "lapses"}).status_code == 422
    assert "The round is open" in client.get(page).content.decode()
    assert client.post(reverse("consent:close", args=[found.uid])).status_code == 302
    assert "Earlier rounds" in client.get(page).content.decode()
    assert not ConsentRound.objects.open(now=timezone.now()).exists()


def test_progress_counts_families_who_answered_everything(cast: Cast) -> None:
    purposes = begun(cast)
    everything = dict.fromkeys(purposes, "no")
    answer(cast, "mother", "Noor", **everything)
    answer(cast, "parent_of_two", "Finn", images="yes")
    school = progress_at(cast.linde, now=timezone.now())
    found = {one.group.name: (one.answered, one.total) for one in school.groups}
    assert found[cast.groep_4.name][0] == 1
    assert school.answered == 1
    assert school.waiting == school.total - 1


def test_progress_asks_once_however_many_classes(cast: Cast) -> None:
    begun(cast)
    with CaptureQueriesContext(connection) as asked:
        school = progress_at(cast.linde, now=timezone.now())
    assert len([one for one in school.groups if one.total]) > 1
    assert sum("groups_enrolment" in one["sql"] for one in asked) == 1


def test_what_somebody_answered_who_lost_authority_since_is_no_answer(cast: Cast) -> None:
    answer(cast, "mother", "Noor", **dict.fromkeys(begun(cast), "no"))
    assert progress_at(cast.linde, now=timezone.now()).answered == 1
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert progress_at(cast.linde, now=timezone.now()).answered == 0


def test_a_new_round_that_lapses_asks_a_yes_again_but_not_a_no(cast: Cast) -> None:
    purposes = begun(cast, NOW - timedelta(days=2))
    answer(cast, "mother", "Noor", NOW - timedelta(days=1), **dict.fromkeys(purposes, "no"))
    answer(cast, "parent_of_two", "Finn", NOW - timedelta(days=1), **dict.fromkeys(purposes, "yes"))
    assert _waiting(cast, NOW) == {"Sem", "Mila", "Pim", "Jet"}
    opened(cast, now=NOW)
    assert _waiting(cast, NOW + timedelta(seconds=1)) == {"Sem", "Mila", "Pim", "Jet", "Finn"}


def _waiting(cast: Cast, now: datetime) -> set[str]:
    return {
        line.child.first_name
        for line in lines_of(cast.groep_4, [], by=Actor(cast.directie, Hat.ANY, now))
        if line.waits
    }


def test_the_overview_says_the_verdict_and_never_who_said_no(cast: Cast) -> None:
    begun(cast)
    answer(cast, "mother", "Noor", images="yes")
    answer(cast, "father", "Noor", images="no")
    answer(cast, "parent_of_two", "Finn", images="yes")
    found = _images(cast)
    assert (found["Noor"], found["Finn"], found["Jet"]) == (Verdict.REFUSED, Verdict.SHOWN, Verdict.UNANSWERED)
    body = visit(cast, "directie").get(reverse("consent:group_overview", args=[cast.groep_4.uid])).content.decode()
    assert "not: a no, or rather not" in body
    assert cast.caregiver("father").full_name not in body


def test_the_file_opens_in_a_dutch_spreadsheet_and_runs_no_formula(cast: Cast) -> None:
    begun(cast)
    child = cast.child("Noor")
    type(child).objects.filter(pk=child.pk).update(first_name='=HYPERLINK("http://x")')
    response = visit(cast, "directie").post(reverse("consent:overview_csv", args=[cast.groep_4.uid]))
    assert response.content.startswith(b"\xef\xbb\xbf")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].split(";")[:2] == ["Child", "Family answered"]
    assert any(line.startswith("\"'=HYPERLINK") for line in lines)
    assert response.headers["Cache-Control"] == "private, no-store"


OVERVIEW_QUERIES = 11


@pytest.mark.parametrize("size", [3, 30, 300])
def test_the_overview_asks_as_much_for_thirty_children(cast: Cast, size: int) -> None:
    begun(cast)
    _fill(cast, size)
    client = visit(cast, "directie")
    page = reverse("consent:group_overview", args=[cast.groep_4.uid])
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        body = client.get(page).content.decode()
    assert body.count('scope="row"') == min(size, 30)
    assert len(asked) == OVERVIEW_QUERIES
    assert len(body) <= 60_000


def test_the_table_is_printed_as_a_whole(cast: Cast) -> None:
    """Of what stands on more pages the button prints one: first the reader asks for everything."""
    begun(cast)
    _fill(cast, 40)
    client = visit(cast, "directie")
    page = reverse("consent:group_overview", args=[cast.groep_4.uid])
    part, whole = (client.get(page, asked).content.decode() for asked in ({}, {"alles": "1"}))
    assert (part.count('scope="row"'), "data-print" in part, "Everything on one page" in part) == (30, False, True)
    assert (whole.count('scope="row"'), "data-print" in whole, "Everything on one page" in whole) == (40, True, False)


def _fill(cast: Cast, size: int) -> None:
    """Exactly this many children in groep 4."""
    now = timezone.now()
    here = Enrolment.objects.active(now=now).filter(group=cast.groep_4).order_by("pk")
    here.filter(pk__in=list(here.values_list("pk", flat=True))[size:]).update(valid_until=now - timedelta(seconds=1))
    more = size - here.filter(valid_until=None).count()
    for number in range(max(0, more)):
        rows.child(cast.linde, f"Kind {number}", cast.groep_4, since=now - timedelta(days=1))


def test_while_photographing_a_teacher_sees_who_may(cast: Cast) -> None:
    begun(cast)
    answer(cast, "mother", "Noor", images="yes", names="no")
    answer(cast, "parent_of_two", "Finn", images="yes")
    note_reluctance(
        child=cast.child("Finn"), note="Vindt het spannend", by=Actor(cast.teacher, Hat.ANY, timezone.now())
    )
    sight = sight_of(cast.groep_4, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert [line.child.first_name for line in sight.shown] == ["Noor"]
    assert {line.child.first_name for line in sight.hidden} == {"Finn", "Sem", "Mila", "Pim", "Jet"}
    assert [line.child.first_name for line in sight.hidden if line.is_reluctant] == ["Finn"]
    assert "Noor" in {line.child.first_name for line in sight.unnamed}
    assert sight.adults == []
    body = visit(cast, "teacher").get(reverse("consent:group", args=[cast.groep_4.uid])).content.decode()
    assert "Image preferences" in body
    assert "Vindt het spannend" not in body


def test_rather_not_holds_at_once_and_ends(cast: Cast) -> None:
    begun(cast)
    answer(cast, "mother", "Noor", images="yes", names="yes")
    client = visit(cast, "teacher")
    page = reverse("consent:reluctance", args=[cast.groep_4.uid, cast.child("Noor").uid])
    assert client.post(page, {"note": "Liever niet"}).status_code == 302
    assert client.post(page, {"note": "Nog eens"}).status_code == 302
    assert _images(cast)["Noor"] == Verdict.REFUSED
    assert "Liever niet" in client.get(page).content.decode()
    assert client.post(page, {"act": "end"}).status_code == 302
    assert _images(cast)["Noor"] == Verdict.SHOWN
    assert verbs("reluctance") == ["noted", "ended"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "anonymous"])
def test_who_writes_down_rather_not(cast: Cast, name: str) -> None:
    may = {"Noor": {"teacher", "substitute", "directie"}, "Jet": {"teacher", "substitute", "directie"}}
    for child, people in may.items():
        now = timezone.now()
        about = {"child": cast.child(child), "by": Actor(cast.user(name), Hat.ANY, now)}
        if name in people:
            assert note_reluctance(**about, note="")
            end_reluctance(**about)
            continue
        with pytest.raises(PermissionDenied):
            note_reluctance(**about, note="")
        with pytest.raises(PermissionDenied):
            end_reluctance(**about)


def test_one_button_reminds_who_did_not_answer_once_a_day(cast: Cast) -> None:
    purposes = begun(cast)
    answer(cast, "mother", "Noor", **dict.fromkeys(purposes, "no"))
    client = visit(cast, "directie")
    page = reverse("consent:remind", args=[cast.groep_4.uid])
    assert client.get(page).status_code == 302
    assert not OutboxItem.objects.filter(kind="consent_reminder").exists()
    told = client.post(page, follow=True).content.decode()
    mailed = OutboxItem.objects.filter(kind="consent_reminder").values_list("recipient__email", flat=True)
    assert {address.split("@")[0] for address in mailed} >= {"father", "parent_of_two"}
    assert "mother@cast.example" not in set(mailed)
    assert "on their way" in told
    assert "Nobody gets a mail now." in client.post(page, follow=True).content.decode()


def test_a_purpose_that_is_sent_twice_is_one_purpose(cast: Cast) -> None:
    begun(cast)
    client, page = visit(cast, "directie"), reverse("consent:new_purpose")
    key = client.get(page).context["form"]["key"].value()
    words = {name: getattr(WORDS, name) for name in PurposeTexts.__dataclass_fields__}
    sent = {**words, "basis": "consent", "reach": "school", "key": str(key)}
    assert client.post(page, {**sent, "preview": "1"}).status_code == 200
    answers = [client.post(page, sent) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [reverse("consent:purposes")] * 2
    made = Purpose.objects.get(texts__title_nl="Jaarboek")
    claimed = Submission.objects.get(key=key)
    assert (claimed.subject_kind, claimed.subject_uid) == ("purpose", made.uid)


@pytest.mark.parametrize(("level", "is_read"), [("4", False), ("7", True)])
def test_of_an_own_child_nobody_reads_there_that_it_would_rather_not_before_its_parents_do(
    cast: Cast, level: str, is_read: bool
) -> None:
    """Dirk, the directie, is Finn's father too; Finn told juf Anna."""
    begun(cast)
    finn, others = cast.child("Finn"), cast.child("Noor")
    rows.caregiver(cast.linde, "Dirk", finn, user=cast.directie)
    access.reproject(users=[cast.directie.pk])
    type(cast.groep_4).objects.filter(pk=cast.groep_4.pk).update(year_level=level)
    dirk, told = visit(cast, "directie"), Actor(cast.teacher, Hat.STAFF, timezone.now())
    places = ["group", "group_overview"]

    def said() -> list[int]:
        pages = [dirk.get(reverse(f"consent:{place}", args=[cast.groep_4.uid])) for place in places]
        return [page.content.decode().count("ather not</small>") for page in pages]

    note_reluctance(child=others, note="", by=told)
    assert said() == [1, 1]
    note_reluctance(child=finn, note="", by=told)
    assert said() == [1 + is_read] * 2
    taken = export_lines(group=cast.groep_4, keys=[], by=Actor(cast.directie, Hat.ANY, timezone.now()))
    lines = {line.child: line.is_reluctant for line in taken}
    assert (lines[others], lines[finn]) == (True, is_read)


def test_words_stay_in_the_tab_until_they_are_saved(cast: Cast) -> None:
    """Looking first is not saving."""
    website = begun(cast)[WEBSITE]
    client = visit(cast, "directie")
    page, anew = reverse("consent:words", args=[website.uid]), reverse("consent:new_purpose")
    sent = {**_filled(client, page), "title_nl": "Op onze website"}
    assert not is_kept_until_it_arrived(client, page, {**sent, "preview": "1"})
    assert is_kept_until_it_arrived(client, page, sent)
    words = {name: getattr(WORDS, name) for name in PurposeTexts.__dataclass_fields__}
    key = client.get(anew).context["form"]["key"].value()
    assert is_kept_until_it_arrived(client, anew, {**words, "basis": "consent", "reach": "school", "key": str(key)})
