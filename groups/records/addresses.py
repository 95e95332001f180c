"""Names of pages of apps above, which register where they are."""

HOME = "home"
"""Where a hat begins."""
GROUP = "group"
"""What is written in a group."""
