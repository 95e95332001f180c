"""The photos of a form: what was chosen before, what comes in with it, and what the buttons without scripts do."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.models import Group, GroupKind, School
from groups.people.services.pages import managed_among
from groups.roles import Hat
from messaging.photos.domain import Picture
from messaging.photos.services.gate import (
    Gate,
    GateClosedError,
    NotDeclaredError,
    OthersMarkedError,
    PicturesRefusedError,
    Recognisable,
    gate_of,
)
from messaging.photos.services.images import (
    MOST_IN_A_FORM,
    MOST_IN_A_POST,
    Answer,
    TooManyAnHourError,
    TooManyLyingError,
    TooManyWaitingError,
    Waits,
    look_at_uploads,
    upload_images,
)
from messaging.photos.services.placements import OtherSchoolError, TooManyPicturesError, waiting_among
from messaging.writings.views.asking import listed, names_of
from portal.core.media.decoding import Refused
from portal.core.media.kinds import MOST_BYTES
from portal.core.request import SignedInRequest, as_uid, uids_in
from portal.core.words import Words

ACT = "photo_act"
NOBODY = "nobody"
MOST_OTHERS = 1000
LONGEST_NAME = 60
NOT_ITS_FAULT = {"later", "room"}


@dataclass
class Taken:
    """What came in: photos that are kept now, `waiting` those of them whose turn it is not yet; a sentence for each
    that is not kept. `again`: the same may go later."""

    uids: list[UUID] = field(default_factory=list)
    waiting: set[UUID] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    again: bool = False


def take_in(files: Sequence[Any], request: SignedInRequest, hat: Hat, school: School) -> Taken:
    """Keep the files that are photos; every other one gets a sentence that says what to do, of several by name."""
    if not files:
        return Taken(complaints=[_("No photo came in. Choose it again.")])
    light = [file for file in files if file.size <= MOST_BYTES]
    try:
        answers = upload_images(pictures=[file.read() for file in light], school=school, by=request.actor.wearing(hat))
    except tuple(TOO_MANY) as refused:
        return Taken(complaints=[str(TOO_MANY[type(refused)])], again=True)
    looked_at = iter(answers)
    in_order = [next(looked_at) if file.size <= MOST_BYTES else Refused("heavy") for file in files]
    return _taken(in_order, [file.name for file in files] if len(files) > 1 else [""])


def look_again(uids: Sequence[UUID], request: SignedInRequest) -> Taken:
    """Whether it is their turn now; nothing about photos that are not this person's."""
    looked_at = look_at_uploads(uids=uids, by=request.actor)
    return _taken([looked_at[uid] for uid in uids if uid in looked_at])


def _taken(answers: Sequence[Answer], names: Iterable[str] = repeat("")) -> Taken:
    named = zip(names, answers, strict=False)
    refused = [(name[-LONGEST_NAME:], answer.reason) for name, answer in named if isinstance(answer, Refused)]
    return Taken(
        uids=[answer.uid for answer in answers if not isinstance(answer, Refused)],
        waiting={answer.uid for answer in answers if isinstance(answer, Waits)},
        complaints=[f"{name}: {complaint(reason)}" if name else complaint(reason) for name, reason in refused],
        again=not NOT_ITS_FAULT.isdisjoint(reason for _name, reason in refused),
    )


TOO_MANY: dict[type[Exception], Words] = {
    TooManyLyingError: gettext_lazy("Many photos wait without a message. Place those first, or go on tomorrow."),
    TooManyWaitingError: gettext_lazy(
        "Your other photos are still being looked at. Send this one when they are there."
    ),
    TooManyAnHourError: gettext_lazy("You sent many photos this hour. Send the others later. Your text is safe."),
}


