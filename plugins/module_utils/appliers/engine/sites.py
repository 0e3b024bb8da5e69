# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the first declared package site that can be used, before any file of the host names it."""

import contextlib
import os
import shutil
from typing import Callable, Dict, Iterator, List, NamedTuple, Sequence, Tuple, TypeVar

from ...planners.engine.old_packages import removal_complaint
from ...planners.engine.unfinished import as_meant
from ...planners.engine.versions import VersionMissing, resolve
from ...planners.host.plan import resolved_complaint
from ...planners.repository.entries import foreign_files, part_file
from ...planners.repository.forbidden import kept_complaint
from ...planners.repository.mirror_entries import entry_that_stays, without_entry
from ...planners.repository.plan import (
    key_address,
    key_path,
    render_repository,
    repository_path,
    without_credentials,
)
from ...planners.repository.trust import expected_fingerprint, key_complaint
from ...words.declarations.engine import EngineDeclaration
from ...words.declarations.host import Declaration
from ...words.observations.host import Observation
from ...words.tables.supported_systems import COMPANION_PACKAGES, PACKAGES, SupportedSystem
from ..host.command import ApplyFailed
from ..host.files import write
from ..host.folders import make_folder
from .packages import PackageInstaller, Preview
from .signing_key import fetch_key

_PROBE = "/run/dockwright/probe"
Found = TypeVar("Found")


class UsableSite(NamedTuple):
    """A site that answered with valid metadata: its key, and what is to be installed from it.

    ``complaint`` says why those versions must not be installed; mostly empty.
    """

    address: str
    key: str
    versions: Dict[str, str]
    preview: Preview
    complaint: str = ""


def first_usable(
    sites: Sequence[str], attempt: Callable[[str], Found]
) -> Tuple[Found, Tuple[str, ...]]:
    """Give what the first usable site yields, and a warning for each site before it.

    :raises ApplyFailed: naming each site and its answer.
    """
    said: List[str] = []
    for site in sites:
        try:
            return attempt(site), tuple(
                "The package site %s was passed over." % each for each in said
            )
        except (ApplyFailed, VersionMissing) as failed:
            # Somebody else's entry may hold a password, and dnf tells whole addresses.
            said.append("%s (%s)" % (site, without_credentials(str(failed))))
    raise ApplyFailed(
        "No package was changed, for no declared package site could be used: %s" % "; ".join(said)
    )


def site_key(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation, site: str
) -> str:
    """Give the key to verify a site: the declared one, the installed one, or the site's own."""
    if engine.repo_key:
        return engine.repo_key if engine.repo_key.endswith("\n") else engine.repo_key + "\n"
    fingerprint = expected_fingerprint(engine, system)
    installed = observed.files[key_path(system)].text
    if not key_complaint(installed, fingerprint):
        return installed
    return fetch_key(key_address(system, site), fingerprint, engine.proxy)


def probe_site(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    installer: PackageInstaller,
    wanted: Sequence[str],
    old: Sequence[str],
    site: str,
) -> UsableSite:
    """Look into a site from a separate folder, and resolve what is wanted to exact versions.

    :raises ApplyFailed: where it cannot be reached, verified or read.
    :raises VersionMissing: where it does not have what is declared.
    """
    engine = declaration.engine
    stays = entry_that_stays(engine, system, observed)
    is_its = stays is not None and site == stays.path
    key = "" if is_its else site_key(engine, system, observed, site)
    with _probe_folder() as folder:
        if stays is not None and is_its:
            path, text, section = stays.path, stays.text, stays.section
        else:
            signed_by = os.path.join(folder, "docker.asc")
            write(signed_by, key)
            path, section = repository_path(system), ""
            text = render_repository(system, observed.architecture, engine.channel, site, signed_by)
        # The entry may hold a password.
        place = os.path.join(folder, installer.place(path))
        write(place, text, 0o600 if is_its else 0o644)
        offered = installer.offered(folder, PACKAGES + COMPANION_PACKAGES, place, section)
        installed = as_meant(engine, observed)
        versions = resolve(engine.version, engine.upgrade, installed, offered, wanted)
        complaint = resolved_complaint(declaration, observed, versions)
        address = stays.address if stays is not None and is_its else site
        complaint = complaint or kept_complaint(engine, observed, versions, wanted, address)
        files = foreign_files(system, observed) + ([repository_path(system)] if is_its else [])
        for path in files:
            if observed.files[path].kind == "absent":
                continue
            # The files as they will be: an entry that is taken over is in nobody's way. Some hold
            # passwords.
            remaining = part_file(engine, system, observed, path).remaining
            if stays is not None and not is_its and path == stays.path:
                remaining = without_entry(remaining, stays)
            write(os.path.join(folder, installer.place(path)), remaining, 0o600)
        preview = installer.foresee(folder, versions, old)
        complaint = complaint or removal_complaint(
            engine, preview.removed, old, preview.transaction
        )
        # This takes a key into rpm's database, so it is not done for what is refused anyway.
        if not complaint:
            installer.verify(folder, versions, old)
    return UsableSite(
        address=site, key=key, versions=versions, preview=preview, complaint=complaint
    )


@contextlib.contextmanager
def _probe_folder() -> Iterator[str]:
    shutil.rmtree(_PROBE, ignore_errors=True)
    # apt reads the key as a user of its own.
    make_folder(_PROBE)
    try:
        yield _PROBE
    finally:
        shutil.rmtree(_PROBE, ignore_errors=True)
