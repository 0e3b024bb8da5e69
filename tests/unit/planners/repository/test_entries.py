"""What is left of a repository file without the entries for Docker's packages."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository.entries import (
    part_entries,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository.text import (
    says_something,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.engine import (
    EngineDeclaration,
)

ENGINE = EngineDeclaration(("http://packages.lab.test",))
DEBIAN = """\
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie
Components: main
"""
DOCKER = """\
Types: deb
URIs: http://packages.lab.test/linux/debian
Suites: trixie
Components: stable
"""
BASE = "[baseos]\nname=Base\nbaseurl=http://mirror.test/baseos\n"
SECTION = (
    "[docker-nightly]\nname=x\nbaseurl=http://packages.lab.test/linux/centos/9/x86_64/nightly\n"
)


@pytest.mark.parametrize(
    ("name", "text", "remaining"),
    [
        ("a.sources", f"{DEBIAN}\n{DOCKER}", DEBIAN),
        ("a.sources", f"{DOCKER}\n{DEBIAN}", DEBIAN),
        ("a.sources", f"{DEBIAN}\n{DOCKER}\n{DEBIAN}", f"{DEBIAN}\n{DEBIAN}"),
        ("a.sources", DOCKER, ""),
        ("a.list", "deb http://packages.lab.test/linux/debian trixie stable", ""),
        (
            "sources.list",
            "deb http://d/debian sid main\ndeb-src http://packages.lab.test/linux/debian x y\n",
            "deb http://d/debian sid main\n",
        ),
        ("a.repo", BASE + SECTION, BASE),
        ("a.repo", "# head\n" + SECTION + BASE, "# head\n" + BASE),
        ("a.repo", SECTION, ""),
    ],
)
def test_the_rest_of_the_file_stays_byte_by_byte(name: str, text: str, remaining: str) -> None:
    parted = part_entries(ENGINE, "/" + name, text)
    assert parted.remaining == remaining
    assert parted.taken


def test_of_several_addresses_the_others_stay() -> None:
    text = DOCKER.replace(
        "URIs: http://packages.lab.test/linux/debian",
        "uris: http://packages.lab.test/linux/debian\n  http://other.test/debian",
    )
    assert part_entries(ENGINE, "/a.sources", text).remaining == DOCKER.replace(
        "http://packages.lab.test/linux/debian", "http://other.test/debian"
    )


def test_an_address_among_several_lines_of_a_section_is_found() -> None:
    text = (
        "[a]\nbaseurl = http://x.test/\n   https://mirror.test/docker-ce/linux/rhel/9/\nenabled=1\n"
    )
    assert part_entries(ENGINE, "/a.repo", text).remaining == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.list", "deb http://packages.lab.test.evil/linux/debian trixie stable\n"),
        ("a.list", "deb http://packages.lab.test/linux/other trixie stable\n"),
        ("a.sources", DEBIAN),
        ("a.repo", BASE),
        ("a.repo", "[docker-compose-ui]\nbaseurl=http://mirror.test/ui\n"),
    ],
)
def test_what_is_not_dockers_is_not_touched(name: str, text: str) -> None:
    assert part_entries(ENGINE, "/" + name, text) == (text, ())


def test_a_file_of_comments_says_nothing() -> None:
    assert not says_something("# Docker\n\n   # stable\n")
    assert says_something("# Docker\ndeb http://x y z\n")
