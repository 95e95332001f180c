"""A demo school as the two files a real school hands over: EDEXML, and a spreadsheet of caregivers."""

import csv
import io
from datetime import date
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from portal.demo.plan import DemoSchool, Name

CAREGIVER_COLUMNS = (
    "Leerlingnummer",
    "Roepnaam",
    "Achternaam",
    "Geboortedatum",
    "Verzorger voornaam",
    "Verzorger tussenvoegsel",
    "Verzorger achternaam",
    "E-mail",
    "Relatie",
    "Wettelijk gezag",
    "Telefoon mobiel",
)


def edexml_of(school: DemoSchool, *, made_on: date) -> bytes:
    """EDEXML 2.1, plain export; the enrolments hold from the first day of the school year."""
    root = Element("EDEX")
    _add_school(root, school, made_on)
    _add_groups(root, school)
    _add_pupils(root, school)
    _add_staff(root, school)
    indent(root)
    file = io.BytesIO()
    ElementTree(root).write(file, encoding="UTF-8", xml_declaration=True)
    return file.getvalue()


def caregivers_csv_of(school: DemoSchool) -> bytes:
    """One row per child and caregiver, as a Dutch Excel writes it: semicolons, BOM, CRLF."""
    file = io.StringIO(newline="")
    rows = csv.writer(file, delimiter=";", lineterminator="\r\n")
    rows.writerow(CAREGIVER_COLUMNS)
    for row in school.caregivers:
        pupil, parent = row.pupil, row.parent
        surname = " ".join(part for part in (pupil.name.prefix, pupil.name.last) if part)
        child = (pupil.key, pupil.name.first, surname, f"{pupil.born_on:%d-%m-%Y}")
        who = (parent.name.first, parent.name.prefix, parent.name.last)
        rows.writerow((*child, *who, parent.email, parent.relation, parent.authority, parent.phone))
    return file.getvalue().encode("utf-8-sig")


def _texts(parent: Element, **texts: str) -> None:
    for tag, text in texts.items():
        SubElement(parent, tag).text = text


def _name(parent: Element, name: Name) -> None:
    _texts(parent, achternaam=name.last, voorvoegsel=name.prefix, roepnaam=name.first)


def _add_school(root: Element, school: DemoSchool, made_on: date) -> None:
    _texts(
        SubElement(root, "school"),
        schooljaar=school.school_year,
        brincode=school.outline.brin,
        dependancecode="00",
        peildatum=school.starts_on.isoformat(),
        aanmaakdatum=f"{made_on.isoformat()}T07:30:00",
        auteur="administratie",
        xsdversie="2.1",
    )


def _add_groups(root: Element, school: DemoSchool) -> None:
    groups = SubElement(root, "groepen")
    for group in school.outline.groups:
        element = SubElement(groups, "groep", key=group.key)
        _texts(element, naam=group.name, jaargroep=str(group.years[0]))


def _add_pupils(root: Element, school: DemoSchool) -> None:
    pupils = SubElement(root, "leerlingen")
    for pupil in school.pupils:
        element = SubElement(pupils, "leerling", key=pupil.key)
        _name(element, pupil.name)
        _texts(element, geboortedatum=pupil.born_on.isoformat(), jaargroep=str(pupil.year))
        SubElement(element, "groep", key=pupil.group)


def _add_staff(root: Element, school: DemoSchool) -> None:
    staff = SubElement(root, "leerkrachten")
    for member in school.outline.staff:
        element = SubElement(staff, "leerkracht", key=member.key)
        _name(element, member.name)
        _texts(element, emailadres=member.email, rolomschrijving=member.function)
        if member.groups:
            groups = SubElement(element, "groepen")
            for key in member.groups:
                SubElement(groups, "groep", key=key)
