# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The systems that can become a Docker host, as data: one row for each release.

A row is found by the words that ansible-core's facts use for a distribution and its release. It
gives the place of Docker's packages on a site laid out like download.docker.com. Sources:
https://docs.docker.com/engine/install/ and the listing of the download site.
"""

from typing import Dict, List, NamedTuple, Optional, Tuple

DEB_FINGERPRINT = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
RPM_FINGERPRINT = "060A61C51B558A7F742B77AAC52FEB6B621E9F35"

PACKAGES = (
    "docker-ce",
    "docker-ce-cli",
    "containerd.io",
    "docker-buildx-plugin",
    "docker-compose-plugin",
)
# These are built from one source and released together, so they carry the engine's version.
ENGINE_PACKAGES = ("docker-ce", "docker-ce-cli", "docker-ce-rootless-extras")
# Recommended by the set; where one is installed or comes with it, it has the engine's version.
COMPANION_PACKAGES = ("docker-ce-rootless-extras",)

_OLD_DEB = ("docker.io", "docker-compose", "docker-doc", "podman-docker", "containerd", "runc")
_OLD_RPM = (
    "docker",
    "docker-client",
    "docker-client-latest",
    "docker-common",
    "docker-latest",
    "docker-latest-logrotate",
    "docker-logrotate",
    "docker-engine",
)
# The packages that docs.docker.com/engine/install removes first, by the page of each distribution.
_OLD_PACKAGES = {
    "Ubuntu": _OLD_DEB + ("docker-compose-v2",),
    "Debian": _OLD_DEB,
    "RedHat": _OLD_RPM + ("podman", "runc"),
}
# Debian 13 split the client from docker.io.
_OLD_PACKAGES_OF_SUITE = {"trixie": ("docker-cli",)}
# Further packages that Docker's own ones conflict with or replace (docker-ce-packaging and
# containerd-packaging: Conflicts, Obsoletes). A containerd that others installed is not one.
REPLACED_PACKAGES = (
    "docker-cli",
    "docker-buildx",
    "docker-compose-v2",
    "docker-engine",
    "docker-ce-selinux",
    "docker-engine-selinux",
    "runc",
)
# These are only in the way of the installation; beside an installed engine they do no harm.
AWAY_FOR_INSTALLATION = ("podman", "runc")


class SupportedSystem(NamedTuple):
    """The place of the packages for one release of one distribution.

    ``repository`` is the path below a site, ``suite`` the codename of a deb release; ``family`` is
    ``deb`` or ``rpm``.
    """

    distribution: str
    release: str
    family: str
    repository: str
    suite: str = ""

    @property
    def name(self) -> str:
        return "%s %s" % (_SPOKEN.get(self.distribution, self.distribution), self.release)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the key with which Docker signs this family's packages."""
        return DEB_FINGERPRINT if self.family == "deb" else RPM_FINGERPRINT

    @property
    def old_packages(self) -> Tuple[str, ...]:
        """The packages that an installation of Docker's own ones replaces."""
        of_distribution = _OLD_PACKAGES.get(self.distribution, _OLD_RPM)
        return of_distribution + _OLD_PACKAGES_OF_SUITE.get(self.suite, ())

    @property
    def filesystems(self) -> Tuple[str, ...]:
        """The filesystems that a data-root can be on here, the default one first.

        Kernels of the EL family have no btrfs, and Docker's rpms are built without its driver
        (docker-ce-packaging, rpm/SPECS/docker-ce.spec: exclude_graphdriver_btrfs).
        """
        return ("btrfs", "xfs", "ext4") if self.family == "deb" else ("xfs", "ext4")

    @property
    def key_path(self) -> str:
        """The path of the signing key below the site's base address."""
        return "/".join(self.repository.split("/")[:2]) + "/gpg"


class RefusedSystem(NamedTuple):
    """A release that is still in use and is refused by name, with the reason."""

    distribution: str
    release: str
    reason: str
    remedy: str


