"""Signing keys, as a site or a user has them."""

from pathlib import Path


def armoured(name: str) -> str:
    """Give a key of this folder."""
    return Path(__file__).with_name(name).read_text()
