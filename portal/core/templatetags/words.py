"""Django's own tags for words, with a quicker one: pages are full of words that are the same for everybody.

The settings name this library `i18n`, so that templates load it by the usual name.
"""

from django import template
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags = dict(i18n.register.tags)
register.filters = dict(i18n.register.filters)


class _Translated(i18n.TranslateNode):
    """Words that stand in the template itself are looked up once for each language."""

    def __init__(self, words: template.base.FilterExpression, *, noop: bool) -> None:
        super().__init__(words, noop)
        self._known: dict[tuple[str | None, bool], str] = {}

    def render(self, context: template.Context) -> str:
        key = (get_language(), context.autoescape)
        if key not in self._known:
            self._known[key] = super().render(context)
        return self._known[key]


@register.tag("translate")
@register.tag("trans")
def translate(parser: template.base.Parser, token: template.base.Token) -> i18n.TranslateNode:
    """As Django's, which knows whatever depends on the page."""
    node = i18n.do_translate(parser, token)
    words = node.filter_expression
    is_fixed = words.var.literal is not None and not words.filters and not node.asvar and node.message_context is None
    return _Translated(words, noop=node.noop) if is_fixed else node
