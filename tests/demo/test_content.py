import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from portal.core.domain.moments import at_school
from portal.demo.cast import OUTLINES
from portal.demo.content import DemoPost, read_posts
from portal.demo.school import build_school, school_year_start

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BANNED = re.compile(r"\b(indien|middels|betreffende|dient te|dienen te)\b", re.IGNORECASE)
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")


def posts(brin: str, now: datetime = NOW) -> list[DemoPost]:
    return read_posts(brin, starts_on=school_year_start(at_school(now).date()), now=now)


def texts() -> list[str]:
    every = [post for outline in OUTLINES for post in posts(outline.brin)]
    return [
        text for post in every for text in (post.title, post.text, post.edited_text, *(r.text for r in post.replies))
    ]


def test_sixty_messages_with_different_titles() -> None:
    titles = [post.title for outline in OUTLINES for post in posts(outline.brin)]
    assert len(titles) >= 60
    assert max(Counter(titles).values()) == 1


def test_the_language_is_plain() -> None:
    sentences = [sentence for text in texts() for sentence in SENTENCE_ENDS.split(text)]
    assert [sentence for sentence in sentences if BANNED.search(sentence)] == []
    assert [sentence for sentence in sentences if len(sentence.split()) > 15] == []


def test_no_message_names_a_child() -> None:
    for outline in OUTLINES:
        names = {pupil.name.first for pupil in build_school(outline, day=date(2026, 11, 20)).pupils}
        words = {word for post in posts(outline.brin) for word in re.findall(r"[\w-]+", f"{post.title} {post.text}")}
        assert names & words == set()


def test_messages_are_written_in_school_hours_on_working_days() -> None:
    for outline in OUTLINES:
        for post in posts(outline.brin):
            here = at_school(post.at)
            assert here.weekday() < 5
            assert 8 <= here.hour < 17
            assert post.at < NOW


def test_one_group_hears_too_much_and_one_too_little() -> None:
    count = Counter(group for post in posts("99KK") for group in post.groups)
    assert count["G7"] > 2 * 4.4
    assert count["G3"] == 1


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 8, 1, 0, 30, tzinfo=UTC),
        datetime(2026, 8, 5, 12, 0, tzinfo=UTC),
        datetime(2027, 1, 3, 12, 0, tzinfo=UTC),
        datetime(2027, 3, 29, 5, 0, tzinfo=UTC),
    ],
)
def test_any_day_of_the_year_has_messages_and_all_of_them_past(now: datetime) -> None:
    start = school_year_start(at_school(now).date())
    found = posts("99KK", now)
    assert found
    assert all(start <= at_school(post.at).date() and post.at < now for post in found)
    assert all(post.at < reply.at < now for post in found for reply in post.replies)


def test_marks_for_days_are_all_filled_in() -> None:
    assert [text for text in texts() if "{" in text] == []
