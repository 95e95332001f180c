"""What people write, in one table, who may read it and what may be done with it: under every other room."""
