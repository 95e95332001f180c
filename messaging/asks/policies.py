"""May this person read what families answered?"""

from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.permitting import permits


def reads_answers(actor: Actor, post: Post) -> bool:
    """Who manages the group, as staff: teachers, its administrators, the directie."""
    return permits(actor, "with_answers_for", post)
