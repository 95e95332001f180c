"""What counts once for all groups a message was written to is kept beside the first of those messages."""

from messaging.writings.models import Post


def first_of(post: Post) -> Post:
    """The first of what was written together with it, whatever became of that one; or itself."""
    if post.written_together is None:
        return post
    return Post.objects.together_with(post).order_by("pk")[0]
