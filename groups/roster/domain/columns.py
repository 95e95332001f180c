"""The columns of a list of caregivers: which is which, whatever the sheet calls them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from groups.roster.domain.problems import Complaint

CHILD_NAMES: Final = ("child_first_name", "child_last_name", "child_birth_on")
REQUIRED: Final = ("first_name", "last_name", "email", "relation", "authority")
MOST_ABOVE: Final = 20
"""So many lines may stand above the headings, such as a title and the day of the export."""

TITLES: Final[Mapping[str, str]] = {
    "child_key": "leerlingnummer",
    "child_first_name": "roepnaam",
    "child_last_name": "achternaam",
    "child_birth_on": "geboortedatum",
    "first_name": "verzorger_voornaam",
    "prefix": "verzorger_tussenvoegsel",
    "last_name": "verzorger_achternaam",
    "email": "email",
    "relation": "relatie",
    "authority": "wettelijk_gezag",
}

_SPELLINGS: Final[Mapping[str, str]] = {
    "child_key": "leerlingnummer leerlingnr leerlingkey leerlingsleutel leerlingid pupilnumber pupilkey pupilid "
    "studentnumber childkey childnumber",
    "child_first_name": "roepnaam roepnaamleerling leerlingroepnaam leerlingvoornaam pupilfirstname childfirstname "
    "callingname firstname",
    "child_prefix": "tussenvoegsel voorvoegsel leerlingtussenvoegsel leerlingvoorvoegsel pupilprefix childprefix",
    "child_last_name": "achternaam achternaamleerling leerlingachternaam pupillastname childlastname lastname surname",
    "child_birth_on": "geboortedatum geboortedatumleerling leerlinggeboortedatum dateofbirth birthdate birthday",
    "first_name": "verzorgervoornaam verzorgerroepnaam voornaamverzorger roepnaamverzorger oudervoornaam "
    "caregiverfirstname parentfirstname guardianfirstname",
    "prefix": "verzorgertussenvoegsel verzorgervoorvoegsel tussenvoegselverzorger oudertussenvoegsel "
    "caregiverprefix parentprefix guardianprefix",
    "last_name": "verzorgerachternaam achternaamverzorger ouderachternaam "
    "caregiverlastname parentlastname guardianlastname caregiversurname parentsurname guardiansurname",
    "email": "email emailadres emailaddress mail mailadres verzorgeremail verzorgeremailadres emailverzorger "
    "ouderemail caregiveremail parentemail guardianemail",
    "relation": "relatie relation relatietotkind relatietotleerling verzorgerrelatie relationship soortrelatie",
    "daily": "dagelijkseverzorging verzorgtdagelijks dailycare dailycarer",
    "mobile": "mobiel mobielnummer telefoonmobiel mobiletelefoon gsm mobile mobilephone cellphone",
    "phone_at_home": "telefoonthuis telefoon telefoonnummer vastetelefoon phone phoneathome homephone telephone",
    "secret": "geheimadres adresgeheim secretaddress addresssecret",
    "street": "straat straatnaam street streetname",
    "number": "huisnummer huisnr housenumber",
    "addition": "toevoeging huisnummertoevoeging housenumberaddition",
    "postcode": "postcode postalcode zipcode",
    "place": "plaats woonplaats place city",
    "authority": "wettelijkgezag gezag heeftgezag legalauthority parentalauthority authority custody",
}
_COLUMN_OF: Final = {spelling: column for column, many in _SPELLINGS.items() for spelling in many.split()}
_FORBIDDEN: Final = re.compile(r"bsn|burgerservice|onderwijsnummer|persoonsgebonden|sofinummer|citizenservice")


def column_of(heading: str) -> str | None:
    """The column a heading means: case, spaces, dashes and underscores do not count."""
    return _COLUMN_OF.get(_letters(heading))


def names_columns(cells: Iterable[str]) -> bool:
    """Whether a line holds the headings, and is no title above them."""
    return len({column for column in map(column_of, cells) if column}) > 1


def _letters(heading: str) -> str:
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def complaints_about(headings: Sequence[str]) -> Iterable[tuple[Complaint, str]]:
    """What is wrong with the headings: none at all, a column too few, one twice, one that may not exist.

    With its title, or those of all that are needed.
    """
    columns = [column for column in map(column_of, headings) if column]
    if not names_columns(headings):
        yield Complaint.NO_HEADINGS, ", ".join(TITLES[column] for column in ("child_key", *REQUIRED))
        return
    for heading in headings:
        if _FORBIDDEN.search(_letters(heading)):
            yield Complaint.FORBIDDEN_COLUMN, heading
    for column in sorted(set(columns)):
        if columns.count(column) > 1:
            yield Complaint.DOUBLE_COLUMN, next(text for text in headings if column_of(text) == column)
    yield from ((Complaint.MISSING_COLUMN, TITLES[column]) for column in _missing(columns))


def _missing(columns: Sequence[str]) -> Iterable[str]:
    if "child_key" not in columns and not set(CHILD_NAMES) <= set(columns):
        yield "child_key"
    yield from (column for column in REQUIRED if column not in columns)
