"""The hat in the URL: `/thuis/…` reads as a family member, `/school/…` as a member of staff."""

from groups.roles import Hat

WORDS = {"thuis": Hat.FAMILY, "school": Hat.STAFF}
HATS = {hat: word for word, hat in WORDS.items()}


class HatConverter:
    regex = "thuis|school"

    def to_python(self, value: str) -> Hat:
        return WORDS[value]

    def to_url(self, value: str) -> str:
        return HATS[Hat(value)]
