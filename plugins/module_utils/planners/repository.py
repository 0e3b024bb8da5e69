# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Render the repository file, the one place where its text is made, and name what goes with it."""

from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)

REPOSITORY_ID = "docker-ce-stable"
_HEAD = "# Written by Dockwright (role docker_engine). Changes made here are taken back.\n"


def repository_path(system: SupportedSystem) -> str:
    """Where the host's package manager reads the repository from."""
    if system.family == "deb":
        return "/etc/apt/sources.list.d/docker.sources"
    return "/etc/yum.repos.d/docker-ce.repo"


def key_path(system: SupportedSystem) -> str:
    """Where the signing key lies on the host."""
    if system.family == "deb":
        return "/etc/apt/keyrings/docker.asc"
    return "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"


def render_repository(
    system: SupportedSystem, architecture: str, site: str, signed_by: str = ""
) -> str:
    """Render the repository file for one site (sources.list(5), dnf.conf(5)).

    The release is written out: ``$releasever`` is ``9.4`` on some hosts and another
    distribution's number on others. ``signed_by`` is the key's place, if not the usual one.
    """
    signed_by = signed_by or key_path(system)
    if system.family == "deb":
        lines = [
            "Types: deb",
            "URIs: %s/%s" % (site, system.repository),
            "Suites: %s" % system.suite,
            "Components: stable",
            "Architectures: %s" % architecture,
            "Signed-By: %s" % signed_by,
        ]
    else:
        lines = [
            "[%s]" % REPOSITORY_ID,
            "name=Docker CE Stable - $basearch",
            "baseurl=%s/%s/$basearch/stable" % (site, system.repository),
            "enabled=1",
            "gpgcheck=1",
            "gpgkey=file://%s" % signed_by,
        ]
    return _HEAD + "\n".join(lines) + "\n"


def key_address(system: SupportedSystem, site: str) -> str:
    """Where a site offers its signing key."""
    return "%s/%s" % (site, system.key_path)
