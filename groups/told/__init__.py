"""What school tells somebody about what it did, and what that person answers."""
