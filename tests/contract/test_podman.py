"""Where Docker's packages cannot be beside podman, it is removed only with consent."""

import json

import pytest

from tests.lab import ENGINE_ALONE, Lab

HOST = "centos9"


@pytest.fixture(scope="module")
def with_podman(lab: Lab) -> Lab:
    """A host whose podman needs the runc that containerd.io replaces: a stand-in of EL8's."""
    if HOST not in lab.hosts:
        pytest.skip(f"the lab runs without {HOST}, whose distribution has such a podman")
    lab.reset()
    lab.on(HOST, "dnf -y -q install podman")
    return lab


def site(lab: Lab, **declared: object) -> tuple[int, str]:
    ran = lab.playbook("site.yml", *ENGINE_ALONE, "--limit", HOST, "-e", json.dumps(declared))
    return ran.returncode, ran.stdout


def test_without_consent_the_transaction_is_shown_and_nothing_changes(with_podman: Lab) -> None:
    before = with_podman.on(HOST, "rpm -qa | sort; ls -R /etc/yum.repos.d /etc/pki/rpm-gpg")
    status, said = site(with_podman)
    assert status == 2, said
    assert "Docker's packages cannot be installed beside podman" in said
    assert "docker_engine_allow_podman_removal" in said
    assert "Removing dependent packages" in said or "Removing:" in said
    assert "Transaction Summary" in said
    after = with_podman.on(HOST, "rpm -qa | sort; ls -R /etc/yum.repos.d /etc/pki/rpm-gpg")
    assert after == before


def test_with_consent_podman_goes(with_podman: Lab) -> None:
    status, said = site(with_podman, docker_engine_allow_podman_removal=True)
    assert status == 0, said
    assert with_podman.on(HOST, "docker version --format '{{.Server.Version}}'").strip()
    assert "not installed" in with_podman.on(HOST, "rpm -q podman || true")
