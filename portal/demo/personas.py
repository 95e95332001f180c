"""The six people a visitor can be, and what to try as each of them."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.demo.cast import DIRECTIES, IT_ADMINISTRATOR, PERSONA_EMAILS


@dataclass(frozen=True)
class Persona:
    slug: str
    name: str
    called: str
    icon: str
    who: Promise
    tries: tuple[Promise, ...] = field(default=())

    @property
    def email(self) -> str:
        return PERSONA_EMAILS[self.slug]


PERSONAS = (
    Persona(
        "juf",
        "Anna de Wit",
        "juf Anna",
        "pencil",
        _("Teacher of group 4. Children and parents say juf Anna."),
        (
            _("Write a message. First you see who reads it: how many families, how many adults."),
            _("Place it and open it. There you see which part of the families it has reached."),
            _("Change your message. Parents see that it was edited."),
            _("Open the message about the apron. Those answers went to the teacher only."),
        ),
    ),
    Persona(
        "moeder",
        "Karima Bouzid",
        "Karima",
        "users",
        _("Mother of Noor (group 4) and Ilyas (group 7)."),
        (
            _("Read what is new: one list for both children."),
            _("Answer a message of juf Anna. Above the box it says who reads along."),
            _("Write half an answer, go back and open the message again. Your text is still there."),
            _("Try to find group 5. You will not: no child of yours is in it."),
        ),
    ),
    Persona(
        "vader",
        "Said Bouzid",
        "Said",
        "house",
        _("Father of Noor and Ilyas, lives elsewhere. He reads the same as the mother and sees nothing of hers."),
    ),
    Persona(
        "mr",
        "Femke Hoekstra",
        "Femke",
        "landmark",
        _("Member of the participation council (MR), mother of Evi (group 3) and Jurre (group 5)."),
    ),
    Persona(
        "directie",
        DIRECTIES["99KK"][0],
        "Petra",
        "school",
        _("Director of De Klinkerhoek."),
        (
            _("Open People. Mehmet Yıldız waits for your decision."),
            _("Print a letter with a code for Halina Wróbel. She has no e-mail address."),
            _("Group 7 gets many messages. Under the one about library books is an unkind reply: hide it."),
            _("Write a message to the whole school."),
        ),
    ),
    Persona(
        "ict",
        IT_ADMINISTRATOR[0],
        "Ruben",
        "settings",
        _("IT administrator of the school. Keeps Kring running and reads nobody's messages."),
    ),
)

BY_SLUG = {persona.slug: persona for persona in PERSONAS}
