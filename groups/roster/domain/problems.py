"""What can be wrong with a roster file: one sentence each, with what to do; translated where it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


def gettext_noop(message: str) -> str:
    """Marks a sentence for the message catalogue; this layer knows no Django."""
    return message


class Complaint(Enum):
    """The sentences. Those of `REPORTED` leave the rest of the file importable; any other refuses the file."""

    EMPTY = gettext_noop("The file is empty. Export it once more.")
    UNREADABLE = gettext_noop("The file cannot be opened. Is it there, and may Kring read it?")
    TOO_BIG = gettext_noop("The file is larger than %(limit)s MB. That is no class list; check which file this is.")
    TOO_MANY = gettext_noop(
        "The file has more than %(limit)s lines. No school has that many; check which file this is."
    )
    TOO_HEAVY = gettext_noop(
        "Kring stopped reading: this file takes far more work than a list of a school. Put the list in a new file, or "
        "export it once more."
    )
    UNKNOWN_KIND = gettext_noop(
        "This is neither EDEXML nor a list of caregivers as text. Export EDEXML from the school's administration, "
        "or save the spreadsheet as XLSX or CSV."
    )
    WORKBOOK = gettext_noop(
        "This is a workbook or a zip file that cannot be read. Save it as XLSX or as “CSV UTF-8”, or export EDEXML."
    )
    LOCKED_WORKBOOK = gettext_noop("This workbook has a password. Save it without one.")
    NOT_XML = gettext_noop("This is no XML file. Export EDEXML from the school's administration once more.")
    BROKEN_XML = gettext_noop("The file breaks off or is damaged here. Export it once more; nothing was read.")
    FORBIDDEN_XML = gettext_noop(
        "The file contains a document type or entities. An EDEXML export never does: it may be an attack."
    )
    WRONG_ROOT = gettext_noop("The file starts with “%(name)s”; EDEXML starts with EDEX or leerlinggegevens.")
    NO_SCHOOL = gettext_noop("The file does not say which school (brincode) it belongs to.")
    BAD_SCHOOL_YEAR = gettext_noop("The school year “%(value)s” cannot be read; it should look like 2026-2027.")
    BAD_REFERENCE_DAY = gettext_noop("The reference day (peildatum) “%(value)s” is no day in the file's school year.")
    OTHER_SCHOOL = gettext_noop("This file is of school %(found)s, and you are importing for school %(expected)s.")
    BAD_SCHOOL_CODE = gettext_noop("“%(value)s” is no school code; it should look like 99XX or 99XX01.")
    UNKNOWN_SCHOOL = gettext_noop("School %(expected)s is not known. Check the code, or add --create-school NAME.")
    TWO_ROSTERS = gettext_noop("There are two EDEXML files in one import. Import them one after the other.")
    TWO_LISTS = gettext_noop("There are two lists of caregivers in one import. Put them together in one file.")
    YEAR_OVER = gettext_noop("This file is of school year %(found)s, and %(running)s is already running.")
    YEAR_FAR_OFF = gettext_noop(
        "School year %(found)s is too far away; only this year's and next year's file are read."
    )
    MANY_LEAVERS = gettext_noop(
        "%(leaving)s of the %(present)s pupils are not in this file. That is a lot. "
        "Did they really leave? Then confirm it."
    )

    MANY_LOST = gettext_noop(
        "This list ends %(leaving)s of the %(present)s ties between parents and these children: those parents see "
        "nothing of the child any more. Is this the right list? Then confirm it."
    )

    MANY_COLLEAGUES = gettext_noop(
        "This file does not name %(leaving)s of the %(present)s members of staff: their tasks end, and they see "
        "nothing of the school any more. Did they really leave? Then confirm it."
    )

    NO_KEY = gettext_noop("This %(what)s has no key. Repair it in the administration and export again.")
    RESERVED_KEY = gettext_noop("A key may not start with “@” or “~” or contain unreadable characters.")
    DUPLICATE_KEY = gettext_noop("The key is used twice; first on line %(first)s. Each %(what)s needs its own key.")
    OTHER_CHILD = gettext_noop(
        "Pupil number %(key)s belonged to another child: %(before)s. Give this child a number of its own in the "
        "administration and export again. Is it the same child after all? Then do not change everything at once."
    )
    SAME_CHILD = gettext_noop(
        "Pupil number %(key)s was of %(before)s and is now of %(after)s. Is it another child? Give it a number of its "
        "own in the administration and export again. Is it the same child? Kring asks that once nothing else is wrong."
    )
    OTHER_MEMBER = gettext_noop(
        "Key %(key)s belonged to another member of staff: %(before)s. Give this colleague a key of their own in the "
        "administration and export again. Is it the same person? Change name and address one after the other."
    )
    NO_NAME = gettext_noop("The name is missing.")
    BAD_DATE = gettext_noop("The date “%(value)s” cannot be read. Write it as 31-12-2018 or 2018-12-31.")
    BAD_ADDRESS = gettext_noop("“%(value)s” is no e-mail address. Correct it or leave the cell empty.")
    LOST_LETTER = gettext_noop(
        "A letter was lost in “%(value)s” when the file was saved. Save the file as “CSV UTF-8” and try again."
    )
    LOST_LETTERS = gettext_noop(
        "In %(count)s cells a letter was lost when the file was saved, as in “%(value)s”. Lines: %(lines)s. Save the "
        "file as “CSV UTF-8” and try again."
    )
    SAVED_TWICE = gettext_noop(
        "The letters of this file were saved in a wrong way: “%(value)s” should be “%(meant)s”. Export the list once "
        "more, save it as “CSV UTF-8” and do not open it in between."
    )
    HIDDEN_CHARACTER = gettext_noop("The %(column)s contains a character that cannot be shown. Type it again.")
    TOO_LONG = gettext_noop("The %(column)s is longer than %(limit)s characters.")

    UNKNOWN_ENCODING = gettext_noop("The letters of this file cannot be read. Save it as “CSV UTF-8”.")
    BROKEN_CSV = gettext_noop("A quotation mark is missing or out of place here; the rest cannot be read.")
    NO_HEADINGS = gettext_noop(
        "No line of this file says what is in its columns. The first line must name them: %(columns)s."
    )
    NO_LINES = gettext_noop("There is nothing under the headings. Export the list once more.")
    MISSING_COLUMN = gettext_noop("The column “%(column)s” is missing. The first line must name all columns.")
    DOUBLE_COLUMN = gettext_noop("The column “%(column)s” is there twice. Remove one.")
    FORBIDDEN_COLUMN = gettext_noop(
        "The column “%(column)s” may not be in this file: Kring has no purpose for a citizen service number. Remove it."
    )
    WRONG_CELL_COUNT = gettext_noop("This line has %(found)s cells and the first line has %(expected)s.")
    FORMULA = gettext_noop("A cell holds the formula “%(value)s”. Put the value itself there.")
    MADE_A_DAY = gettext_noop(
        "The spreadsheet made a date of the %(column)s: “%(value)s”. Make that column text, type it again, and save."
    )
    NO_CHILD = gettext_noop("The line does not say which child it is about.")
    UNKNOWN_PUPIL = gettext_noop("This pupil is not known at the school. Import the EDEXML file first, or correct it.")
    LOST_NOUGHTS = gettext_noop(
        "Excel took the noughts at the front of the pupil numbers away: %(value)s should be %(meant)s. Make that "
        "column text and type the numbers again, or export the list once more. Lines: %(lines)s."
    )
    OTHER_PUPIL = gettext_noop(
        "The pupil number belongs to another child than the name or the birthday on this line. "
        "Was a single column of the list sorted? Is it this child? Then write its name as in the EDEXML file."
    )
    TWO_PUPILS = gettext_noop("Two pupils have this name and birthday. Add the pupil number.")
    TWO_READINGS = gettext_noop(
        "The list does not say clearly which caregiver of this pupil this line is about. Write each caregiver with one "
        "name and one address on every line."
    )
    BAD_AUTHORITY = gettext_noop("“%(value)s” is no answer to the question of legal authority: write ja or nee.")

    UNKNOWN_GROUP = gettext_noop("Refers to group “%(group)s”, which is not in the file. The rest was taken over.")
    OTHER_KEY = gettext_noop(
        "Group “%(group)s” had the key %(before)s and has another now. So it becomes a new group: parents do not see "
        "any more what was in the old one. Is it the same group? Take nothing over, give it its old key in the "
        "administration and export again."
    )
    KEY_FOLLOWED = gettext_noop(
        "Group “%(group)s” had the key %(before)s and has another now. Its name and most of its pupils are the same, "
        "so it stays the same group, with all that stands in it. Is it another group? Take nothing over, give it "
        "another name in the administration and export again."
    )
    KEY_OF_ANOTHER = gettext_noop(
        "Key %(key)s was of group “%(before)s” and is now of “%(group)s”, with mostly other pupils. So that becomes a "
        "new group: its parents do not see what stands in “%(before)s”. Is it the same group? Take nothing over, and "
        "change its name and its pupils one after the other."
    )
    NO_STAFF = gettext_noop("This file names no staff. Nothing changes for them.")
    NO_GROUP = gettext_noop("This pupil is in no group; the family sees only what is for the whole school.")
    NO_CAREGIVERS = gettext_noop(
        "This pupil has no line in the list of caregivers. Nothing was changed for this child."
    )
    MANY_WITHOUT_CAREGIVERS = gettext_noop(
        "%(count)s pupils are not in this list. Nothing changes for them. Numbers: %(keys)s."
    )
    SHARED_ADDRESS = gettext_noop(
        "Lines %(lines)s: two people, one address. Nobody gets in by that address; give each of them a letter."
    )
    ALSO_ANOTHERS_ADDRESS = gettext_noop(
        "“%(value)s” is also the address of %(name)s, who is not in this list. Two people, one address: nobody comes "
        "in by it. Give whoever is not in yet a letter."
    )
    HIDDEN_LINES = gettext_noop(
        "Lines that are hidden in the list were read too (%(count)s). Lines: %(lines)s. Do they not belong in it? Take "
        "nothing over, and remove them."
    )
    DOUBLE_LINE = gettext_noop("The same caregiver as on line %(first)s; counted once.")
    TWO_ADDRESSES = gettext_noop(
        "The same name as on line %(first)s, with another address: Kring takes them for two people. Is it one person? "
        "Take nothing over, leave one of the two lines in the list and put it in again."
    )
    AUTHORITY_DIFFERS = gettext_noop(
        "Line %(first)s says otherwise about the authority of the same caregiver. Decide it."
    )
    UNKNOWN_RELATION = gettext_noop("The relation “%(value)s” is not known; “verzorger” was put down.")
    ADDRESS_KEPT = gettext_noop(
        "This member of staff has a role given by hand and has not come in yet; "
        "the address “%(value)s” was not taken over."
    )
    DECIDED_OTHERWISE = gettext_noop("The management decided otherwise about this caregiver; that decision stays.")
    WAITS_FOR_DECISION = gettext_noop(
        "The management decided about a caregiver of this child. Is this the same person under another name or "
        "address? Until somebody decides, this caregiver waits."
    )
    DECIDED_ELSEWHERE = gettext_noop(
        "The management decided about somebody with this name or address at another child, or this caregiver waits "
        "there too. Until somebody decides, this caregiver waits."
    )
    CHILD_LEFT = gettext_noop(
        "This child left school. Is it back, or is it another child with this number? Put in the EDEXML file first. "
        "Until somebody decides, this caregiver waits."
    )
    CAREGIVERS_WAIT = gettext_noop(
        "This child is back. Whoever cared for it then waits: put them in the list of caregivers, or decide yourself."
    )
    DECIDED_ADDRESS_STAYS = gettext_noop(
        "The management decided about this caregiver; the address “%(value)s” was not taken over."
    )
    DECIDED_NAME_STAYS = gettext_noop(
        "The management decided about this caregiver; the name “%(value)s” was not taken over."
    )
    DAILY_CARER = gettext_noop(
        "This caregiver cares for the child day by day and has no legal authority. Until somebody decides, this "
        "caregiver waits. “Daily carer” is one of the answers."
    )
    SECRET_ADDRESS = gettext_noop(
        "The administration keeps the address of this child secret. Shield the child under People; you give a reason."
    )
    ADDRESS_OF_ANOTHER = gettext_noop(
        "“%(value)s” is the address of a caregiver about whom the management decided. "
        "It was not taken over; check whose address this is."
    )

    @property
    def refuses(self) -> bool:
        return self not in REPORTED


REPORTED: Final = frozenset(
    {
        Complaint.UNKNOWN_GROUP,
        Complaint.OTHER_KEY,
        Complaint.KEY_FOLLOWED,
        Complaint.KEY_OF_ANOTHER,
        Complaint.NO_STAFF,
        Complaint.NO_GROUP,
        Complaint.NO_CAREGIVERS,
        Complaint.MANY_WITHOUT_CAREGIVERS,
        Complaint.SHARED_ADDRESS,
        Complaint.ALSO_ANOTHERS_ADDRESS,
        Complaint.HIDDEN_LINES,
        Complaint.DOUBLE_LINE,
        Complaint.TWO_ADDRESSES,
        Complaint.AUTHORITY_DIFFERS,
        Complaint.UNKNOWN_RELATION,
        Complaint.ADDRESS_KEPT,
        Complaint.DECIDED_OTHERWISE,
        Complaint.WAITS_FOR_DECISION,
        Complaint.DECIDED_ELSEWHERE,
        Complaint.CHILD_LEFT,
        Complaint.CAREGIVERS_WAIT,
        Complaint.DECIDED_ADDRESS_STAYS,
        Complaint.DECIDED_NAME_STAYS,
        Complaint.ADDRESS_OF_ANOTHER,
        Complaint.DAILY_CARER,
        Complaint.SECRET_ADDRESS,
    }
)


QUESTIONS: Final = frozenset(
    {Complaint.MANY_LEAVERS, Complaint.MANY_LOST, Complaint.MANY_COLLEAGUES, Complaint.SAME_CHILD}
)
"""What refuses a file until somebody answers yes."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong: in which file, on which line, at which key."""

    complaint: Complaint
    file: str = ""
    line: int | None = None
    key: str = ""
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.complaint.value % self.facts


class RosterRefusedError(Exception):
    """A file was refused as a whole: nothing of it may be written. Carries every reason at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def refuse_if_needed(problems: Iterable[Problem]) -> None:
    """Raises `RosterRefusedError` with all `problems` when one of them refuses the file."""
    severe = tuple(problems)
    if any(problem.complaint.refuses for problem in severe):
        raise RosterRefusedError(severe)
