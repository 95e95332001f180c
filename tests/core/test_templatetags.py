"""Kring's words for templates, in Dutch and in English, and the components made of them."""

import cProfile
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Sample
from uuid import UUID

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from portal.core.templatetags import fields, kring

ROOT = Path(settings.BASE_DIR)
NOW = datetime(2026, 11, 20, 13, 10, tzinfo=UTC)
FOUR = Sample(kind="class", label="4", colour="lucht", shape="boog", name="Groep 4")


@pytest.mark.parametrize(
    ("moment", "dutch", "english"),
    [
        (datetime(2026, 11, 20, 13, 10, tzinfo=UTC), "vandaag 14.10", "today 14:10"),
        (datetime(2026, 11, 19, 8, 5, tzinfo=UTC), "gisteren 9.05", "yesterday 9:05"),
        (datetime(2026, 11, 21, 7, 0, tzinfo=UTC), "morgen 8.00", "tomorrow 8:00"),
        (datetime(2026, 11, 17, 14, 5, tzinfo=UTC), "dinsdag 17 november", "Tuesday 17 November"),
        (datetime(2025, 11, 17, 14, 5, tzinfo=UTC), "maandag 17 november 2025", "Monday 17 November 2025"),
    ],
)
def test_moment_is_said_as_people_say_it(moment: datetime, dutch: str, english: str) -> None:
    with translation.override("nl"):
        assert kring.moment(moment, NOW) == dutch
    with translation.override("en"):
        assert kring.moment(moment, NOW) == english


@pytest.mark.parametrize(
    ("moment", "dutch", "english"),
    [
        (datetime(2026, 11, 20, 13, 10, tzinfo=UTC), "vandaag\xa014.10", "today\xa014:10"),
        (datetime(2026, 11, 17, 14, 5, tzinfo=UTC), "di\xa017\xa0nov", "Tue\xa017\xa0Nov"),
        (datetime(2025, 11, 17, 14, 5, tzinfo=UTC), "ma\xa017\xa0nov\xa02025", "Mon\xa017\xa0Nov\xa02025"),
    ],
)
def test_a_list_says_a_day_in_its_shortest_words(moment: datetime, dutch: str, english: str) -> None:
    with translation.override("nl"):
        assert kring.briefly(moment, NOW) == dutch
    with translation.override("en"):
        assert kring.briefly(moment, NOW) == english


def test_day_has_its_weekday_and_another_year_only_when_asked() -> None:
    far = datetime(2025, 11, 27, 12, 0, tzinfo=UTC)
    with translation.override("nl"):
        assert kring.day(far) == "donderdag 27 november"
        assert kring.day(far, NOW) == "donderdag 27 november 2025"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Karima Bouzid", "KB"), ("Anna de Wit", "AW"), ("Jan van den Berg", "JB"), ("karima", "K"), ("", "")],
)
def test_initials_skip_the_small_words(name: str, expected: str) -> None:
    assert kring.initials(name) == expected


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Medezeggenschapsraad", "Medezeg\u00adgenschaps\u00adraad"),
        ("Oudervereniging", "Ouder\u00advereniging"),
        ("Beeldvoorkeuren", "Beeld\u00advoorkeuren"),
        ("Groep 4", "Groep 4"),
    ],
)
def test_long_names_of_groups_break_where_people_would(name: str, shown: str) -> None:
    assert kring.soft(name) == shown


def test_an_address_can_be_tapped_and_breaks_at_its_at() -> None:
    shown = kring.reachable("Wil <b>, wil@klinkerhoek.example of 0597-01 23 45")
    assert shown == (
        'Wil &lt;b&gt;, <a href="mailto:wil@klinkerhoek.example">wil@<wbr>klinkerhoek.example</a> of 0597-01 23 45'
    )


def test_an_address_as_text_breaks_at_its_at_and_nowhere_else() -> None:
    assert kring.at_the_at("sanne.<b>@uitkijk.example") == "sanne.&lt;b&gt;@<wbr>uitkijk.example"


def test_group_block_escapes_its_label_and_names_colour_and_shape() -> None:
    block = kring.group_block(Sample(kind="class", label="<b>", colour="roze", shape="kwart"), size="s")
    assert "&lt;b&gt;" in block
    assert 'class="block block-s c-roze corner wide"' in block
    assert "#b-kwart" in block


def test_group_block_of_the_school_is_the_mark() -> None:
    assert "#mark" in kring.group_block(Sample(kind="school", label="", colour="", shape=""))


