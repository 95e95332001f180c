"""The chain of the dossier: what is sealed stays as it was, and a change of any byte is found."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.core import dossier, triggers
from portal.core.domain import chain
from portal.core.models import DossierEntry, DossierPayload, User

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SCHOOL = UUID(int=7)
WORDS = st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4)


def linked(said: list[dict[str, str]]) -> list[tuple[int, dict[str, str], str, str]]:
    links, before = [], chain.BEGINNING
    for number, fields in enumerate(said, start=1):
        own = chain.seal(fields, previous=before)
        links.append((number, fields, before, own))
        before = own
    return links


@given(said=st.lists(WORDS, max_size=6))
def test_a_chain_as_it_was_written_holds(said: list[dict[str, str]]) -> None:
    assert chain.first_broken(linked(said)) is None


@given(said=st.lists(WORDS, min_size=1, max_size=6), data=st.data())
def test_another_word_breaks_the_chain_there(said: list[dict[str, str]], data: st.DataObject) -> None:
    links: list[Any] = linked(said)
    at = data.draw(st.integers(0, len(links) - 1))
    number, fields, previous, own = links[at]
    other = data.draw(WORDS.filter(lambda words: words != fields))
    links[at] = (number, other, previous, own)
    assert chain.first_broken(links) == number


@given(said=st.lists(WORDS, min_size=2, max_size=6), data=st.data())
def test_a_link_that_is_gone_breaks_the_chain(said: list[dict[str, str]], data: st.DataObject) -> None:
    links = linked(said)
    at = data.draw(st.integers(0, len(links) - 2))
    del links[at]
    assert chain.first_broken(links) == at + 1


@pytest.fixture
def petra(db: None) -> User:
    return User.objects.create_user("petra@example.org")


def sealed(petra: User, content: bytes = b"<p>Said wrote this.</p>", school: UUID = SCHOOL) -> DossierEntry:
    copy = dossier.Copy("reply", uuid4(), content)
    return dossier.seal(copy, school_uid=school, reason="kwetsend", by=petra, now=NOW)


def test_sealing_gives_each_school_a_chain_of_its_own(petra: User) -> None:
    first, second, elsewhere = sealed(petra), sealed(petra), sealed(petra, school=UUID(int=8))
    assert [first.number, second.number, elsewhere.number] == [1, 2, 1]
    assert [first.previous, second.previous, elsewhere.previous] == [chain.BEGINNING, first.hash, chain.BEGINNING]
    assert dossier.read(first) == b"<p>Said wrote this.</p>"
    assert dossier.first_broken(SCHOOL) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "anders"),
        ("kind", "certificate"),
        ("number", 9),
        ("subject_kind", "post"),
        ("payload_digest", "0" * 64),
        ("previous", "1" * 64),
        ("hash", "2" * 64),
        ("sealed_at", "2026-11-21 08:00:00+00:00"),
    ],
)
def test_a_change_in_sql_behind_the_triggers_is_found(petra: User, column: str, value: Any) -> None:
    for _ in range(3):
        sealed(petra)
    triggers.remove(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE core_dossierentry SET {column} = %s WHERE number = 2", [value])  # noqa: S608
    finally:
        triggers.install(connection)
    assert dossier.first_broken(SCHOOL) in {2, 3}


def test_a_copy_that_was_changed_is_not_read(petra: User) -> None:
    entry = sealed(petra)
    triggers.remove(connection)
    try:
        DossierPayload.objects.filter(entry=entry).update(content=b"<p>Nothing.</p>")
    finally:
        triggers.install(connection)
    with pytest.raises(dossier.CopyDamagedError):
        dossier.read(entry)
    assert dossier.first_broken(SCHOOL) == entry.number


@pytest.mark.parametrize(
    "statement", ["UPDATE core_dossierpayload SET content = content", "DELETE FROM core_dossierpayload"]
)
def test_a_copy_is_neither_changed_nor_destroyed_without_a_certificate(petra: User, statement: str) -> None:
    sealed(petra)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert DossierPayload.objects.count() == 1


def test_a_copy_is_destroyed_with_a_certificate_and_the_chain_still_holds(petra: User) -> None:
    entry, other = sealed(petra), sealed(petra)
    certificate = dossier.destroy(entry, reason="term is over", by=petra, now=NOW)
    assert (certificate.kind, certificate.subject_uid) == ("certificate", entry.uid)
    assert dossier.read(entry) is None
    assert dossier.read(other) == b"<p>Said wrote this.</p>"
    assert dossier.first_broken(SCHOOL) is None
