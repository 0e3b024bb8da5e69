"""What a transaction would remove, read from the output of apt and dnf, and judged."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine import apt, dnf
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine.old_packages import (
    removal_complaint,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.engine import (
    EngineDeclaration,
)

APT = """\
Reading package lists...
The following packages will be REMOVED:
  docker.io podman
Remv docker.io [26.1.5+dfsg1-9]
Remv podman [5.4.2+ds1-1]
Inst docker-ce (5:28.5.2-1~debian.13~trixie Docker CE:trixie [amd64])
"""
DNF = """\
Dependencies resolved.
================================================================================
 Package            Architecture Version              Repository           Size
================================================================================
Installing:
 containerd.io      x86_64       2.1.9-1.el9          docker-ce-stable     30 M
     replacing  runc.x86_64 1.2.5-1
Removing:
 docker             x86_64       2:1.13.1-1.el9       @baseos              1 k
Removing dependent packages:
 podman-docker-with-a-long-name
                    noarch       5:5.4.0-1.el9        @baseos              1 k
 podman             x86_64       5:5.4.0-1.el9        @baseos              1 k

Transaction Summary
================================================================================
Install  1 Package
Remove   3 Packages
"""
ENGINE = EngineDeclaration(("https://download.docker.com",))


def test_apts_preview_is_read() -> None:
    assert apt.parse_removed(APT) == ["docker.io", "podman"]


def test_a_purge_is_a_removal_too() -> None:
    assert apt.parse_removed(APT.replace("Remv podman", "Purg podman")) == ["docker.io", "podman"]


@pytest.mark.parametrize(
    "argv",
    [
        apt.install({"docker-ce": "5:28.5.2"}, ["docker.io"]),
        apt.preview("/folder", {"docker-ce": "5:28.5.2"}, ["docker.io"]),
        apt.try_download("/folder", {"docker-ce": "5:28.5.2"}, ["docker.io"]),
        apt.install_newest(["ca-certificates"]),
    ],
)
def test_apts_own_settings_never_purge_nor_sweep_up(argv: list[str]) -> None:
    for setting in ("APT::Get::Purge=false", "APT::Get::AutomaticRemove=false"):
        assert argv[argv.index(setting) - 1] == "-o"


def test_dnfs_preview_is_read_though_wrapped() -> None:
    assert dnf.parse_removed(DNF) == ["runc", "docker", "podman-docker-with-a-long-name", "podman"]


def test_what_an_installation_replaces_is_a_removal_too() -> None:
    text = DNF.replace("runc.x86_64 1.2.5-1", "containerd.x86_64 1.7.24-1.el9")
    assert dnf.parse_removed(text)[0] == "containerd"
    assert "would remove containerd" in removal_complaint(ENGINE, ["containerd"], [], text)


def test_containerd_io_may_replace_runc_where_no_list_of_old_packages_names_it() -> None:
    assert removal_complaint(ENGINE, ["runc"], [], DNF) == ""


def test_old_packages_may_go() -> None:
    assert removal_complaint(ENGINE, ["docker.io", "docker-ce-cli"], ["docker.io"], APT) == ""


def test_podman_goes_with_consent_alone_and_the_transaction_is_shown() -> None:
    complaint = removal_complaint(ENGINE, ["docker.io", "podman"], ["docker.io"], APT)
    assert "docker_engine_allow_podman_removal" in complaint
    assert "Remv podman [5.4.2+ds1-1]" in complaint
    allowed = ENGINE._replace(allow_podman_removal=True)
    assert removal_complaint(allowed, ["docker.io", "podman"], ["docker.io"], APT) == ""


def test_nothing_else_goes_unasked() -> None:
    allowed = ENGINE._replace(allow_podman_removal=True)
    assert "would remove kubelet" in removal_complaint(allowed, ["kubelet"], [], APT)
