"""The families of a school: who they are, who may see whose child, limits and shields."""
