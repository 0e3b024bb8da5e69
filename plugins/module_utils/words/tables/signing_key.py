# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read an armoured OpenPGP public key as far as it is needed to trust it: its primary keys.

apt and rpm trust every primary key in a file, so a key file is accepted only if it holds exactly
one, the pinned one. Pure functions after RFC 4880 (armour: 6.2, packets: 4.2, fingerprint: 12.2)
and RFC 9580; the host needs no gpg.
"""

import base64
import binascii
import hashlib
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

# Tags of packets in a public key: key, user id, user attribute, subkey, signatures...
_PRIMARY_KEY, _PUBLIC_SUBKEY, _USER_ID, _USER_ATTRIBUTE, _SIGNATURE = 6, 14, 13, 17, 2
# ... and the packets that a reader ignores: marker, trust, padding.
_HARMLESS = (_PUBLIC_SUBKEY, _USER_ID, _USER_ATTRIBUTE, _SIGNATURE, 10, 12, 21)
_BLOCK = re.compile(
    r"\A-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\r?\n(?P<body>.*?)"
    r"^-----END PGP PUBLIC KEY BLOCK-----[ \t]*\Z",
    re.DOTALL | re.MULTILINE,
)


class SigningKeyError(Exception):
    """A text is not one armoured public key; the message says what was found instead."""


class SigningKey(NamedTuple):
    """A key file that holds exactly one primary key, of this fingerprint (40 upper-case digits)."""

    fingerprint: str


def read_signing_key(text: str) -> SigningKey:
    """Read a key file with one armoured block that holds one primary key.

    :raises SigningKeyError: for anything else, naming what was found.
    """
    fingerprints = [_fingerprint(body) for body in _primary_keys(_dearmoured(text))]
    if not fingerprints:
        raise SigningKeyError("it holds no primary key")
    if len(fingerprints) > 1:
        raise SigningKeyError(
            "it holds %d primary keys (%s), and apt and rpm would trust each of them"
            % (len(fingerprints), ", ".join(fingerprints))
        )
    return SigningKey(fingerprints[0])


def _dearmoured(text: str) -> bytes:
    begins = len(re.findall(r"-----\s*BEGIN PGP", text))
    if begins == 0:
        raise SigningKeyError("it is not an armoured OpenPGP key (no BEGIN PGP PUBLIC KEY BLOCK)")
    if begins > 1:
        raise SigningKeyError("it holds %d armoured blocks" % begins)
    block = _BLOCK.search(text.strip())
    if block is None:
        raise SigningKeyError("it is not one complete PGP PUBLIC KEY BLOCK and nothing else")
    lines = [line.strip() for line in block.group("body").splitlines()]
    # Armour headers ("Version: ...") end at the first empty line.
    if "" in lines:
        headers = lines[: lines.index("")]
        if all(":" in line for line in headers):
            lines = lines[len(headers) + 1 :]
    lines = [line for line in lines if line]
    checksum = lines.pop()[1:] if lines and re.match(r"^=[A-Za-z0-9+/]{4}$", lines[-1]) else ""
    try:
        data = base64.b64decode("".join(lines).encode("ascii"), validate=True)
        expected = base64.b64decode(checksum.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise SigningKeyError("its armour is not base64")
    if checksum and _crc24(data) != int.from_bytes(expected, "big"):
        raise SigningKeyError("its armour's checksum does not match: the file is damaged")
    return data


def _crc24(data: bytes) -> int:
    """RFC 4880, 6.1."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _bit in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF


def _primary_keys(data: bytes) -> List[bytes]:
    keys = []
    for tag, body in _packets(data):
        if tag == _PRIMARY_KEY:
            keys.append(body)
        elif tag in (5, 7):
            raise SigningKeyError("it holds a secret key, which must never leave its owner")
        elif tag not in _HARMLESS:
            raise SigningKeyError("it holds an OpenPGP packet (tag %d) that no key has" % tag)
    return keys


def _packets(data: bytes) -> Iterator[Tuple[int, bytes]]:
    position = 0
    while position < len(data):
        try:
            tag, start, length = _packet_header(data, position)
        except IndexError:
            raise SigningKeyError("its last packet is cut off")
        if start + length > len(data):
            raise SigningKeyError("its last packet is cut off")
        yield tag, data[start : start + length]
        position = start + length


def _packet_header(data: bytes, position: int) -> Tuple[int, int, int]:
    """Give tag, start of the body and its length in bytes (RFC 4880, 4.2)."""
    first = data[position]
    if not first & 0x80:
        raise SigningKeyError("it is not a sequence of OpenPGP packets")
    if first & 0x40:
        octet = data[position + 1]
        if octet < 192:
            return first & 0x3F, position + 2, octet
        if octet < 224:
            return first & 0x3F, position + 3, ((octet - 192) << 8) + data[position + 2] + 192
        if octet == 255:
            length = int.from_bytes(_exactly(data, position + 2, 4), "big")
            return first & 0x3F, position + 6, length
        raise SigningKeyError("it holds a packet of partial length, which no key has")
    size = {0: 1, 1: 2, 2: 4}.get(first & 3)
    if size is None:
        raise SigningKeyError("it holds a packet of indeterminate length, which no key has")
    length = int.from_bytes(_exactly(data, position + 1, size), "big")
    return (first >> 2) & 0x0F, position + 1 + size, length


def _exactly(data: bytes, start: int, size: int) -> bytes:
    part = data[start : start + size]
    if len(part) != size:
        raise IndexError(start)
    return part


def _fingerprint(body: bytes) -> str:
    """RFC 4880, 12.2: SHA-1 over 0x99, the two-octet length and the key packet's body."""
    version = body[0] if body else 0
    if version != 4:
        raise SigningKeyError("its key has version %d; apt and rpm need version 4" % version)
    head = b"\x99" + len(body).to_bytes(2, "big")
    return hashlib.new("sha1", head + body, **_NOT_FOR_SECURITY).hexdigest().upper()  # noqa: S324 - the format prescribes it


def _hashlib_keywords() -> Dict[str, bool]:
    # FIPS hosts refuse SHA-1 unless told that it is not used for security; Python 3.9 can tell
    # them.
    keywords = {"usedforsecurity": False}
    try:
        hashlib.new("sha256", b"", **keywords)
    except TypeError:
        return {}
    return keywords


_NOT_FOR_SECURITY = _hashlib_keywords()
