"""The real images of the hosts, for machines that reach an image registry.

Untried. Each Dockerfile only adds what a minimal cloud image has beyond a container image;
stand_ins/base makes it bootable as a lab host.
"""

from dataclasses import dataclass

DOCKER_HUB = "registry-1.docker.io"
QUAY = "quay.io"

# Container images hold services back and delete package indexes; a cloud image does not.
_DEBIAN = """\
FROM {reference}
RUN rm -f /usr/sbin/policy-rc.d /etc/apt/apt.conf.d/docker-* /etc/dpkg/dpkg.cfg.d/docker-* \\
    && apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
        ca-certificates dbus iproute2 iptables kmod openssh-server procps python3 python3-apt \\
        sudo systemd systemd-sysv \\
    && : > /etc/machine-id
"""
_CENTOS = """\
FROM {reference}
RUN dnf install -y ca-certificates dbus-broker iproute iptables-nft kmod openssh-server \\
        procps-ng python3 sudo systemd \\
    && dnf clean all \\
    && : > /etc/machine-id
"""
_TOOL = """\
FROM {reference}
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends PACKAGES
ENV LANG=C.UTF-8
"""


@dataclass(frozen=True)
class RealImage:
    """An image in a registry, and how to make it a lab host."""

    registry: str
    reference: str
    recipe: str

    @property
    def dockerfile(self) -> str:
        return self.recipe.format(reference=self.reference)


REAL_IMAGES = {
    "debian13": RealImage(DOCKER_HUB, "debian:trixie", _DEBIAN),
    "ubuntu2404": RealImage(DOCKER_HUB, "ubuntu:24.04", _DEBIAN),
    "centos9": RealImage(QUAY, "quay.io/centos/centos:stream9", _CENTOS),
}
REAL_TOOL = RealImage(DOCKER_HUB, "debian:trixie-slim", _TOOL)
