"""The nine people a visitor can be, and what to try as each of them."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.demo.cast import CASE_OFFICER, DIRECTIES, IT_ADMINISTRATOR, PERSONA_EMAILS, PUPIL


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
            _("Three photos wait: the mother of Fenna said no. Open group 4 and look at them."),
            _("Open a photo of your group and choose “A child would rather not”. It is away at once."),
            _("Put something in the agenda, and move it to another day. The parents get a mail."),
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
            _("Open the agenda: what is coming for Noor and Ilyas. The zoo is off, and stands there struck through."),
            _("Try to find group 5. You will not: no child of yours is in it."),
            _("Open Consent and say no to photos of Noor. Count the photos in your list before and after."),
        ),
    ),
    Persona(
        "vader",
        "Said Bouzid",
        "Said",
        "house",
        _("Father of Noor and Ilyas, lives elsewhere. He reads the same as the mother and sees nothing of hers."),
        (
            _("Open Consent. You said no to social media and she said yes: the no counts, and we do not say whose."),
            _("Choose the rest. What you change counts on the next page anybody opens."),
        ),
    ),
    Persona(
        "mr",
        "Femke Hoekstra",
        "Femke",
        "landmark",
        _("Member of the participation council (MR), mother of Evi (group 3) and Jurre (group 5)."),
        (_("The rules of the school are new to her. Read them in short, and confirm or put them off."),),
    ),
    Persona(
        "directie",
        DIRECTIES["99KK"][0],
        "Petra",
        "school",
        _("Director of De Klinkerhoek."),
        (
            _("Your desk is where you begin. Mehmet Yıldız waits for your decision."),
            _("Print a letter with a code for Halina Wróbel. She has no e-mail address."),
            _("Group 7 gets many messages. Under the one about library books is an unkind reply: hide it."),
            _("Write a message to the whole school."),
            _("Open Consent under People: who answered, by group. Remind the rest with one button."),
            _("Print a form for a family without e-mail, and put in one that was signed."),
            _("Open People, then Our rules. See who has still to confirm, and how you keep to the policy."),
            _("Open Conversations. One goes wrong and asks for you: freeze it, and open it again."),
            _("On your desk the MR hands in a message: change a word and place it."),
            _("On your desk is an access request. Draw up the copy and let Marja read it over."),
        ),
    ),
    Persona(
        "nieuw",
        DIRECTIES["99KN"][0],
        "Marjan",
        "calendar-days",
        _("Director of De Nieuwe Brug. It is her first day with Kring; parents see nothing yet."),
        (
            _("Set up what a school needs. The ring fills, and shows what comes next."),
            _("Open the school. You read first who gets a mail, and how many letters there are."),
        ),
    ),
    Persona(
        "ict",
        IT_ADMINISTRATOR[0],
        "Ruben",
        "settings",
        _("IT administrator of the school. Keeps Kring running and reads nobody's messages."),
    ),
    Persona(
        "stichting",
        CASE_OFFICER[0],
        "Marja",
        "list-checks",
        _("Works for the foundation. Looks into what is about the director, and reads over what school gives away."),
    ),
    Persona(
        "leerling",
        str(PUPIL),
        PUPIL.first,
        "user",
        _("Pupil of De Uitkijk, sixteen or over. She chooses about her own image."),
        (
            _("Open My own image under Settings. What your parents chose counts until you answer."),
            _("Under Settings, ask what school keeps about you. From sixteen on you ask alone."),
        ),
    ),
)

BY_SLUG = {persona.slug: persona for persona in PERSONAS}
