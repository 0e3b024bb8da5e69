# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a play has declared by its variables: the value of each, or what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from ansible.plugins.lookup import LookupBase
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    Mistake,
    plain,
    understood,
)

from ..module_utils.words.told_value import cut, told_value

_KEY = "docker_engine_repo_key"


def declared_value(lookup: LookupBase, name: str, given: Mapping[str, Any]) -> Any:
    """Give what a variable declares: its default where nobody has set it.

    :raises Mistake: for a value that it cannot have.
    """
    raw = given.get(name)
    try:
        found = lookup._templar.template(raw)
        secret = _has_a_vault(raw) or _has_a_vault(found)
        value = plain(None if found == "" and _is_null(lookup, raw) else found)
    except AnsibleError as error:
        raise Mistake(
            "%s cannot be filled in: %s. Correct what it is made from."
            % (name, cut(str(error).partition("\n")[0].rstrip(".")))
        ) from None
    try:
        value = understood(name, value, secret)
    except Mistake:
        # Before 2.19 a template's text does not show that it came from a vault.
        if any(text and text in str(value) for text in _texts_of_vaults(given)):
            understood(name, value, secret=True)
        raise
    return _key(lookup, value, given) if name == _KEY and value else value


def _is_null(lookup: LookupBase, raw: Any) -> bool:
    """Whether a template gives null, which ansible-core before 2.19 turns into an empty text."""
    expression = re.fullmatch(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*", raw, re.DOTALL)
    if expression is None:
        return False
    asked = type(raw)("{{ (%s) is none }}" % expression[1].strip("-+ "))
    return str(lookup._templar.template(asked)) == "True"


def _texts_of_vaults(given: Mapping[str, Any]) -> Iterator[str]:
    for value in given.values():
        if hasattr(value, "_ciphertext"):
            yield str(value)


def _has_a_vault(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return any(map(_has_a_vault, value))
    try:
        from ansible.parsing.vault import VaultHelper
    except ImportError:
        return hasattr(value, "_ciphertext")
    return VaultHelper.get_ciphertext(value, with_tags=False) is not None


def _key(lookup: LookupBase, path: str, given: Mapping[str, Any]) -> str:
    """Read the signing key on the controller.

    :raises Mistake: where there is no such key.
    """
    reader = lookup_loader.get(
        "ansible.builtin.file", loader=lookup._loader, templar=lookup._templar
    )
    try:
        (text,) = reader.run([path], variables=given)
    except (AnsibleError, UnicodeError, OSError, ValueError):
        raise Mistake(
            "%s is %s, and no armoured key can be read there on the controller. It wants the path "
            "of one, or nothing, and then the key comes from the site." % (_KEY, told_value(path))
        ) from None
    return str(text)
