"""Names are found and ordered as people look for them, on each engine the same."""

import pytest
from django.db import connection

from groups.models import Child
from portal.core import checks
from portal.core.searching import Abc, naming, plain
from tests import rows

pytestmark = pytest.mark.engines
NAMES = (
    "’t Hoff",
    "Öztürk",
    "Oostra",
    "Zeefuik",
    "Şahin",
    "Sanders",
    "Çelik",
    "Yıldız",
    "Ørsted",
    "Łukasz",
    "İnce",
    "de Vries",
)
WITH_A_MARK = ("D’Angelo", "O'Neill", "Sa`ad")


@pytest.fixture
def _named(db: None) -> None:
    school = rows.school()
    for name in NAMES:
        rows.child(school, last_name=name)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ozturk", "Öztürk"),
        ("öztürk", "Öztürk"),
        ("ÖZTÜRK", "Öztürk"),
        ("oZturk", "Öztürk"),
        ("yildiz", "Yıldız"),
        ("Yıldız", "Yıldız"),
        ("sahin", "Şahin"),
        ("orsted", "Ørsted"),
        ("lukasz", "Łukasz"),
        ("ince", "İnce"),
        ("Vries", "de Vries"),
        ("Zeefuik,", "Zeefuik"),
        ("'t", "\u2019t Hoff"),
        ("\u2018t", "\u2019t Hoff"),
    ],
)
@pytest.mark.usefixtures("_named")
def test_a_name_is_found_without_its_accents(typed: str, found: str) -> None:
    assert [one.last_name for one in Child.objects.filter(naming(typed, ["last_name"]), school__brin="99ZZ")] == [found]


@pytest.mark.parametrize("mark", "'’‘ʼ`´′")
def test_one_apostrophe_however_it_was_typed(db: None, mark: str) -> None:
    school = rows.school()
    for name in WITH_A_MARK:
        rows.child(school, last_name=name)
    for typed, found in zip(("d{}angelo", "o{}neill", "sa{}ad"), WITH_A_MARK, strict=True):
        looked_for = naming(typed.format(mark), ["last_name"])
        assert [one.last_name for one in Child.objects.filter(looked_for, school=school)] == [found]


@pytest.mark.usefixtures("_named")
def test_a_letter_with_an_accent_stands_with_the_one_it_looks_like() -> None:
    ordered = [one.last_name for one in Child.objects.filter(school__brin="99ZZ").order_by(Abc("last_name"), "pk")]
    o_to_z = ["Oostra", "Ørsted", "Öztürk", "Şahin", "Sanders", "Yıldız", "Zeefuik"]
    assert ordered[1:] == ["Çelik", "de Vries", "İnce", "Łukasz", *o_to_z]


@pytest.mark.parametrize("first", range(0xC0, 0x250, 40))
def test_what_is_typed_is_folded_as_the_database_folds_it(db: None, first: int) -> None:
    letters = "".join(map(chr, range(first, first + 40)))
    rows.child(rows.school(), last_name=letters)
    assert Child.objects.filter(last_name__plain=plain(letters)).exists()


def test_a_postgresql_without_the_alphabet_does_not_start(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.names_can_be_ordered(databases=["default"]) == []
    if connection.vendor == "postgresql":
        monkeypatch.setattr("portal.core.searching.ALPHABET", "no-such-one")
        [error] = checks.names_can_be_ordered(databases=["default"])
        assert error.id == "kring.E016"
