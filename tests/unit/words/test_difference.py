"""What is told of a host is text, whatever bytes the host has."""

import json

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import fit_to_tell


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (b"caf\xe9", "caf\\xe9"),
        (b"\xff\xfe", "\\xff\\xfe"),
        ("Zoë 世界 🚢".encode(), "Zoë 世界 🚢"),
        ("世".encode()[:2], "\\xe4\\xb8"),
    ],
)
def test_bytes_that_are_no_text_are_told_as_escapes(found: bytes, told: str) -> None:
    text = found.decode("utf-8", "surrogateescape")
    answer = fit_to_tell({text: [text, (text, 1, None)], "kept": True})
    assert answer == {told: [told, [told, 1, None]], "kept": True}
    assert json.dumps(answer, ensure_ascii=False).encode()


def test_half_of_a_pair_is_told_as_an_escape() -> None:
    assert fit_to_tell("\ud83d!") == "\\ud83d!"
