"""What the navigation shows of conversations: groups knows the place, this app knows the count."""

from typing import Any

from django import template

from messaging.services.conversations import count_news
from messaging.services.handin_reading import count_waiting

register = template.Library()


@register.simple_tag(takes_context=True)
def conversation_news(context: dict[str, Any], hat: str) -> int:
    """How many messages in conversations of this hat the reader has not had on the screen."""
    request = context["request"]
    return count_news(request.user, hat=hat, now=request.now)


@register.simple_tag(takes_context=True)
def drafts_waiting(context: dict[str, Any]) -> int:
    """How many drafts wait for a decision of the reader."""
    request = context["request"]
    return count_waiting(request.user, now=request.now)