def complaint(reason: str) -> str:
    """Why a photo is not there, in words that say what to do."""
    sentences = {
        "empty": _("A photo came in empty. Choose it again."),
        "kind": _("This is not a photo that Kring knows. Choose a JPEG, PNG or WebP."),
        "heic": _("This photo is in the iPhone's own format. Choose it on the iPhone itself, or send it as JPEG."),
        "large": _("This photo has too many pixels. Choose a smaller one."),
        "heavy": _("This photo is larger than 15 MB. Choose a smaller one."),
        "slow": _("This photo is made in a way that costs too much time. Choose another, or send a screenshot of it."),
        "broken": _("This photo did not come in whole. Choose it again."),
        "later": _("Kring cannot look at photos now. Your text is safe. Try again in a minute."),
        "room": _("There is no room for photos now. Your text is safe. Tell the school's IT person."),
    }
    return sentences[reason]


@dataclass
class Picks:
    """The photos of one form, in order; `complaints` are about those that came in with it just now.

    `others` are people of other groups whom the writer wants to point at, `sought` is the name of one more.
    `refused` says of a photo, by its number, why it cannot be placed like this; `waiting` have to be looked at first.
    """

    pictures: list[Picture] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    acted: bool = False
    others: frozenset[UUID] = frozenset()
    sought: str = ""
    refused: dict[int, str] = field(default_factory=dict)
    waiting: set[UUID] = field(default_factory=set)

    @property
    def is_only_photos(self) -> bool:
        """A button about photos was pressed, and nothing went wrong: the form comes back as it is."""
        return self.acted and not self.complaints


def picks_of(request: SignedInRequest, hat: Hat, school: School) -> Picks:
    """Read the form: photos sent before, then a button pressed, then files that came along (without scripts)."""
    picks = Picks(pictures_in(request.POST))
    act, _colon, uid = request.POST.get(ACT, "").partition(":")
    read_others(request.POST, picks)
    picks.acted = bool(act)
    picks.pictures = _nobody_on_the_rest(picks.pictures) if act == NOBODY else _after(act, as_uid(uid), picks.pictures)
    _look_at_waiting(picks, request)
    if files := request.FILES.getlist("photos"):
        taken = take_in(files[:MOST_IN_A_FORM], request, hat, school)
        picks.pictures += [Picture(uid) for uid in taken.uids]
        picks.waiting |= taken.waiting
        picks.complaints += taken.complaints
        if len(files) > MOST_IN_A_FORM:
            picks.complaints.append(_("Send at most ten photos at once. Choose the others after that."))
    if picks.waiting and not picks.acted:
        picks.complaints.append(
            _("Wait a moment: not all photos have been looked at. Your text is safe. Press once more.")
        )
    return picks


def pictures_in(sent: MultiValueDict) -> list[Picture]:
    """The photos that a form holds, in order, with what was said of each."""
    uids = uids_in(sent.getlist("photo")[: MOST_IN_A_POST + 1])
    return [Picture(uid, sent.get(f"alt-{uid}", ""), _marks(sent, uid)) for uid in uids]


def _look_at_waiting(picks: Picks, request: SignedInRequest) -> None:
    """Without scripts the form itself asks for the turn of its photos, whatever button was pressed."""
    waiting = waiting_among(picks.pictures, user=request.user)
    taken = look_again(waiting, request) if waiting else Taken()
    gone = set(waiting) - set(taken.uids)
    picks.pictures = [one for one in picks.pictures if one.uid not in gone]
    picks.waiting, picks.complaints = taken.waiting, taken.complaints


def read_others(sent: QueryDict, picks: Picks) -> None:
    """Which people of other groups were chosen, and which name is looked for."""
    picks.others = frozenset(uids_in(sent.getlist("ook")[:MOST_OTHERS]))
    picks.sought = sent.get("zoek", "").replace("\0", "").strip()[:LONGEST_NAME]


def _marks(sent: MultiValueDict, uid: UUID) -> frozenset[UUID] | None:
    """Who is recognisable on this photo; None when nothing was said. A name says more than "nobody"."""
    marks = sent.getlist(_field_of(uid))[:MOST_OTHERS]
    return frozenset(uids_in(marks)) if marks else None


