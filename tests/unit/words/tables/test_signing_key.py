"""Which key files are accepted, and what is said of the others."""

import base64
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.signing_key import (
    SigningKeyError,
    read_signing_key,
)

KEYS = Path(__file__).parents[2] / "keys"
ONE = "09AFA6108E099AB679E1177CE4E83CBBE244995E"


def key(name: str) -> str:
    return (KEYS / name).read_text()


def armoured(packets: bytes, kind: str = "PUBLIC") -> str:
    body = base64.b64encode(packets).decode()
    return f"-----BEGIN PGP {kind} KEY BLOCK-----\n\n{body}\n-----END PGP {kind} KEY BLOCK-----\n"


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, len(body)]) + body


def test_one_primary_key_is_read_as_gpg_reads_it() -> None:
    assert read_signing_key(key("one.asc")).fingerprint == ONE


def test_a_subkey_is_not_a_primary_key() -> None:
    found = read_signing_key(key("with_subkey.asc")).fingerprint
    assert found == "21DDB77419595B99057624D99BDFD89509E8F794"


def test_line_ends_headers_and_surrounding_space_do_not_matter() -> None:
    text = key("one.asc").replace("BLOCK-----\n\n", "BLOCK-----\nVersion: 1\nComment: x\n\n", 1)
    assert read_signing_key("\n  " + text.replace("\n", "\r\n") + "\n").fingerprint == ONE


def test_a_missing_checksum_is_allowed() -> None:
    lines = [line for line in key("one.asc").splitlines() if not line.startswith("=")]
    assert read_signing_key("\n".join(lines)).fingerprint == ONE


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not an armoured OpenPGP key"),
        ("<html>404</html>", "not an armoured OpenPGP key"),
        (key("two_blocks.asc"), "2 armoured blocks"),
        (key("two_in_one_block.asc"), "2 primary keys"),
        (key("one.asc")[:500], "not one complete"),
        ("trailing words\n" + key("one.asc"), "not one complete"),
        (armoured(packet(6, b"\x03" + bytes(9))), "version 3"),
        (armoured(packet(13, b"somebody")), "no primary key"),
        (armoured(packet(6, b"\x04" + bytes(9))[:-2]), "cut off"),
        (armoured(packet(5, b"\x04" + bytes(9))), "secret key"),
        (armoured(packet(11, b"text")), "tag 11"),
        (armoured(b"\x00\x01"), "not a sequence of OpenPGP packets"),
        (armoured(b"\x9b\x01"), "indeterminate length"),
        (armoured(b"\xc6\xe1"), "partial length"),
        (armoured(b"", "PRIVATE"), "not one complete"),
    ],
)
def test_anything_else_is_refused_by_its_name(text: str, complaint: str) -> None:
    with pytest.raises(SigningKeyError, match=complaint):
        read_signing_key(text)


def test_a_damaged_armour_is_found_by_its_checksum() -> None:
    text = key("one.asc")
    middle = text.index("\n\n") + 40
    damaged = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    with pytest.raises(SigningKeyError, match="checksum"):
        read_signing_key(damaged)


def test_every_cut_of_a_key_is_refused() -> None:
    data = base64.b64decode("".join(key("one.asc").split("\n\n", 1)[1].split("\n=")[0].split()))
    whole = {len(data)}
    for length in range(1, len(data)):
        try:
            read_signing_key(armoured(data[:length]))
        except SigningKeyError:
            continue
        whole.add(length)
    # A cut between two packets leaves a key of the same owner without signature or user id.
    assert len(whole) <= 4
