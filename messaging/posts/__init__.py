"""Messages on the page of a group, the feed, and the replies under them."""
