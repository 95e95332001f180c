"""What a school asks about, and on which ground (POL-40, 42, 47)."""

from enum import StrEnum

IMAGES = "images"
RECORDINGS = "recordings"
NAMES = "names"
SCHOOL_GUIDE = "school_guide"
WEBSITE = "website"
SOCIAL_MEDIA = "social_media"
PRESS = "press"
CONTACT_DETAILS = "contact_details"

PICTURED = frozenset({IMAGES, RECORDINGS, SCHOOL_GUIDE, WEBSITE, SOCIAL_MEDIA, PRESS})
"""Where somebody is seen or heard: a child that rather not is not shown there (POL-45)."""

EVERYWHERE = PICTURED | {NAMES, CONTACT_DETAILS}
"""Every purpose that Kring knows itself: a shielded child is shown and named for none."""

FOR_ADULTS = frozenset({IMAGES, RECORDINGS, WEBSITE, SOCIAL_MEDIA, PRESS})
"""What is asked of staff and other adults about themselves (POL-46)."""

WITHOUT_PLACE = frozenset({RECORDINGS, CONTACT_DETAILS})
"""What Kring has no place for yet: no family is asked until the school says that it has one of its own."""


class Basis(StrEnum):
    """The legal ground: consent counts from a yes on, another ground until somebody objects."""

    CONSENT = "consent"
    OBJECTION = "objection"


class Says(StrEnum):
    """An answer. An objection is a no."""

    YES = "yes"
    NO = "no"
