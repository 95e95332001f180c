"""Who may be shown where, from when until when: rows that follow from the answers."""
