# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find secret values in a configuration, by their name or their shape.

The names are those of log drivers (moby, daemon/logger, and the plugins that users install), of
HTTP headers and of services' keys. A whole name decides: a name for a secret's file or type is no
secret.
"""

import re
from typing import Any, List, Tuple

from ...words.tables.daemon_options import OPTIONS

Keys = Tuple[str, ...]
_NO_COMMON_WORD = 4

_NAME = re.compile(
    r"(?i)token|passw|passphrase|secret|credential|bearer|cookie|signature|webhook|authorization"
    r"|connection[-_. ]?string|sumo(?:logic)?[-_.]url"
    r"|(?:^|[^a-z])(?:auth(?=$|s$|[-_. ]?(?:data|header|string|value))|dsn$|jwt$|pass$|pwd|sas$)"
    r"|(?:access|account|api|app(?:lication)?|auth|client|encryption|ingest(?:ion)?|insert"
    r"|instrumentation|licen[cs]e|master|private|server|service|shared|sign(?:ing)?|storage"
    r"|subscription|write)[-_. ]?key"
)
# The same words at the end of a name such as smtpPass.
_CAMEL = re.compile(r"[a-z](?:Auth|Pass|Pwd)$")
# Endings that tell something about a secret, and are none themselves.
_ABOUT = re.compile(
    r"(?i)[-_. ]?(?:file(?:name)?|path|dir|folder|type|name|ttl|timeout|interval|enabled?)$"
)
_HEADERS = re.compile(r"(?i)headers?$")
_PLAIN_HEADER = re.compile(r"(?i)(?:accept(?:-.*)?|content-type|host|user-agent)$")
# User information in an address: scheme://user:password@host, or the same without a scheme. With a
# slash in the password it is no valid address, but it still is a password.
_USERINFO = re.compile(
    r"(?:^|://)(?P<user>[^/\s:@]*):?(?P<password>[^/\s@]*)@"
    r"|://[^/\s:@]*:(?!\d{1,5}/)(?P<odd>[^\s@]*)@"
)
# An assignment in a list, such as a flag, a label or a part of an address's query.
_ASSIGNMENT = re.compile(r"(?:^|[\s,;&?])-{0,2}(?P<name>[\w.-]+)=(?P<value>[^\s,;&]+)")
_OF_A_QUERY = re.compile(r"(?i)://[^\s]*[?&](?:api|auth|code|key|sig)=(?P<value>[^\s&]+)")
# A part of an address's path that nobody could guess, as webhooks have it.
_OF_A_PATH = re.compile(r"://[^?#\s]*?/(?P<value>[A-Za-z0-9_-]{24,}=*)(?=[/?#\s,]|$)")
_HEADER = re.compile(r"(?P<name>[A-Za-z0-9-]+)\s*:\s*(?P<value>.+)", re.DOTALL)
# The path of a key, which is not the key itself.
_PLACE = re.compile(r"/[\w./-]+\.(?:cer|cert|crt|json|key|p12|pem|pfx)$")
# These are secrets under any name: a header's value, a private key, a signed token.
_SHAPE = re.compile(
    r"(?:^|[\s:=\"'])(?:(?i:basic|bearer)\s+[A-Za-z0-9+/=._~-]{6,}$"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+)|-----BEGIN [A-Z ]*PRIVATE KEY"
)


def secrets_in(keys: Keys, value: Any) -> List[str]:
    """Give the secret texts in a value: the whole one, then parts of it."""
    if isinstance(value, (list, tuple)):
        return _of_list(keys, value)
    if isinstance(value, dict):
        return [one for key, each in value.items() for one in secrets_in(keys + (str(key),), each)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        return []
    if _is_named(keys):
        return [] if _PLACE.match(value) else [value]
    if keys and _HEADERS.search(keys[-1]):
        header = _HEADER.match(value)
        if header is not None and not _PLAIN_HEADER.match(header.group("name")):
            part = header.group("value")
            return [value, part] if len(part) >= _NO_COMMON_WORD else [value]
    parts = _parts(value)
    return [value] + [part for part in parts if part] if parts else []


def _of_list(keys: Keys, values: Any) -> List[str]:
    found: List[str] = []
    before = ""
    for each in values:
        # The value of a flag may be the next word.
        named = before.startswith("-") and "=" not in before and is_secret_name(before)
        found.extend(secrets_in(keys + (before.lstrip("-"),) if named else keys, each))
        before = each if isinstance(each, str) else ""
    return found


def is_secret_name(name: str) -> bool:
    """Whether this is the name of a secret."""
    return not _ABOUT.search(name) and bool(_NAME.search(name) or _CAMEL.search(name))


def _is_named(keys: Keys) -> bool:
    # dockerd's own keys are known, and its path to a key is no secret.
    named = keys[1:] if keys and keys[0] in OPTIONS else keys
    if any(is_secret_name(key) for key in named):
        return True
    path = re.split(r"[./]", "/".join(named))
    return any(
        _HEADERS.search(above) and not _PLAIN_HEADER.match(name)
        for above, name in zip(path, path[1:])  # noqa: RUF007
    )


def _parts(value: str) -> List[str]:
    """Give the secret parts of a text; the text itself where it is a secret as a whole."""
    found: List[str] = []
    user = _USERINFO.search(value)
    if user is not None:
        password = user.group("password") or user.group("odd") or ""
        found.extend([password] if password else [value] if "://" in value else [])
    told = [each for each in _ASSIGNMENT.finditer(value) if is_secret_name(each.group("name"))]
    for form in (_OF_A_QUERY, _OF_A_PATH):
        told.extend(each for each in form.finditer(value) if _is_opaque(each))
    for each in told:
        # A short secret could be a part of any word, so the whole value is withheld instead.
        part = each.group("value")
        found.append(part if len(part) >= _NO_COMMON_WORD else value)
    return found + ([value] if _SHAPE.search(value) else [])


def _is_opaque(found: "re.Match[str]") -> bool:
    """Whether a part of an address is no word of any language: letters and digits mixed."""
    text = found.group("value")
    if found.re is _OF_A_QUERY:
        return True
    mixed = bool(re.search(r"[a-z]", text) and re.search(r"[A-Z]", text))
    return mixed or bool(re.search(r"\d", text) and re.search(r"[A-Za-z]", text))