def _nobody_on_the_rest(pictures: Iterable[Picture]) -> list[Picture]:
    """On none of these is anybody recognisable, but for those of which was said who is."""
    return [replace(one, marks=frozenset()) if one.marks is None else one for one in pictures]


def _after(act: str, uid: UUID | None, pictures: list[Picture]) -> list[Picture]:
    places = {picture.uid: place for place, picture in enumerate(pictures)}
    if uid not in places:
        return pictures
    place = places[uid]
    chosen = pictures.pop(place)
    if act == "remove":
        return pictures
    pictures.insert(max(0, place + {"earlier": -1, "later": 1}.get(act, 0)), chosen)
    return pictures


def complain(form: forms.Form, picks: Picks) -> None:
    """What is wrong with files that came along, at the top of the form."""
    for sentence in dict.fromkeys(picks.complaints):
        form.add_error(None, sentence)


def explain(form: forms.Form, refused: PicturesRefusedError, picks: Picks, *, child: str = "") -> None:
    """Why these photos cannot be placed like this; in a conversation about `child`."""
    if isinstance(refused, GateClosedError):
        picks.refused = _why_closed(refused)
        for complaint_of_one in _closed_in_short(refused, picks.refused):
            form.add_error(None, complaint_of_one)
    elif isinstance(refused, OthersMarkedError | OtherSchoolError):
        for sentence in _not_here(refused):
            form.add_error(None, sentence)
    elif isinstance(refused, NotDeclaredError) and child:
        form.add_error("declared", _("Look at the photos and say that only %(child)s is in them.") % {"child": child})
    elif isinstance(refused, NotDeclaredError):
        form.add_error("declared", _("Look at the photos and say who is in them."))
    elif isinstance(refused, TooManyPicturesError):
        form.add_error(None, _("At most %(most)s photos in one message.") % {"most": refused.most})
    else:
        form.add_error(None, _("A photo is not there any more. Choose it again."))


class AboutPhotoError(ValidationError):
    """What is wrong with a photo of the form, by its number: the summary leads to it."""

    def __init__(self, sentence: str, number: int) -> None:
        super().__init__(sentence)
        self.anchor = f"foto-{number}"


def _not_here(refused: OthersMarkedError | OtherSchoolError) -> list[ValidationError]:
    """Of each photo that cannot stand here what to do with it; one sentence where no photo can."""
    if isinstance(refused, OtherSchoolError) and refused.schools > 1:
        return [ValidationError(_("With photos a message is for one school. Write to the other school on its own."))]
    sentence = (
        _("Photo %(number)s came in for your other school. Take it out, and choose it again.")
        if isinstance(refused, OtherSchoolError)
        else _("Somebody else is marked in photo %(number)s. Leave that one out here.")
    )
    return [AboutPhotoError(sentence % {"number": number}, number) for number in refused.numbers]


def _why_closed(refused: GateClosedError) -> dict[int, str]:
    """Per photo what can be done; who said no, and why, is nobody's business."""
    barred = _("Photo %(number)s cannot be placed: %(names)s may not be shown.")
    why = {number: _("Say who can be recognised.") for number in refused.unmarked}
    why |= {number: barred % {"number": number, "names": listed(names)} for number, names in refused.barred.items()}
    return dict(sorted(why.items()))


def _closed_in_short(refused: GateClosedError, why: Mapping[int, str]) -> list[AboutPhotoError]:
    """For the top of the page: each photo that cannot go, and in one sentence where something has still to be said."""
    barred = [AboutPhotoError(why[number], number) for number in sorted(refused.barred)]
    numbers = sorted(set(refused.unmarked) - refused.barred.keys())
    if not numbers:
        return barred
    unmarked = ngettext("Who is in photo %(numbers)s?", "Who is in the photos %(numbers)s?", len(numbers))
    named = listed([str(number) for number in numbers])
    return [*barred, AboutPhotoError(unmarked % {"numbers": named}, numbers[0])]


