"""What people read about what was decided in a case about them (POL-63, 65, 66).

To a colleague none of it says who did it: to the directie it is the board, and a kind word is of another colleague.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.told.domain.kinds import ToldKind, ToldWords

KEEPS = ToldWords(
    _(
        "The conversations about your child, unless school writes that these are closed too. Your choices about "
        "photos. And asking what school keeps about you."
    ),
    _("You can always call, and you can read this page."),
)
SPOKEN_TO = ToldKind(
    ToldWords(_("School speaks to you"), _("Somebody wrote to you")),
    ToldWords(
        _("School wrote to you. Nothing else changes."),
        _("This was written to you. Nothing else changes."),
    ),
)
TOLD = {
    "word": SPOKEN_TO,
    "kind_word": SPOKEN_TO._replace(
        still=ToldWords(
            _("Change what you wrote, for one more day. Or take it away, at any time."),
            pgettext_lazy("to staff", "Change what you wrote, for one more day. Or take it away, at any time."),
        )
    ),
    "talk": ToldKind(
        ToldWords(_("School spoke with you"), _("There was a talk with you")),
        ToldWords(_("School wrote down that there was a talk."), _("It was written down that there was a talk.")),
    ),
    "warning": ToldKind(
        ToldWords(_("A warning from school"), _("A warning to you")),
        ToldWords(_("This is a warning. School wrote it down."), _("This is a warning. It was written down.")),
    ),
    "limited": ToldKind(
        ToldWords(_("You can read, but not write"), pgettext_lazy("to staff", "You can read, but not write")),
        ToldWords(
            _("Writing in Kring is closed to you until this day is over."),
            pgettext_lazy("to staff", "Writing in Kring is closed to you until this day is over."),
        ),
        KEEPS,
    ),
    "suspended": ToldKind(
        ToldWords(
            _("You cannot come into Kring for now"), pgettext_lazy("to staff", "You cannot come into Kring for now")
        ),
        ToldWords(
            _("Kring is closed to you at this school until this day is over."),
            pgettext_lazy("to staff", "Kring is closed to you at this school until this day is over."),
        ),
        KEEPS,
    ),
    "silenced": ToldKind(
        ToldWords(_("You cannot write about your child in Kring for now")),
        ToldWords(_("In the conversations about your child you read what school writes. Writing back is closed.")),
        ToldWords(_("You go on reading everything about your child.")),
    ),
    "untrue": ToldKind(
        ToldWords(_("What was reported was not true")),
        ToldWords(
            _("School looked again. What could be undone is undone, and it counts nowhere."),
            _("It was looked at again. What could be undone is undone, and it counts nowhere."),
        ),
    ),
    "restored": ToldKind(
        ToldWords(_("Your access is back"), pgettext_lazy("to staff", "Your access is back")),
        ToldWords(_("Everything is possible again, from now on.")),
    ),
    "eased": ToldKind(
        ToldWords(_("One of your limits is over"), pgettext_lazy("to staff", "One of your limits is over")),
        ToldWords(
            _("Another one still holds. It stands above every page, with its last day."),
            pgettext_lazy("to staff", "Another one still holds. It stands above every page, with its last day."),
        ),
    ),
    "letter": ToldKind(
        ToldWords(_("A letter from school"), _("A letter to you")),
        ToldWords(
            _("School wrote you this letter. The same letter is on paper too."),
            _("This letter was written to you. The same letter is on paper too."),
        ),
    ),
}
"""What is told about what was decided in a case; of what goes outside the school Kring tells nobody."""
