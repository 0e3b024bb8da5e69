"""What a row of the tables of tamperings is."""

from typing import NamedTuple


class Tampering(NamedTuple):
    """One row: shell lines that break and mend, and what the plan must name.

    In lines and paths {repository} and {key} stand for the host's own files, {install} and
    {remove} for its package manager's commands, {hold} and {unhold} for what ends a hold of
    docker-ce, {old} for a package of the distribution that Docker's own replace, {entry_file} and
    {entry} for somebody's repository file, {prefer} for what prefers a {foreign} source, and
    {wrong_key} for an address; {change} brings the {client}, or an {older_client}.
    """

    name: str
    breaks: str
    mends: str
    named: tuple[tuple[str, str], ...]
    refused: str = ""
    rpm_only: bool = False
    cause: str = "drift"
