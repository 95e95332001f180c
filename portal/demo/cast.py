"""The people of the demo who are always there: the personas, and one of every special case a school has."""

from datetime import date

from portal.demo.plan import (
    NOT_KNOWN,
    WITHOUT_AUTHORITY,
    Name,
    PlannedChild,
    PlannedFamily,
    PlannedGroup,
    PlannedParent,
    PlannedStaff,
    SchoolOutline,
)

FOUNDATION = "Stichting De Stoelenkring"
SHARED_ADDRESS = "familie.dijkstra@post.example"
WITHOUT_ADDRESS = Name("Halina", "", "Wróbel")
READER = Name("Riet", "", "Bos")
BANNED = Name("Ronald", "", "Kramer")
WITHOUT_GEZAG = Name("Daan", "", "Mulder")
WAITING = Name("Mehmet", "", "Yıldız")
PUPIL = Name("Sanne", "", "Postma")

IT_ADMINISTRATOR = ("Ruben Kuipers", "r.kuipers@klinkerhoek.example")
DIRECTIES = {
    "99KK": ("Petra Schuurman", "p.schuurman@klinkerhoek.example"),
    "99KV": ("Harm Wieringa", "h.wieringa@vliegerdraad.example"),
    "99KN": ("Marjan Hofstra", "m.hofstra@nieuwebrug.example"),
    "99KU": ("Wim Tuinstra", "w.tuinstra@uitkijk.example"),
}
CASE_OFFICER = ("Marja Everts", "m.everts@stoelenkring.example")
TEACHER = ""  # no function in the file: the importer writes which group it is
COUNCIL_EMAIL = "femke.hoekstra@post.example"
COUNCIL_EMAILS = (COUNCIL_EMAIL, "rachid.benali@post.example")
ALWAYS_IN = (
    "karima.bouzid@post.example",
    "said.bouzid@post.example",
    *COUNCIL_EMAILS,
    "riet.bos@post.example",
    "agnieszka.mazur@post.example",
    "t.vermeulen@klinkerhoek.example",
)

PERSONA_EMAILS = {
    "juf": "a.dewit@klinkerhoek.example",
    "moeder": "karima.bouzid@post.example",
    "vader": "said.bouzid@post.example",
    "mr": COUNCIL_EMAIL,
    "directie": DIRECTIES["99KK"][1],
    "nieuw": DIRECTIES["99KN"][1],
    "ict": IT_ADMINISTRATOR[1],
    "stichting": CASE_OFFICER[1],
    "leerling": "sanne.postma@uitkijk.example",
}

MOTHER_AT_TWO_SCHOOLS = PlannedParent(Name("Agnieszka", "", "Mazur"), "agnieszka.mazur@post.example", "moeder")


def _parent(
    first: str, last: str, relation: str, email: str = "", *, prefix: str = "", authority: str = "ja"
) -> PlannedParent:
    return PlannedParent(Name(first, prefix, last), email and f"{email}@post.example", relation, authority)


