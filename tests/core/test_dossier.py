"""The chain of the dossier: what is sealed stays as it was, and a change of any byte is found."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from groups.roles import Hat
from portal.core import dossier, triggers
from portal.core.actor import Actor
from portal.core.domain import chain
from portal.core.models import DossierEntry, DossierPayload, User

pytestmark = pytest.mark.engines

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SCHOOL = UUID(int=7)
WORDS = st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4)


KEY = b"of this test"


def linked(said: list[dict[str, str]], plain: int = 0, key: bytes = KEY) -> list[chain.ChainLink]:
    """A chain that says this, its first entries sealed without a key."""
    links: list[chain.ChainLink] = []
    for number, fields in enumerate(said, start=1):
        before = links[-1].own if links else chain.BEGINNING
        own = chain.seal(fields, previous=before, key=None if number <= plain else key)
        algorithm = chain.PLAIN if number <= plain else chain.KEYED
        links.append(chain.ChainLink(number, algorithm, fields, before, own))
    return links


@given(said=st.lists(WORDS, max_size=6), data=st.data())
def test_a_chain_as_it_was_written_holds(said: list[dict[str, str]], data: st.DataObject) -> None:
    """Whatever was sealed before there was a key, as long as something keyed stands behind it."""
    plain = data.draw(st.integers(0, max(len(said) - 1, 0)))
    assert chain.first_broken(linked(said, plain), key=KEY) is None


@given(said=st.lists(WORDS, min_size=1, max_size=6), data=st.data())
def test_another_word_breaks_the_chain_there(said: list[dict[str, str]], data: st.DataObject) -> None:
    links = linked(said, data.draw(st.integers(0, len(said) - 1)))
    at = data.draw(st.integers(0, len(links) - 1))
    links[at] = links[at]._replace(fields=data.draw(WORDS.filter(lambda words: words != links[at].fields)))
    assert chain.first_broken(links, key=KEY) == at + 1


@given(said=st.lists(WORDS, min_size=2, max_size=6), data=st.data())
def test_a_link_that_is_gone_breaks_the_chain(said: list[dict[str, str]], data: st.DataObject) -> None:
    links = linked(said)
    at = data.draw(st.integers(0, len(links) - 2))
    del links[at]
    assert chain.first_broken(links, key=KEY) == at + 1


@given(said=st.lists(WORDS, min_size=1, max_size=6), data=st.data())
def test_who_does_not_know_the_key_cannot_write_a_chain_that_holds(
    said: list[dict[str, str]], data: st.DataObject
) -> None:
    """From any entry on, with a key of one's own or as if it were of before there was one; nor all of it."""
    plain = data.draw(st.integers(0, len(said) - 1))
    other = data.draw(st.lists(WORDS, min_size=1, max_size=6))
    forged = linked([*said[:plain], *other], data.draw(st.integers(plain, plain + len(other))), key=b"a guess")
    assert chain.first_broken(forged, key=KEY) is not None


@given(said=st.lists(WORDS, min_size=2, max_size=6), data=st.data())
def test_what_was_sealed_with_the_key_cannot_become_of_before_it(
    said: list[dict[str, str]], data: st.DataObject
) -> None:
    links = linked(said)
    at = data.draw(st.integers(1, len(links) - 1))
    plain = chain.seal(links[at].fields, previous=links[at].previous, key=None)
    links[at] = links[at]._replace(algorithm=chain.PLAIN, own=plain)
    assert chain.first_broken(links, key=KEY) == at + 1


@pytest.fixture
def petra(db: None) -> User:
    return User.objects.create_user("petra@example.org")


def sealed(petra: User, content: bytes = b"<p>Said wrote this.</p>", school: UUID = SCHOOL) -> DossierEntry:
    copy = dossier.Copy("reply", uuid4(), content)
    return dossier.seal(copy, school_uid=school, reason="kwetsend", by=Actor(petra, Hat.ANY, NOW))


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
        ("algorithm", 1),
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
    certificate = dossier.destroy(entry, reason="term is over", by=Actor(petra, Hat.ANY, NOW))
    assert (certificate.kind, certificate.subject_uid) == ("certificate", entry.uid)
    assert dossier.read(entry) is None
    assert dossier.read(other) == b"<p>Said wrote this.</p>"
    assert dossier.first_broken(SCHOOL) is None


def rewritten(entries: list[DossierEntry], key: bytes | None, reason: str = "anders") -> None:
    """What somebody with every right in the database can do: other words, and a chain that follows from them."""
    before = chain.BEGINNING
    triggers.remove(connection)
    try:
        for entry in entries:
            entry.reason, entry.previous, entry.algorithm = reason, before, chain.KEYED if key else chain.PLAIN
            before = entry.hash = chain.seal(dossier.said(entry), previous=before, key=key)
        for entry in [*entries, *entries]:
            DossierEntry.objects.filter(pk=entry.pk).update(previous=f"{entry.pk:064}")
        for entry in entries:
            entry.save()
    finally:
        triggers.install(connection)


@pytest.mark.parametrize("key", [None, b"a guess"])
def test_a_chain_that_was_written_anew_without_the_key_is_found(petra: User, key: bytes | None) -> None:
    """Shown: three entries rewritten with their hashes worked out again, and it held."""
    rewritten([sealed(petra) for _ in range(3)], key)
    assert dossier.first_broken(SCHOOL) is not None


def close_with_a_key() -> None:
    """As the release that brought the key did with each chain it found."""
    last = DossierEntry.objects.latest("number")
    closing = DossierEntry(
        school_uid=SCHOOL,
        number=last.number + 1,
        kind="keyed",
        subject_kind="dossier",
        subject_uid=last.uid,
        reason="keyed",
        sealed_by_uid=UUID(int=0),
        sealed_at=NOW,
        previous=last.hash,
        algorithm=chain.KEYED,
    )
    closing.hash = chain.seal(dossier.said(closing), previous=last.hash, key=dossier.key())
    closing.save()


def test_what_was_sealed_before_there_was_a_key_holds_once_it_is_closed(petra: User) -> None:
    """Until then nobody vouches for it."""
    rewritten([sealed(petra) for _ in range(2)], None)
    before = dossier.first_broken(SCHOOL)
    close_with_a_key()
    assert (before, dossier.first_broken(SCHOOL)) == (2, None)
    sealed(petra)
    assert dossier.first_broken(SCHOOL) is None
    rewritten(list(DossierEntry.objects.order_by("number")[:2]), None, "nog anders")
    assert dossier.first_broken(SCHOOL) is not None


def test_another_key_verifies_nothing(petra: User, settings: Any) -> None:
    sealed(petra)
    settings.KRING_CHAIN_KEY = "another"
    assert dossier.first_broken(SCHOOL) == 1
