"""Who came in by letter, for the teachers of the child: do you know this person?"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.letters.models.claims import Claim
from groups.letters.services.claims import confirm_claim
from groups.people.services.families import children_of
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares(
    "Who teaches the child, about a caregiver who came in by letter; saying so: not who printed the letter."
)
@require_http_methods(["GET", "HEAD", "POST"])
def know(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """One question about one person by name, and one tap."""
    claims = Claim.objects.told_to(request.actor)
    claim = get_object_or_404(claims.select_related("caregiver", "settled_by"), uid=uid)
    if request.method == "POST":
        confirm_claim(claim=claim, by=request.actor)
        words = {"name": claim.caregiver.full_name}
        messages.success(request, _("Thank you. %(name)s now reads what was said before too.") % words)
        return redirect("home")
    asked = Claim.objects.confirmable_by(request.actor).filter(pk=claim.pk).exists()
    context = {
        "claim": claim,
        "children": children_of(claim.caregiver, now=request.now),
        "may_confirm": asked,
        "is_open": claim.settles_at is not None and claim.settles_at <= request.now,
    }
    return render(request, "groups/know.html", context)