_KLINKERHOEK_FAMILIES = (
    PlannedFamily(
        "",
        "Bouzid",
        (PlannedChild("Noor", "G4"), PlannedChild("Ilyas", "G7")),
        (
            _parent("Karima", "Bouzid", "moeder", "karima.bouzid"),
            _parent("Said", "Bouzid", "vader", "said.bouzid"),
        ),
    ),
    PlannedFamily(
        "",
        "Hoekstra",
        (PlannedChild("Jurre", "G5"), PlannedChild("Evi", "G3")),
        (
            PlannedParent(Name("Femke", "", "Hoekstra"), COUNCIL_EMAIL, "moeder"),
            _parent("Gerben", "Meer", "vader", "gerben.vandermeer", prefix="van der"),
        ),
    ),
    PlannedFamily(
        "",
        "Veenstra",
        (PlannedChild("Fenna", "G4"),),
        (
            _parent("Lotte", "Veenstra", "moeder", "lotte.veenstra"),
            PlannedParent(WITHOUT_GEZAG, "daan.mulder@post.example", "vader", WITHOUT_AUTHORITY),
        ),
    ),
    PlannedFamily(
        "",
        "Yıldız",
        (PlannedChild("Elif", "G2"),),
        (
            _parent("Derya", "Yıldız", "moeder", "derya.yildiz"),
            PlannedParent(WAITING, "mehmet.yildiz@post.example", "vader", NOT_KNOWN),
        ),
    ),
    PlannedFamily(
        "",
        "Bos",
        (PlannedChild("Pim", "G4"),),
        (
            _parent("Nienke", "Bos", "moeder", "nienke.bos"),
            PlannedParent(READER, "riet.bos@post.example", "verzorger", NOT_KNOWN),
        ),
    ),
    PlannedFamily(
        "",
        "Kramer",
        (PlannedChild("Isa", "G6"),),
        (
            _parent("Wendy", "Kramer", "moeder", "wendy.kramer"),
            PlannedParent(BANNED, "ronald.kramer@post.example", "vader", WITHOUT_AUTHORITY),
        ),
    ),
    PlannedFamily(
        "",
        "Dijkstra",
        (PlannedChild("Siem", "G1"),),
        (
            PlannedParent(Name("Marleen", "", "Dijkstra"), SHARED_ADDRESS, "moeder"),
            PlannedParent(Name("Pieter", "", "Dijkstra"), SHARED_ADDRESS, "vader"),
        ),
    ),
    PlannedFamily("", "Wróbel", (PlannedChild("Pola", "G4"),), (PlannedParent(WITHOUT_ADDRESS, "", "moeder"),)),
    PlannedFamily(
        "",
        "Vermeulen",
        (PlannedChild("Mees", "G2"),),
        (
            PlannedParent(Name("Thijs", "", "Vermeulen"), "t.vermeulen@klinkerhoek.example", "vader"),
            _parent("Ilse", "Loon", "moeder", "ilse.vanloon", prefix="van"),
        ),
    ),
    PlannedFamily(
        "Al",
        "Hamwi",
        (PlannedChild("Sidra", "G5"), PlannedChild("Lamar", "G5")),
        (
            _parent("Rasha", "Khoury", "moeder", "rasha.khoury"),
            _parent("Ahmad", "Hamwi", "vader", "ahmad.alhamwi", prefix="Al"),
        ),
    ),
    PlannedFamily(
        "van der",
        "Woude-Oosterhuis van Nieuwkerken",
        (PlannedChild("Wilhelmina-Josephine", "G8"),),
        (
            _parent(
                "Maximiliaan-Alexander",
                "Woude-Oosterhuis van Nieuwkerken",
                "vader",
                "m.vanderwoude.oosterhuis.van.nieuwkerken",
                prefix="van der",
            ),
            _parent("Bo", "Li", "moeder", "bo.li"),
        ),
    ),
    PlannedFamily("", "Mazur", (PlannedChild("Antoni", "G8"),), (MOTHER_AT_TWO_SCHOOLS,)),
    PlannedFamily(
        "",
        "Benali",
        (PlannedChild("Hafsa", "G1"), PlannedChild("Anas", "G6")),
        (
            _parent("Rachid", "Benali", "vader", "rachid.benali"),
            _parent("Hanan", "Ouali", "moeder", "hanan.ouali"),
        ),
    ),
)


def _staff(
    key: str,
    first: str,
    last: str,
    email: str,
    function: str,
    groups: str = "",
    *,
    prefix: str = "",
    known_as: str = "",
) -> PlannedStaff:
    return PlannedStaff(key, Name(first, prefix, last), email, function, tuple(groups.split()), known_as)


def _klinkerhoek_staff() -> tuple[PlannedStaff, ...]:
    at = "@klinkerhoek.example"
    return (
        _staff("M01", "Petra", "Schuurman", f"p.schuurman{at}", "directeur", known_as="Petra Schuurman"),
        _staff("M02", "Samira", "Idrissi", f"s.elidrissi{at}", TEACHER, "G1", prefix="El", known_as="juf Samira"),
        _staff("M03", "Corine", "Dam", f"c.vandam{at}", TEACHER, "G2", prefix="van", known_as="juf Corine"),
        _staff("M04", "Bas", "Wolters", f"b.wolters{at}", TEACHER, "G3", known_as="meester Bas"),
        _staff("M05", "Anna", "Wit", f"a.dewit{at}", TEACHER, "G4", prefix="de", known_as="juf Anna"),
        _staff("M06", "Yasmin", "Öztürk", f"y.ozturk{at}", TEACHER, "G5", known_as="juf Yasmin"),
        _staff("M07", "Thijs", "Vermeulen", f"t.vermeulen{at}", TEACHER, "G6", known_as="meester Thijs"),
        _staff("M08", "Joost", "Hendriks", f"j.hendriks{at}", TEACHER, "G7", known_as="meester Joost"),
        _staff("M09", "Ineke", "Postma", f"i.postma{at}", TEACHER, "G8", known_as="juf Ineke"),
        _staff("M10", "Wouter", "Smit", f"w.smit{at}", TEACHER, "G7 G8", known_as="meester Wouter"),
        _staff(
            "M11", "Lonneke", "Prins", f"l.prins{at}", "vakleerkracht gym", "G3 G4 G5 G6 G7 G8", known_as="juf Lonneke"
        ),
        _staff("M14", "Sevda", "Koç", f"s.koc{at}", "vakleerkracht drama", "G5 G6", known_as="juf Sevda"),
        _staff("M15", "Hülya", "Aydın", f"h.aydin{at}", "onderwijsassistent", "G1 G2", known_as="juf Hülya"),
        _staff("M12", "Gerda", "Timmer", f"g.timmer{at}", "intern begeleider", known_as="Gerda Timmer"),
        _staff("M13", "Kees", "Brouwer", f"k.brouwer{at}", "conciërge", known_as="Kees Brouwer"),
    )


