# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Render the repository file; its text is made only here."""

import re

from ...words.tables.supported_systems import SupportedSystem

ROLE = "docker_engine"
HEADER = "# Written by Dockwright (role docker_engine). Changes made here are taken back.\n"
# A value continues on lines that begin with a blank (dnf.conf(5)).
_CREDENTIAL = re.compile(
    r"(?im)^([ \t]*(?:proxy_)?(?:username|password)[ \t]*[=:][ \t]*).*(?:\n[ \t]+\S.*)*"
)


def repository_path(system: SupportedSystem) -> str:
    """Give the path of the host's repository file."""
    if system.family == "deb":
        return "/etc/apt/sources.list.d/docker.sources"
    return "/etc/yum.repos.d/docker-ce.repo"


def key_path(system: SupportedSystem) -> str:
    """Give the path of the signing key on the host."""
    if system.family == "deb":
        return "/etc/apt/keyrings/docker.asc"
    return "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"


def repository_id(channel: str) -> str:
    """Give dnf's id for a channel's repository, as in the download site's own file."""
    return "docker-ce-%s" % channel


def render_repository(
    system: SupportedSystem, architecture: str, channel: str, site: str, signed_by: str = ""
) -> str:
    """Render the repository file for one site (sources.list(5), dnf.conf(5)).

    The release is written out, since ``$releasever`` is ``9.4`` on some hosts and another
    distribution's number on others. ``signed_by`` is the key's path, if not the usual one.
    """
    signed_by = signed_by or key_path(system)
    if system.family == "deb":
        lines = [
            "Types: deb",
            "URIs: %s/%s" % (site, system.repository),
            "Suites: %s" % system.suite,
            "Components: %s" % channel,
            "Architectures: %s" % architecture,
            "Signed-By: %s" % signed_by,
        ]
    else:
        lines = [
            "[%s]" % repository_id(channel),
            "name=Docker CE %s - $basearch" % channel.capitalize(),
            "baseurl=%s/%s/$basearch/%s" % (site, system.repository, channel),
            "enabled=1",
            "gpgcheck=1",
            "gpgkey=file://%s" % signed_by,
        ]
    return HEADER + "\n".join(lines) + "\n"


def key_address(system: SupportedSystem, site: str) -> str:
    """Give the address of a site's signing key."""
    return "%s/%s" % (site, system.key_path)


def without_credentials(text: str) -> str:
    """Hide user names and passwords in somebody's file, in addresses and in dnf's options."""
    return _CREDENTIAL.sub(r"\1***", re.sub(r"://[^/@\s]*@", "://***@", text))


def has_our_head(text: str) -> bool:
    """Whether we have written a repository file, or the entry after its head."""
    return HEADER in text
