"""Codes that nobody can guess."""

import secrets

# What is read aloud or typed from paper: no I or 1, no O or 0. 32 characters make
# 5 bits each.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 16


def random_code(prefix=""):
    """Return ``prefix`` and 80 random bits."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