def _field_of(uid: object) -> str:
    return f"wie-{uid}"


@dataclass(frozen=True)
class PickedPhoto:
    """A photo in the form, with the people who can be pointed at on it and whether they were.

    One that `stands` in the message already is not asked about: what is said of it holds.
    """

    uid: UUID | None
    alt: str
    number: int
    people: list[tuple[Recognisable, bool]]
    is_nobody: bool
    complaint: str
    is_waiting: bool = False
    stands: bool = False

    @property
    def field(self) -> str:
        """Under which name is sent who is on it; the mould of the script has none."""
        return _field_of(self.uid) if self.uid else ""

    @property
    def spared(self) -> list[tuple[Recognisable, bool]]:
        """Those who may not be shown: they stand first."""
        return [(person, is_on) for person, is_on in self.people if not person.is_shown]

    @property
    def shown(self) -> list[tuple[Recognisable, bool]]:
        return [(person, is_on) for person, is_on in self.people if person.is_shown]

    @property
    def shows_somebody(self) -> bool:
        return any(is_on for _person, is_on in self.shown)

    @property
    def is_settled(self) -> bool:
        """Nothing has to be asked about this photo."""
        return self.stands or self.is_nobody or any(is_on for _person, is_on in self.people)


def thumbs_of(
    pictures: Sequence[Picture], gate: Gate, refused: Mapping[int, str], standing: Collection[UUID] = ()
) -> list[PickedPhoto]:
    """The photos of the form as it is painted."""
    return [
        PickedPhoto(
            uid=one.uid,
            alt=one.alt,
            number=number,
            people=_pointed_at(gate, one.marks),
            is_nobody=one.marks == frozenset(),
            complaint=refused.get(number, ""),
            is_waiting=one.is_waiting,
            stands=one.uid in standing,
        )
        for number, one in enumerate(pictures, 1)
    ]


def _pointed_at(gate: Gate, marks: frozenset[UUID] | None) -> list[tuple[Recognisable, bool]]:
    return [(person, person.uid in (marks or ())) for person in [*gate.people, *gate.others]]


def photo_context(
    request: SignedInRequest,
    hat: Hat,
    groups: Sequence[Group],
    pictures: Sequence[Picture],
    picks: Picks,
    standing: Collection[UUID] = (),
) -> dict[str, object]:
    """What `_photos.html` shows of a message to these groups: the gate, and the photos with their marks.

    About photos that are `standing` in it already nothing is asked.
    """
    others = picks.others | {uid for one in pictures for uid in one.marks or ()}
    gate = gate_of(
        groups,
        by=request.actor.wearing(hat),
        photos=[one.uid for one in pictures if not one.is_waiting],
        others=others,
        sought=picks.sought,
    )
    asked = gate.has_begun and hat == Hat.STAFF
    thumbs = thumbs_of(pictures, gate, picks.refused, standing)
    return {
        "gate": gate,
        "preferences": managed_among(groups, actor=request.actor) if asked else [],
        "declaration": _declaration(gate),
        "pictures": thumbs,
        "photos_gone": len(picks.pictures) - len(pictures) if request.method != "POST" else 0,
        "unsaid": sum(not one.is_settled for one in thumbs),
        "mould": PickedPhoto(None, "", 0, _pointed_at(gate, None), is_nobody=False, complaint=""),
        "chosen_others": picks.others,
    }


def _declaration(gate: Gate) -> str:
    """The words of the confirmation, for these groups."""
    kinds = {group.kind for group in gate.groups}
    if not gate.has_begun:
        return _("Everybody who can be recognised in the photos may be shown to this group.")
    if GroupKind.SCHOOL in kinds:
        return _("Only children of our school are in these photos.")
    if kinds <= {GroupKind.COUNCIL, GroupKind.STAFF}:
        return _("Only people of %(groups)s are in these photos.") % {"groups": names_of(gate.groups)}
    return _("Only children of %(groups)s are in these photos.") % {"groups": names_of(gate.groups)}
