# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of others that change the command line of docker.service."""

from typing import Iterator, Tuple

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import Observation
from .command_line import Contrast
from .docker_unit import OUR_DROP_INS, UNIT_FILES, contrast_with_vendor, read_unit, read_vendor
from .drop_in import is_as_recorded, is_ours


def _overrides(
    declaration: Declaration, observed: Observation
) -> Iterator[Tuple[str, Contrast, str]]:
    """Give others' files that set the command line, and how each differs from the package's.

    The last item is the package's file that one replaces, empty for a drop-in.
    """
    accepted = declaration.activation.accepted_drop_ins
    package = read_vendor(observed.files).source
    for path in read_unit(observed.files).overrides:
        if path in OUR_DROP_INS or path in accepted or is_as_recorded(path, observed):
            continue
        replaced = package if path in UNIT_FILES else ""
        yield path, contrast_with_vendor(observed.files, path), replaced


def refused_overrides(
    role: str, declaration: Declaration, observed: Observation
) -> Iterator[Difference]:
    """Name others' files that change the command line."""
    for path, differing, _replaced in _overrides(declaration, observed):
        if not differing:
            continue
        cure = "Move its flags into docker_daemon_config and"
        if is_ours(observed.files[path]):
            cure = "Apply the play with the systemd_dropin that declares it first,"
        refusal = Refusal(
            found="%s, %s, gives %s another command line than its package: %s."
            % (path, _whose(path, observed), DOCKER_SERVICE, differing.told()),
            remedy="%s remove it, or name it in docker_activation_accepted_drop_ins." % cure,
            consent="docker_activation_accepted_drop_ins",
        )
        yield Difference(
            resource=resources.SERVICE_DROP_IN,
            role=role,
            path=path,
            expected="the command line of the package",
            actual="a command line %s" % differing.told(),
            impact=impacts.RESTART,
            sentence="%s changes the command line of %s" % (path, DOCKER_SERVICE),
            refusal=refusal,
        )


def idle_overrides(declaration: Declaration, observed: Observation) -> Iterator[str]:
    """Tell of files that repeat it, so that a later package's change would have no effect."""
    for path, differing, replaced in _overrides(declaration, observed):
        if not differing:
            told = "%s, %s, %s, with the same command line. " % (
                path,
                _whose(path, observed),
                "takes the place of %s" % replaced if replaced else "says ExecStart once more",
            )
            yield told + "What a later package changes in its own has no effect."


def _whose(path: str, observed: Observation) -> str:
    """Say whose a file is; by its first line alone it may be ours, edited or of a lost record."""
    if is_ours(observed.files[path]):
        return "which names Dockwright and is on no record as it is"
    return "which is not Dockwright's"
