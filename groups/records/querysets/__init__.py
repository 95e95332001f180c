"""Which rows: the questions about groups and people that every other app starts from. All take `now`.

One rule has one place: a right is a row in force, of an account that is not closed (`access.GrantQuerySet`). Lists,
single objects, refusals and recipients all read it.
"""
