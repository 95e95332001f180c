"""Names of pages of apps above, which register where they are."""

HOME = "home"
"""Where a hat begins."""
DESK = "desk"
"""What waits for somebody."""
GROUP = "group"
"""What is written in a group."""