SUPPORTED_SYSTEMS = (
    SupportedSystem("Ubuntu", "22.04", "deb", "linux/ubuntu", "jammy"),
    SupportedSystem("Ubuntu", "24.04", "deb", "linux/ubuntu", "noble"),
    SupportedSystem("Ubuntu", "26.04", "deb", "linux/ubuntu", "resolute"),
    SupportedSystem("Debian", "12", "deb", "linux/debian", "bookworm"),
    SupportedSystem("Debian", "13", "deb", "linux/debian", "trixie"),
    SupportedSystem("CentOS", "9", "rpm", "linux/centos/9"),
    SupportedSystem("CentOS", "10", "rpm", "linux/centos/10"),
    SupportedSystem("RedHat", "8", "rpm", "linux/rhel/8"),
    SupportedSystem("RedHat", "9", "rpm", "linux/rhel/9"),
    SupportedSystem("RedHat", "10", "rpm", "linux/rhel/10"),
    SupportedSystem("Rocky", "8", "rpm", "linux/rhel/8"),
    SupportedSystem("Rocky", "9", "rpm", "linux/rhel/9"),
    SupportedSystem("Rocky", "10", "rpm", "linux/rhel/10"),
    SupportedSystem("AlmaLinux", "8", "rpm", "linux/rhel/8"),
    SupportedSystem("AlmaLinux", "9", "rpm", "linux/rhel/9"),
    SupportedSystem("AlmaLinux", "10", "rpm", "linux/rhel/10"),
    # centos/8 is not used, though Alibaba's own adapter names it: it ends at 26.1.3.
    SupportedSystem("Alibaba", "3", "rpm", "linux/rhel/8"),
    SupportedSystem("Alibaba", "4", "rpm", "linux/rhel/9"),
    SupportedSystem("Anolis", "8", "rpm", "linux/rhel/8"),
)

_EL_REMEDY = "Move the host to CentOS Stream 9 or 10, or to Rocky Linux or AlmaLinux 9 or 10."
REFUSED_SYSTEMS = (
    RefusedSystem(
        distribution="CentOS",
        release="7",
        reason="it ended on 2024-06-30, and Docker's last packages for it are 26.1.4",
        remedy=_EL_REMEDY,
    ),
    RefusedSystem(
        distribution="CentOS",
        release="8",
        reason="CentOS Linux 8 ended on 2021-12-31 and Stream 8 on 2024-05-31, and Docker's last "
        "packages for them are 26.1.3",
        remedy=_EL_REMEDY,
    ),
)

ARCHITECTURES = {
    "deb": ("amd64", "arm64", "armhf", "ppc64el", "s390x"),
    "rpm": ("x86_64", "aarch64", "ppc64le", "s390x"),
}

_SPOKEN = {
    "CentOS": "CentOS Stream",
    "RedHat": "RHEL",
    "Rocky": "Rocky Linux",
    "Alibaba": "Alibaba Cloud Linux",
    "Anolis": "Anolis OS",
}


def distribution_word(name: str) -> str:
    """Give ansible-core's word for a distribution, from the ``NAME`` in its os-release.

    ``Rocky Linux`` is ``Rocky``, ``CentOS Stream`` is ``CentOS``, ``Alibaba Cloud Linux`` is
    ``Alibaba`` (ansible/module_utils/facts/system/distribution.py).
    """
    return "RedHat" if name.startswith("Red Hat") else (name.split() or [""])[0]


def find_supported(distribution: str, version: str) -> Optional[SupportedSystem]:
    """Find the row of a system by ansible-core's words: ``Ubuntu``, ``24.04``."""
    for row in SUPPORTED_SYSTEMS:
        if row.distribution == distribution and _is_release(row.release, version):
            return row
    return None


def find_refused(distribution: str, version: str) -> Optional[RefusedSystem]:
    """Find the reason why a system is refused by name."""
    for row in REFUSED_SYSTEMS:
        if row.distribution == distribution and _is_release(row.release, version):
            return row
    return None


def supported_names() -> Tuple[str, ...]:
    """Name every supported system, with the releases of one distribution together."""
    releases: Dict[str, List[str]] = {}
    for row in SUPPORTED_SYSTEMS:
        name = _SPOKEN.get(row.distribution, row.distribution)
        releases.setdefault(name, []).append(row.release)
    return tuple("%s %s" % (name, ", ".join(each)) for name, each in releases.items())


def _is_release(release: str, version: str) -> bool:
    return version == release or version.startswith(release + ".")
