# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found of addresses that a host reaches or is reached from. Types only."""

from typing import NamedTuple, Tuple

NAME_SERVER = "a name server"
TIME_SERVER = "a time server"
PROXY = "a proxy"
SITE = "a package site"
FILE_SERVER = "a file server"
GATEWAY = "a gateway"
SSH = "an ssh session"


class AddressObserved(NamedTuple):
    """An address, the ``kind`` of thing that has it, and the file, if any, that names it."""

    address: str
    kind: str
    source: str = ""


class ReachObserved(NamedTuple):
    """The host's ``own`` addresses, and those of others that it uses.

    ``names`` are names in lower case, each with an address that /etc/hosts gives.
    """

    own: Tuple[str, ...] = ()
    others: Tuple[AddressObserved, ...] = ()
    names: Tuple[Tuple[str, str], ...] = ()
