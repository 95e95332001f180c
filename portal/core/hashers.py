"""Argon2id with the parameters of security.md 11: 0.017 s a sign-in, so a rush of them leaves the feed alone."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
