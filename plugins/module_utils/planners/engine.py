# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the repository, its key and the engine's packages with what is declared."""

from typing import Iterator, Optional, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    Declaration,
    EngineDeclaration,
    upstream_version,
)
from ansible_collections.dockwright.host.plugins.module_utils.difference import (
    Declared,
    Difference,
    Plan,
    Refusal,
    Unverifiable,
    digest,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    FileObserved,
    Look,
    Observation,
    PackageObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import (
    Comparison,
    plan_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.containers import (
    stop_refusal,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    key_path,
    render_repository,
    repository_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.versions import is_declared
from ansible_collections.dockwright.host.plugins.module_utils.signing_key import (
    SigningKeyError,
    read_signing_key,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    COMPANION_PACKAGES,
    ENGINE_PACKAGES,
    PACKAGES,
    SupportedSystem,
)

ROLE = "docker_engine"
PREREQUISITES = ("ca-certificates",)


def look_at_engine(supported: SupportedSystem) -> Look:
    """What the engine's plan needs to see."""
    return Look(
        supported.family,
        (repository_path(supported), key_path(supported)),
        PACKAGES + COMPANION_PACKAGES + PREREQUISITES,
    )


def plan_engine(
    declaration: Declaration, supported: SupportedSystem, observed: Observation
) -> Plan:
    """Plan the engine of a supported host."""
    if "packages" in observed.unobserved:
        reason = observed.unobserved["packages"]
        return Plan(unverifiable=(Unverifiable("engine.package", ROLE, "", reason),))
    engine = declaration.engine
    compared = [
        _compare_key(engine, supported, observed.files[key_path(supported)]),
        _compare_repository(engine, supported, observed),
    ]
    compared.extend(_compare_packages(declaration, observed))
    if any(each.difference is not None for each in compared):
        compared = list(_compare_prerequisites(engine, observed)) + compared
    return plan_of(compared)


def expected_fingerprint(engine: EngineDeclaration, supported: SupportedSystem) -> str:
    """The one primary key the host may trust for this repository."""
    return engine.repo_key_fingerprint or supported.fingerprint


def key_complaint(text: str, fingerprint: str) -> str:
    """Say why a key file is not to be believed; empty where it is."""
    try:
        found = read_signing_key(text).fingerprint
    except SigningKeyError as error:
        return str(error)
    if found != fingerprint:
        return "it holds the key %s" % found
    return ""


def _compare_key(
    engine: EngineDeclaration, supported: SupportedSystem, file: FileObserved
) -> Comparison:
    path = key_path(supported)
    fingerprint = expected_fingerprint(engine, supported)
    expected = "one primary key, %s, mode 0644, owner 0:0" % fingerprint
    complaint = _file_complaint(file) or key_complaint(file.text, fingerprint)
    found = complaint or _ownership(file)
    declared = Declared("engine.repository_key", ROLE, path, digest(fingerprint))
    refusal = _key_refusal(engine, fingerprint)
    if not found and refusal is None:
        return Comparison(declared)
    return Comparison(
        declared,
        Difference(
            declared.resource,
            ROLE,
            path,
            expected,
            found if file.kind != "absent" else "",
            "none",
            "install the package site's signing key %s" % fingerprint,
            refusal=refusal,
        ),
    )


def _key_refusal(engine: EngineDeclaration, fingerprint: str) -> Optional[Refusal]:
    complaint = key_complaint(engine.repo_key, fingerprint) if engine.repo_key else ""
    if not complaint:
        return None
    return Refusal(
        "the file that docker_engine_repo_key names is not to be believed: %s." % complaint,
        "Wanted is one armoured public key with the fingerprint %s: give that key, or set "
        "docker_engine_repo_key_fingerprint to the one you trust." % fingerprint,
    )


def _compare_repository(
    engine: EngineDeclaration, supported: SupportedSystem, observed: Observation
) -> Comparison:
    path = repository_path(supported)
    file = observed.files[path]
    accepted = [
        render_repository(supported, observed.architecture, url) for url in engine.repo_urls
    ]
    declared = Declared("engine.repository_file", ROLE, path, digest(accepted))
    found = _file_complaint(file)
    if not found and file.text in accepted:
        found = _ownership(file)
        if not found:
            return Comparison(declared)
        expected, actual = "mode 0644, owner 0:0", found
    else:
        expected, actual = accepted[0], file.text if file.kind == "file" else found
    return Comparison(
        declared,
        Difference(
            declared.resource,
            ROLE,
            path,
            expected,
            actual if file.kind != "absent" else "",
            "none",
            "write the repository file for %s" % engine.repo_urls[0],
        ),
    )


def _compare_packages(declaration: Declaration, observed: Observation) -> Iterator[Comparison]:
    companions = tuple(name for name in COMPANION_PACKAGES if observed.packages[name].version)
    for name in PACKAGES + companions:
        package = observed.packages[name]
        version = declaration.engine.version if name in ENGINE_PACKAGES else "present"
        declared = Declared("engine.package", ROLE, name, digest(version))
        if not package.state and package.version and is_declared(version, package.version):
            yield Comparison(declared)
            continue
        yield Comparison(
            declared,
            Difference(
                declared.resource,
                ROLE,
                name,
                _package_expected(version),
                _package_found(package),
                "restart" if package.version and name == "docker-ce" else "none",
                _package_sentence(name, version, package),
                refusal=_package_refusal(declaration, name, package, observed),
            ),
        )


def _compare_prerequisites(
    engine: EngineDeclaration, observed: Observation
) -> Iterator[Comparison]:
    """An https site needs the certificates that minimal images leave out."""
    if not any(url.startswith("https:") for url in engine.repo_urls):
        return
    for name in PREREQUISITES:
        declared = Declared("engine.prerequisite", ROLE, name, digest("present"))
        if observed.packages[name].version:
            yield Comparison(declared)
            continue
        sentence = "install %s, which an https package site needs" % name
        yield Comparison(
            declared,
            Difference(
                declared.resource, ROLE, name, "installed", "not installed", "none", sentence
            ),
        )


def _package_refusal(
    declaration: Declaration, name: str, package: PackageObserved, observed: Observation
) -> Optional[Refusal]:
    if package.state:
        return Refusal(
            "dpkg has %s as %s." % (name, package.state),
            "An earlier transaction was cut off: run `dpkg --configure -a` on the host first.",
        )
    if name != "docker-ce" or not package.version:
        return None
    engine = declaration.engine
    if engine.version != "present" and not engine.allow_downgrade:
        now, then = _major(package.version), _major(engine.version)
        if then < now:
            return Refusal(
                "docker-ce is %s and %s is declared, a major version back."
                % (upstream_version(package.version), upstream_version(engine.version)),
                "An older engine may not read what the newer one wrote. "
                "Set docker_engine_allow_downgrade if that is meant.",
                "docker_engine_allow_downgrade",
            )
    return stop_refusal("Replacing docker-ce", declaration.activation, observed)


def _major(version: str) -> int:
    return int(upstream_version(version).split(".")[0])


def _package_expected(version: str) -> str:
    if version == "present":
        return "installed"
    if version.count(".") < 2:
        return "%s.%s, resolved at apply" % (version, "x" if "." in version else "x.x")
    return version


def _package_found(package: PackageObserved) -> str:
    if package.state:
        return "%s (%s)" % (package.version, package.state)
    return package.version or "not installed"


def _package_sentence(name: str, version: str, package: PackageObserved) -> str:
    if version == "present":
        wanted = "the newest version of the site, resolved at apply"
    else:
        wanted = _package_expected(version)
    if not package.version:
        return "install %s, %s" % (name, wanted)
    return "change %s from %s to %s" % (name, package.version, wanted)


def _file_complaint(file: FileObserved) -> str:
    if file.kind == "absent":
        return "absent"
    if file.kind != "file":
        return "a %s, not a file" % file.kind
    return file.unreadable


def _ownership(file: FileObserved) -> str:
    wanted: Tuple[int, int, int] = (0o644, 0, 0)
    if (file.mode, file.owner, file.group) == wanted:
        return ""
    return "mode %04o, owner %d:%d" % (file.mode, file.owner, file.group)
