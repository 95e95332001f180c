"""Schools, years, groups and people as they are kept, and the rights that follow from them: under every other room."""
