"""What dpkg and rpm say of packages, as output by real hosts."""

from ansible_collections.dockwright.host.plugins.module_utils.observers.packages.packages import (
    parse_dpkg,
    parse_rpm,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    PackageObserved,
)


def test_dpkg_tells_installed_from_left_over_and_cut_off() -> None:
    text = (
        "docker-ce\t5:28.5.2-1~debian.13~trixie\tinstalled\thold\n"
        "docker-ce-rootless-extras\t5:28.5.2-1~debian.13~trixie\tinstalled\tinstall\n"
        "docker-ce-cli\t5:26.1.5-1~debian.13~trixie\tconfig-files\tdeinstall\n"
        "containerd.io\t1.7.28-1\thalf-configured\tinstall\n"
        "docker-buildx-plugin\t\tnot-installed\tunknown\n"
    )
    assert parse_dpkg(text) == {
        "docker-ce": PackageObserved("5:28.5.2-1~debian.13~trixie", held=True),
        "docker-ce-rootless-extras": PackageObserved("5:28.5.2-1~debian.13~trixie"),
        "containerd.io": PackageObserved("1.7.28-1", "half-configured"),
    }


def test_rpm_tells_installed_from_absent() -> None:
    text = "docker-ce\t3:28.5.2-1.el9\npackage docker-ce-cli is not installed\n"
    assert parse_rpm(text) == {"docker-ce": PackageObserved("3:28.5.2-1.el9")}


def test_rpm_tells_a_package_that_is_installed_twice() -> None:
    text = "docker-ce\t3:28.5.1-1.el9\ndocker-ce\t3:28.5.2-1.el9\ndocker-ce-cli\t1:28.5.2-1.el9\n"
    assert parse_rpm(text) == {
        "docker-ce": PackageObserved("3:28.5.2-1.el9", "installed twice"),
        "docker-ce-cli": PackageObserved("1:28.5.2-1.el9"),
    }
