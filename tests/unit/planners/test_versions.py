"""One consistent set of versions out of what a site has."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observation import PackageObserved
from ansible_collections.dockwright.host.plugins.module_utils.planners import apt, dnf
from ansible_collections.dockwright.host.plugins.module_utils.planners.versions import (
    VersionMissing,
    resolve,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    PACKAGES,
)

SITE = {
    "docker-ce": ["5:28.5.2-1~d", "5:26.1.5-1~d"],
    "docker-ce-cli": ["5:28.5.2-1~d", "5:26.1.5-1~d"],
    "containerd.io": ["1.7.28-1~d", "1.7.24-1~d"],
    "docker-buildx-plugin": ["0.29.1-1~d"],
    "docker-compose-plugin": ["2.40.3-1~d"],
}


def test_present_takes_the_newest_of_all() -> None:
    assert resolve("present", {}, SITE, PACKAGES) == {name: SITE[name][0] for name in PACKAGES}


def test_a_pin_holds_the_engines_packages_together() -> None:
    resolved = resolve("26.1.5", {}, SITE, PACKAGES)
    assert resolved["docker-ce"] == resolved["docker-ce-cli"] == "5:26.1.5-1~d"
    assert resolved["containerd.io"] == "1.7.28-1~d"


def test_a_prefix_takes_the_newest_under_it() -> None:
    assert resolve("26", {}, SITE, ["docker-ce"])["docker-ce"] == "5:26.1.5-1~d"
    assert resolve("28.5", {}, SITE, ["docker-ce"])["docker-ce"] == "5:28.5.2-1~d"


def test_a_prefix_is_not_a_part_of_a_number() -> None:
    with pytest.raises(VersionMissing, match=r"no docker-ce 2 for this release"):
        resolve("2", {}, SITE, ["docker-ce"])


def test_under_a_prefix_what_is_installed_stays() -> None:
    site = {**SITE, "docker-ce-cli": ["5:28.5.2-1~d", "5:28.1.0-1~d"]}
    installed = {"docker-ce": PackageObserved("5:28.1.0-1~d")}
    assert resolve("28", installed, site, ["docker-ce-cli"]) == {"docker-ce-cli": "5:28.1.0-1~d"}


def test_what_the_engine_recommends_comes_in_its_version() -> None:
    site = {**SITE, "docker-ce-rootless-extras": ["5:28.5.2-1~d", "5:26.1.5-1~d"]}
    assert resolve("26.1.5", {}, site, PACKAGES)["docker-ce-rootless-extras"] == "5:26.1.5-1~d"
    assert "docker-ce-rootless-extras" not in resolve("present", {}, site, ["containerd.io"])


def test_a_missing_part_follows_the_version_of_the_part_that_is_there() -> None:
    installed = {"docker-ce": PackageObserved("5:26.1.5-1~d")}
    assert resolve("present", installed, SITE, ["docker-ce-cli"]) == {
        "docker-ce-cli": "5:26.1.5-1~d"
    }


def test_a_version_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(VersionMissing, match=r"no docker-ce 27\.0\.0 .* It has 28\.5\.2, 26\.1\.5"):
        resolve("27.0.0", {}, SITE, PACKAGES)


def test_a_site_without_the_package_says_so() -> None:
    with pytest.raises(VersionMissing, match="has no docker-ce for this release"):
        resolve("present", {}, {}, PACKAGES)


MADISON = """\
 docker-ce | 5:28.5.2-1~debian.13~trixie | https://a.test/linux/debian trixie/stable amd64 Packages
 docker-ce | 5:26.1.5-1~debian.13~trixie | https://a.test/linux/debian trixie/stable amd64 Packages
N: Unable to locate package docker-ce-rootless-extras
"""


def test_apt_offers_are_read() -> None:
    assert apt.parse_offered(MADISON) == {
        "docker-ce": ["5:28.5.2-1~debian.13~trixie", "5:26.1.5-1~debian.13~trixie"]
    }


DNF_LIST = """\
Installed Packages
docker-ce.x86_64             3:26.1.5-1.el9                  @docker-ce-stable
Available Packages
docker-ce.x86_64             3:20.10.24-1.el9                docker-ce-stable
docker-ce.x86_64             3:28.5.2-1.el9                  docker-ce-stable
docker-ce-rootless-extras.x86_64
                             28.5.2-1.el9                    docker-ce-stable
"""


def test_dnf_offers_are_read_though_wrapped() -> None:
    assert dnf.parse_offered(DNF_LIST) == {
        "docker-ce": ["3:28.5.2-1.el9", "3:20.10.24-1.el9"],
        "docker-ce-rootless-extras": ["28.5.2-1.el9"],
    }
