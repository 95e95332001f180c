"""Words for the pages with a school's rules."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from messaging.writings.domain.rich_text import to_html

register = template.Library()


@register.simple_tag
def written(lines: Iterable[str] | str) -> SafeString:
    """Plain words of a school as one paragraph: everything escaped, with line breaks and clickable addresses."""
    return SafeString(to_html(lines if isinstance(lines, str) else "\n".join(lines)))
