# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare what a minimal image lacks and the engine's packages need."""

from typing import Iterator

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declared import declare_at
from ...words.difference import Difference
from ...words.observations.host import Observation
from ...words.tables.supported_systems import SupportedSystem
from ..host.comparison import Comparison
from ..repository.plan import ROLE
from .holds import VERSIONLOCK_CONFIGURATION, VERSIONLOCK_PACKAGE

CERTIFICATES = "ca-certificates"


def compare_certificates(engine: EngineDeclaration, observed: Observation) -> Iterator[Comparison]:
    """Compare the certificates for https sites, which minimal images do not have."""
    if any(url.startswith("https:") for url in engine.repo_urls):
        yield _compare(
            CERTIFICATES,
            bool(observed.packages[CERTIFICATES].version),
            "which an https package site needs",
        )


def compare_lock_plugin(system: SupportedSystem, observed: Observation) -> Iterator[Comparison]:
    """Compare dnf's plugin that holds rpms; its configuration shows it, whatever installed it."""
    if system.family == "rpm":
        yield _compare(
            VERSIONLOCK_PACKAGE,
            observed.files[VERSIONLOCK_CONFIGURATION].kind != "absent",
            "with which dnf holds the packages at their version",
        )


def _compare(name: str, present: bool, reason: str) -> Comparison:
    declared = declare_at(
        resource=resources.ENGINE_PREREQUISITE, role=ROLE, path=name, wanted="present"
    )
    if present:
        return Comparison(declared)
    sentence = "install %s, %s" % (name, reason)
    return Comparison(
        declared,
        Difference(
            resource=resources.ENGINE_PREREQUISITE,
            role=ROLE,
            path=name,
            expected="installed",
            actual="not installed",
            impact=impacts.NONE,
            sentence=sentence,
        ),
    )
