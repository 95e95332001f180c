"""What a phone hands to Kring from its own list of where to share: into the message that one is writing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from groups.models import Group, School
from groups.roles import Hat
from messaging.keeping.services import CALLED_BACK, COMPOSE, TooMuchError, keep, kept
from messaging.photos.views.picking import take_in
from portal.core import access
from portal.core.request import SignedInRequest

OF_THE_PHONE = {"none", "same-origin"}
"""As a browser says that no other site sent this: it came from the phone, or through the worker of Kring."""
SHARED = ("title", "text", "url")


@access.takes_files
@access.declares("Everybody signed in: photos and words from the own phone, into the own unsent message.")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: SignedInRequest) -> HttpResponse:
    """Nothing is placed by it, and nothing that was being written is lost. A phone has no token of a form of Kring:
    instead the browser itself has to say that no other site is behind it."""
    hat, school = _where(request)
    if hat is None or school is None:
        messages.info(request, _("Send photos to the teacher in a conversation about your child."))
        return redirect("home")
    if request.method != "POST":
        messages.info(request, _("You were not signed in. Share it once more."))
    elif request.headers.get("Sec-Fetch-Site") not in OF_THE_PHONE:
        messages.error(request, _("This did not come from your phone. Nothing was taken in."))
    else:
        _take_in(request, hat, school)
    return redirect("messaging:compose", hat)


def _where(request: SignedInRequest) -> tuple[Hat | None, School | None]:
    """In which hat this person places messages, and at which school first."""
    for hat in (Hat.STAFF, Hat.FAMILY):
        groups = Group.objects.writable_by(request.actor.wearing(hat)).in_reading_order()
        if group := groups.select_related("school").first():
            return hat, group.school
    return None, None


def _take_in(request: SignedInRequest, hat: Hat, school: School) -> None:
    """Beside what is kept of the message: words below its words, photos after its photos."""
    actor = request.actor.wearing(hat)
    before = kept(CALLED_BACK, COMPOSE, by=actor)
    fields = before.fields.copy() if before else MultiValueDict()
    words = [request.POST.get(name, "").strip() for name in SHARED]
    fields["text"] = "\n".join(filter(None, [fields.get("text", ""), *words]))
    if files := request.FILES.getlist("photo"):
        taken = take_in(files, request, hat, school)
        fields.setlist("photo", [*fields.getlist("photo"), *map(str, taken.uids)])
        for complaint in dict.fromkeys(taken.complaints):
            messages.error(request, complaint)
    try:
        keep(form=before.form if before else COMPOSE, sent=fields, by=actor)
    except TooMuchError:
        messages.error(request, _("That is more than fits in one message."))
