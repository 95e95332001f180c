"""What the answers mean today, in words of ours: the school's own words say what is asked."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.asking.domain import purposes

SHOWN: dict[str, Promise] = {
    purposes.IMAGES: _("At this moment: on photos in the group."),
    purposes.RECORDINGS: _("At this moment: in videos in the group."),
    purposes.NAMES: _("At this moment: the name may be in messages."),
    purposes.SCHOOL_GUIDE: _("At this moment: in the school guide."),
    purposes.WEBSITE: _("At this moment: on the website."),
    purposes.SOCIAL_MEDIA: _("At this moment: on social media."),
    purposes.PRESS: _("At this moment: in the newspaper."),
    purposes.CONTACT_DETAILS: _("At this moment: on the list of the group."),
}
HIDDEN: dict[str, Promise] = {
    purposes.IMAGES: _("At this moment: not on photos in the group."),
    purposes.RECORDINGS: _("At this moment: not in videos in the group."),
    purposes.NAMES: _("At this moment: the name is not in messages."),
    purposes.SCHOOL_GUIDE: _("At this moment: not in the school guide."),
    purposes.WEBSITE: _("At this moment: not on the website."),
    purposes.SOCIAL_MEDIA: _("At this moment: not on social media."),
    purposes.PRESS: _("At this moment: not in the newspaper."),
    purposes.CONTACT_DETAILS: _("At this moment: not on the list of the group."),
}

ABOUT_ADULTS: dict[str, Promise] = {
    purposes.IMAGES: _("Photos with you in Kring. Parents and staff of the group see them."),
    purposes.RECORDINGS: _("Videos and sound with you in Kring. Parents and staff of the group see and hear them."),
    purposes.WEBSITE: _("A photo with you on the school’s website. Everybody can see and keep it."),
    purposes.SOCIAL_MEDIA: _("A photo with you on the school’s social media. Everybody can see, keep and share it."),
    purposes.PRESS: _("A photo with you in the newspaper, or with an organisation the school works with."),
}
"""What is asked of adults about themselves (POL-46)."""


def today(key: str, *, is_shown: bool) -> Promise:
    """ "Op dit moment: niet op de website."; a purpose of the school's own says only yes or no."""
    words = SHOWN if is_shown else HIDDEN
    return words.get(key, _("At this moment: yes.") if is_shown else _("At this moment: no."))


YES_BEFORE: Final = _("You said yes before.")
