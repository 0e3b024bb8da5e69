# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the signing key that the host trusts for the repository with the pinned one."""

from typing import Optional

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declared import declare_at
from ...words.difference import Difference, Refusal
from ...words.observations.host import FileObserved
from ...words.tables.signing_key import SigningKeyError, read_signing_key
from ...words.tables.supported_systems import SupportedSystem
from ..host.comparison import Comparison
from ..trust.ownership import file_complaint, ownership
from .plan import ROLE, key_path


def compare_key(
    engine: EngineDeclaration, supported: SupportedSystem, file: FileObserved
) -> Comparison:
    """Compare the key file: one primary key, the pinned one, and only root may write it."""
    path = key_path(supported)
    fingerprint = expected_fingerprint(engine, supported)
    expected = "one primary key, %s, mode 0644, owner 0:0" % fingerprint
    complaint = file_complaint(file) or key_complaint(file.text, fingerprint)
    found = complaint or ownership(file)
    declared = declare_at(
        resource=resources.ENGINE_REPOSITORY_KEY, role=ROLE, path=path, wanted=fingerprint
    )
    refusal = _key_refusal(engine, fingerprint)
    if not found and refusal is None:
        return Comparison(declared)
    return Comparison(
        declared,
        Difference(
            resource=declared.resource,
            role=ROLE,
            path=path,
            expected=expected,
            actual=found if file.kind != "absent" else "",
            impact=impacts.NONE,
            sentence="install the package site's signing key %s" % fingerprint,
            refusal=refusal,
        ),
    )


def _key_refusal(engine: EngineDeclaration, fingerprint: str) -> Optional[Refusal]:
    complaint = key_complaint(engine.repo_key, fingerprint) if engine.repo_key else ""
    if not complaint:
        return None
    return Refusal(
        found="the file that docker_engine_repo_key names is not to be believed: %s." % complaint,
        remedy="Wanted is one armoured public key with the fingerprint %s: give that key, or set "
        "docker_engine_repo_key_fingerprint to the one you trust." % fingerprint,
    )


def expected_fingerprint(engine: EngineDeclaration, supported: SupportedSystem) -> str:
    """Give the only primary key that the host may trust for this repository."""
    return engine.repo_key_fingerprint or supported.fingerprint


def key_complaint(text: str, fingerprint: str) -> str:
    """Say why a key file is not accepted; empty where it is."""
    try:
        found = read_signing_key(text).fingerprint
    except SigningKeyError as error:
        return str(error)
    if found != fingerprint:
        return "it holds the key %s" % found
    return ""
