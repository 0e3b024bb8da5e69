"""One row of the tables of tamperings."""

from typing import NamedTuple


class Tampering(NamedTuple):
    """One row: shell lines that break and mend something, and what the plan must name.

    In lines and paths {repository} and {key} stand for the host's own files, {install} and {remove}
    for its package manager's commands, {hold} and {unhold} for those that set and end a hold of
    docker-ce. {old} is a distribution's package that Docker's own replace, {entry_file} and {entry}
    are somebody's repository file, {prefer} prefers a {foreign} source, and {wrong_key} is an
    address. {change} installs the {client}, or an {older_client}.
    """

    name: str
    breaks: str
    mends: str
    named: tuple[tuple[str, str], ...]
    refused: str = ""
    rpm_only: bool = False
    cause: str = "drift"