def _vliegerdraad_staff() -> tuple[PlannedStaff, ...]:
    at = "@vliegerdraad.example"
    return (
        _staff("M01", "Harm", "Wieringa", f"h.wieringa{at}", "directeur", known_as="Harm Wieringa"),
        _staff("M02", "Mirjam", "Kok", f"m.kok{at}", TEACHER, "G12A", known_as="juf Mirjam"),
        _staff("M03", "Derya", "Kaya", f"d.kaya{at}", TEACHER, "G12B", known_as="juf Derya"),
        _staff("M04", "Elske", "Blom", f"e.blom{at}", TEACHER, "G3", known_as="juf Elske"),
        _staff("M05", "Orlando", "Pinas", f"o.pinas{at}", TEACHER, "G4", known_as="meester Orlando"),
        _staff("M06", "Tineke", "Heide", f"t.vanderheide{at}", TEACHER, "G5", prefix="van der", known_as="juf Tineke"),
        _staff("M07", "Gijs", "Terpstra", f"g.terpstra{at}", TEACHER, "G6", known_as="meester Gijs"),
        _staff("M08", "Naima", "Tahiri", f"n.tahiri{at}", TEACHER, "G7", known_as="juf Naima"),
        _staff("M09", "Rob", "Huisman", f"r.huisman{at}", TEACHER, "G8", known_as="meester Rob"),
        _staff("M10", "Ewa", "Sikora", f"e.sikora{at}", "onderwijsassistent", "G12A G12B", known_as="juf Ewa"),
    )


KLINKERHOEK = SchoolOutline(
    brin="99KK",
    name="De Klinkerhoek",
    domain="klinkerhoek.example",
    phone="0597-01 23 45",
    street="Klinkerhoek 1",
    town="Oosterwiel",
    groups=tuple(PlannedGroup(f"G{year}", f"Groep {year}", (year,), 24 + year % 3) for year in range(1, 9)),
    staff=_klinkerhoek_staff(),
    families=_KLINKERHOEK_FAMILIES,
)

VLIEGERDRAAD = SchoolOutline(
    brin="99KV",
    name="De Vliegerdraad",
    domain="vliegerdraad.example",
    phone="0597-01 23 67",
    street="Vliegerpad 12",
    town="Westerwiel",
    groups=(
        PlannedGroup("G12A", "Groep 1/2 A", (1, 2), 26),
        PlannedGroup("G12B", "Groep 1/2 B", (1, 2), 25),
        *(PlannedGroup(f"G{year}", f"Groep {year}", (year,), 23 + year % 4) for year in range(3, 9)),
    ),
    staff=_vliegerdraad_staff(),
    families=(PlannedFamily("", "Mazur", (PlannedChild("Zofia", "G3"),), (MOTHER_AT_TWO_SCHOOLS,)),),
)

NIEUWE_BRUG = SchoolOutline(
    brin="99KN",
    name="De Nieuwe Brug",
    domain="nieuwebrug.example",
    phone="",
    street="",
    town="",
    groups=(PlannedGroup("G1", "Groep 1", (1,), 8), PlannedGroup("G2", "Groep 2", (2,), 8)),
    staff=(
        _staff("M01", "Dewi", "Santoso", "d.santoso@nieuwebrug.example", TEACHER, "G1"),
        _staff("M02", "Jelle", "Bakker", "", TEACHER, "G2"),
        _staff("M03", "Carla", "Nunes", "c.nunes@nieuwebrug.example", "intern begeleider"),
    ),
    families=(),
)
"""It begins with Kring today: its roster is there, and nothing else."""

UITKIJK = SchoolOutline(
    brin="99KU",
    name="De Uitkijk",
    domain="uitkijk.example",
    phone="0597-01 23 89",
    street="Dijkpad 3",
    town="Noorderwiel",
    groups=(PlannedGroup("K4", "Klas 4", (11,), 6),),
    staff=(_staff("M01", "Hilda", "Veen", "h.veen@uitkijk.example", TEACHER, "K4", known_as="mevrouw Veen"),),
    families=(
        PlannedFamily(
            "",
            "Postma",
            (PlannedChild(PUPIL.first, "K4", date(2010, 3, 3)),),
            (_parent("Geeske", "Postma", "moeder", "geeske.postma"), _parent("Jan", "Postma", "vader", "jan.postma")),
        ),
    ),
)
"""Its pupils are in their teens: from sixteen on they choose for themselves."""

OUTLINES = (KLINKERHOEK, VLIEGERDRAAD)
