"""The photos of a form: what was chosen before, what comes in with it, and what the buttons without scripts do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from groups.models import School
from groups.roles import Hat
from messaging.models import Image
from messaging.services.images import MOST_BYTES, MOST_IN_A_FORM, MOST_IN_A_POST, TooManyLyingError, upload_images
from messaging.services.placements import NotDeclaredError, Picture, PicturesRefusedError, TooManyPicturesError
from messaging.views.request import SignedInRequest
from portal.core.media import storage

ACT = "photo_act"


@dataclass
class Taken:
    """What came in: photos that are kept now, and a sentence for each that is not."""

    images: list[Image] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def take_in(files: Sequence[Any], request: SignedInRequest, hat: Hat, school: School) -> Taken:
    """Keep the files that are photos; every other one gets a sentence that says what to do."""
    if not files:
        return Taken(complaints=[_("No photo came in. Choose it again.")])
    light = [file for file in files if file.size <= MOST_BYTES]
    try:
        answers = upload_images(
            pictures=[file.read() for file in light], school=school, by=request.user, hat=hat, now=request.now
        )
    except TooManyLyingError:
        return Taken(complaints=[_("Many photos wait without a message. Place those first.")])
    except storage.NoRoomError:
        return Taken(complaints=[_("There is no room for photos now. Your text is safe. Tell the school's IT person.")])
    taken = Taken([answer for answer in answers if isinstance(answer, Image)])
    taken.complaints = [complaint(answer.reason) for answer in answers if not isinstance(answer, Image)]
    taken.complaints += [complaint("heavy")] * (len(files) - len(light))
    return taken


def complaint(reason: str) -> str:
    """Why a photo is not there, in words that say what to do."""
    sentences = {
        "empty": _("A photo came in empty. Choose it again."),
        "kind": _("This is not a photo that Kring knows. Choose a JPEG, PNG or WebP."),
        "heic": _("This photo is in the iPhone's own format. Choose it on the iPhone itself, or send it as JPEG."),
        "large": _("This photo has too many pixels. Choose a smaller one."),
        "heavy": _("This photo is larger than 15 MB. Choose a smaller one."),
        "broken": _("This photo did not come in whole. Choose it again."),
    }
    return sentences[reason]


@dataclass
class Picks:
    """The photos of one form, in order; `complaints` are about those that came in with it just now."""

    pictures: list[Picture] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    acted: bool = False


def picks_of(request: SignedInRequest, hat: Hat, school: School) -> Picks:
    """Read the form: photos sent before, then a button pressed, then files that came along (without scripts)."""
    uids = [uid for uid in map(_as_uid, request.POST.getlist("photo")[: MOST_IN_A_POST + 1]) if uid]
    picks = Picks([Picture(uid, request.POST.get(f"alt-{uid}", "")) for uid in uids])
    act, _colon, uid = request.POST.get(ACT, "").partition(":")
    picks.acted = bool(act)
    picks.pictures = _after(act, _as_uid(uid), picks.pictures)
    if files := request.FILES.getlist("photos"):
        taken = take_in(files[:MOST_IN_A_FORM], request, hat, school)
        picks.pictures += [Picture(image.uid) for image in taken.images]
        picks.complaints = taken.complaints
        if len(files) > MOST_IN_A_FORM:
            picks.complaints.append(_("Send at most ten photos at once. Choose the others after that."))
    return picks


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


def shown(pictures: Iterable[Picture], request: HttpRequest, hat: Hat) -> list[Picture]:
    """Those that the person may see: somebody else's photo is as if it were not there."""
    chosen = list(pictures)
    if not chosen:
        return []
    visible = Image.objects.visible_to(request.user, now=request.now)
    there = set(visible.filter(uid__in=[picture.uid for picture in chosen]).values_list("uid", flat=True))
    return [picture for picture in chosen if picture.uid in there]


def _as_uid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def complain(form: Any, picks: Picks) -> None:
    """What is wrong with files that came along, at the top of the form."""
    for sentence in dict.fromkeys(picks.complaints):
        form.add_error(None, sentence)


def explain(form: Any, refused: PicturesRefusedError) -> None:
    """Why these photos cannot be placed like this."""
    if isinstance(refused, NotDeclaredError):
        form.add_error("declared", _("Look at the photos and say that everybody in them may be shown."))
    elif isinstance(refused, TooManyPicturesError):
        form.add_error(None, _("At most thirty photos fit in one message."))
    else:
        form.add_error(None, _("A photo is not there any more. Choose it again."))
