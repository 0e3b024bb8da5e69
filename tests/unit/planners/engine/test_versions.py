"""One consistent set of versions from what a site has."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine import apt, dnf
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine.versions import (
    VersionMissing,
    resolve,
    upgrades,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    PackageObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
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
    assert resolve("present", False, {}, SITE, PACKAGES) == {
        name: SITE[name][0] for name in PACKAGES
    }


def test_a_pin_holds_the_engines_packages_together() -> None:
    resolved = resolve("26.1.5", False, {}, SITE, PACKAGES)
    assert resolved["docker-ce"] == resolved["docker-ce-cli"] == "5:26.1.5-1~d"
    assert resolved["containerd.io"] == "1.7.28-1~d"


def test_a_prefix_takes_the_newest_under_it() -> None:
    assert resolve("26", False, {}, SITE, ["docker-ce"])["docker-ce"] == "5:26.1.5-1~d"
    assert resolve("28.5", False, {}, SITE, ["docker-ce"])["docker-ce"] == "5:28.5.2-1~d"


@pytest.mark.parametrize("declared", ["20.10.24", "20.10", "20.10.24~3-0~ubuntu-jammy"])
def test_a_version_of_20_10_is_found_among_a_sites(declared: str) -> None:
    site = {"docker-ce": ["5:28.5.2-1~u", "5:20.10.24~3-0~ubuntu-jammy"]}
    found = resolve(declared, False, {}, site, ["docker-ce"])
    assert found == {"docker-ce": "5:20.10.24~3-0~ubuntu-jammy"}


def test_a_prefix_is_not_a_part_of_a_number() -> None:
    with pytest.raises(VersionMissing, match=r"no docker-ce 2 for this release"):
        resolve("2", False, {}, SITE, ["docker-ce"])


def test_under_a_prefix_what_is_installed_stays() -> None:
    site = {**SITE, "docker-ce-cli": ["5:28.5.2-1~d", "5:28.1.0-1~d"]}
    installed = {"docker-ce": PackageObserved("5:28.1.0-1~d")}
    assert resolve("28", False, installed, site, ["docker-ce-cli"]) == {
        "docker-ce-cli": "5:28.1.0-1~d"
    }


def test_what_the_engine_recommends_comes_in_its_version() -> None:
    site = {**SITE, "docker-ce-rootless-extras": ["5:28.5.2-1~d", "5:26.1.5-1~d"]}
    assert (
        resolve("26.1.5", False, {}, site, PACKAGES)["docker-ce-rootless-extras"] == "5:26.1.5-1~d"
    )
    assert "docker-ce-rootless-extras" not in resolve("present", False, {}, site, ["containerd.io"])


def test_a_missing_part_follows_the_version_of_the_part_that_is_there() -> None:
    installed = {"docker-ce": PackageObserved("5:26.1.5-1~d")}
    assert resolve("present", False, installed, SITE, ["docker-ce-cli"]) == {
        "docker-ce-cli": "5:26.1.5-1~d"
    }


INSTALLED = {
    "docker-ce": PackageObserved("5:26.1.5-1~d"),
    "docker-ce-cli": PackageObserved("5:26.1.5-1~d"),
    "containerd.io": PackageObserved("1.7.28-1~d"),
}


def test_an_upgrade_takes_the_engines_packages_together() -> None:
    assert upgrades("present", INSTALLED, SITE) == {
        "docker-ce": "5:28.5.2-1~d",
        "docker-ce-cli": "5:28.5.2-1~d",
    }
    assert resolve("present", True, INSTALLED, SITE, ["docker-ce", "docker-ce-cli"]) == upgrades(
        "present", INSTALLED, SITE
    )


def test_an_upgrade_stays_under_its_prefix() -> None:
    assert upgrades("26", INSTALLED, SITE) == {}
    later = {**SITE, "docker-ce": ["5:28.5.2-1~d", "5:26.1.6-1~d", "5:26.1.5-1~d"]}
    assert upgrades("26", INSTALLED, later) == {"docker-ce": "5:26.1.6-1~d"}


def test_a_site_that_lags_behind_is_no_upgrade() -> None:
    lagging = {name: versions[1:] for name, versions in SITE.items()}
    installed = {"docker-ce": PackageObserved("5:28.5.2-1~d")}
    assert upgrades("present", installed, lagging) == {}
    assert upgrades("present", installed, {"docker-ce": ["5:9.0.0-1~d"]}) == {}


def test_a_release_comes_after_its_candidates_and_a_repacked_one_after_the_first() -> None:
    candidate = {"docker-ce": PackageObserved("5:29.0.0~rc.1-1~d")}
    assert upgrades("29", candidate, {"docker-ce": ["5:29.0.0-1~d", "5:29.0.0~rc.2-1~d"]})
    assert not upgrades(
        "29", {"docker-ce": PackageObserved("5:29.0.0-1~d")}, {"docker-ce": ["5:29.0.0~rc.2-1~d"]}
    )
    repacked = {"docker-ce": ["3:28.5.2-2.el9", "3:28.5.2-1.el9"]}
    assert upgrades("28", {"docker-ce": PackageObserved("3:28.5.2-1.el9")}, repacked) == {
        "docker-ce": "3:28.5.2-2.el9"
    }


def test_a_version_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(VersionMissing, match=r"no docker-ce 27\.0\.0 .* It has 28\.5\.2, 26\.1\.5"):
        resolve("27.0.0", False, {}, SITE, PACKAGES)


def test_a_site_without_the_package_says_so() -> None:
    with pytest.raises(VersionMissing, match="has no docker-ce for this release"):
        resolve("present", False, {}, {}, PACKAGES)


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
