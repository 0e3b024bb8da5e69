"""What a built site holds, for tests that should not hard-code a version."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

NOTE = (
    "These are Debian's binaries packed again under the names of Docker's packages: "
    "a stand-in for Docker's packages, not Docker's packages."
)


@dataclass(frozen=True)
class Engine:
    """One engine, and the exact set of its packages."""

    version: str
    """The upstream version, as in the package's version: 28.5.2."""
    reported: str
    """What the daemon itself says it is, Debian's mark included: 28.5.2+dfsg4."""
    suite: str
    """The Debian suite it was taken from."""
    packages: Mapping[str, Mapping[str, str]]
    """Family that can run it (trixie, noble, el9), then package, then the manager's version."""
    sources: Mapping[str, str]
    """Debian package to the version and suite it was taken from."""


@dataclass(frozen=True)
class Manifest:
    """Everything that a test needs to know of a site."""

    fingerprint: str
    """The primary key that signs the good site."""
    wrong_fingerprint: str
    """The primary key of the impostor."""
    architecture: str
    """As dpkg says it."""
    sites: Mapping[str, str]
    """Name of a copy to its path on the server; each has the same tree below it."""
    engines: tuple[Engine, ...]
    """Oldest first."""
    earlier_patch: Engine
    """An engine before the oldest, of the same major version."""
    left_out: Mapping[str, str]
    """Debian suite to the reason why its engine is not here."""
    note: str = NOTE


def write_manifest(work: Path, manifest: Manifest) -> None:
    """Write it last: an existing manifest says that the site is complete."""
    partial = work / "manifest.json.partial"
    partial.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    partial.replace(_path(work))


def read_manifest(work: Path) -> Manifest:
    """Read the manifest of the site built in `work`."""
    data = json.loads(_path(work).read_text(encoding="utf-8"))
    engines = tuple(Engine(**engine) for engine in data.pop("engines"))
    earlier_patch = Engine(**data.pop("earlier_patch"))
    return Manifest(engines=engines, earlier_patch=earlier_patch, **data)


def forget_manifest(work: Path) -> None:
    """Remove the manifest, so that `work` has no complete site."""
    _path(work).unlink(missing_ok=True)


def _path(work: Path) -> Path:
    return work / "manifest.json"
