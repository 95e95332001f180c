"""Who works at a school: tasks, seats in a council, and how a colleague comes in."""