def test_kid_keeps_its_own_colour_and_escapes_its_name() -> None:
    assert 'class="kid k2"' in kring.kid(Sample(first_name="Noor", colour=2))
    assert "<script" not in kring.kid(Sample(first_name="<script>", colour=0))


def test_ring_without_a_count_of_taken_is_full() -> None:
    assert kring.ring(8).count("<path") == 1
    assert kring.ring(8, 3).count("<path") == 2


@pytest.mark.parametrize(
    ("name", "expected"), [("Groep 4", "groep 4"), ("De Dolfijnen", "De Dolfijnen"), ("MR", "MR"), ("", "")]
)
def test_midway_takes_the_capital_from_a_numbered_group_only(name: str, expected: str) -> None:
    assert kring.midway(name) == expected


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    known = set(re.findall(r'id="i-([a-z0-9-]+)"', (ROOT / "static/icons.svg").read_text()))
    asked = {
        name
        for page in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'(?:\{% icon |icon_name(?:=|\|default:))"([a-z0-9-]+)"', page.read_text())
    }
    assert asked - known == set()


class LetterForm(forms.Form):
    code = forms.CharField(label="Code", max_length=4, help_text="Eight signs.")
    replies = forms.ChoiceField(label="Replies", choices=[("on", "On"), ("off", "Off")], widget=forms.RadioSelect)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.fields["replies"].option_hints = {"on": "All parents read along."}  # type: ignore[attr-defined]


def rendered(text: str, **context: object) -> str:
    return engines["django"].from_string(text).render(context, RequestFactory().get("/"))


def test_field_keeps_the_value_and_ties_error_and_hint_to_the_control() -> None:
    page = rendered('{% field form.code kind="code" %}', form=LetterForm({"code": "TOOLONG"}))
    assert page.index('id="id_code_error"') < page.index("<input")
    assert 'aria-describedby="id_code_helptext id_code_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'value="TOOLONG"' in page
    assert 'class="input code"' in page


def test_field_of_choices_is_a_fieldset_with_its_hints() -> None:
    page = rendered("{% field form.replies %}", form=LetterForm())
    assert "<fieldset" in page
    assert "<small>All parents read along.</small>" in page


def test_errors_link_to_the_first_control_of_each_field() -> None:
    page = rendered('{% include "_components/errors.html" %}', form=LetterForm({}))
    assert re.findall(r'href="#([^"]+)"', page) == ["id_code", "id_replies_0"]
    assert "data-focus" in page


def test_message_about_a_kept_text_names_its_key() -> None:
    assert kring.kept_key(Sample(extra_tags="kept:reply-1")) == "reply-1"
    assert kring.kept_key(Sample(extra_tags=None)) == ""


@pytest.mark.parametrize("name", ["400.html", "500.html", "no_line.html"])
def test_page_for_the_worst_case_needs_no_context(name: str) -> None:
    page = get_template(name).render()
    assert "<h1>" in page
    assert "icons.svg#mark" in page


@pytest.mark.parametrize(
    ("replies", "english"),
    [
        ("on", "All parents of groep 4 read along."),
        ("staff", "Only juf Anna, the teachers of groep 4 and the school management read along."),
        ("off", "Replies are off here."),
    ],
)
def test_who_reads_a_reply_is_said_in_words(replies: str, english: str) -> None:
    with translation.override("en"):
        page = rendered('{% include "_components/reply_words.html" %}', replies=replies, author="juf Anna", group=FOUR)
    assert english in page


def _people(count: int) -> list[tuple[Sample, bool]]:
    return [(Sample(uid=UUID(int=number), name=f"Noor <{number}>"), number == 1) for number in range(count)]


def test_chips_are_boxes_that_are_ticked_and_sent_under_a_name() -> None:
    first, second = fields.chips(_people(2), name="wie-x", kind="chip spared").split("</label>")[:2]
    begins = '<label class="chip spared"><input type="checkbox" name="wie-x" value="'
    assert first == f'{begins}{UUID(int=0)}"><span>Noor &lt;0&gt;</span>'
    assert second == f'{begins}{UUID(int=1)}" checked><span>Noor &lt;1&gt;</span>'
    assert "name=" not in fields.chips(_people(2), name="")


def test_one_person_more_under_a_photo_costs_a_few_calls() -> None:
    """As a loop in a template each took some two hundred: of a class of 25 under four photos a third of the page."""
    calls = []
    for count in (10, 110):
        profile = cProfile.Profile()
        profile.runcall(fields.chips, _people(count), name="wie-x")
        calls.append(sum(entry.callcount for entry in profile.getstats()))
    assert (calls[1] - calls[0]) / 100 < 40
