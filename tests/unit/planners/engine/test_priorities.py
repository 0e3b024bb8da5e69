"""What apt and dnf say of the sources they prefer."""

from ansible_collections.dockwright.host.plugins.module_utils.planners.engine import apt, dnf

POLICY = """\
docker-ce:
  Installed: (none)
  Candidate: 5:28.5.2-1~debian.13~trixie
  Version table:
     5:28.5.2-1~debian.13~trixie 900
        500 http://packages.lab.test/copies/other/linux/debian trixie/stable amd64 Packages
     5:26.1.5-1~debian.13~trixie 500
        500 http://packages.lab.test/linux/debian trixie/stable amd64 Packages
        100 /var/lib/dpkg/status
containerd.io:
  Installed: (none)
  Candidate: (none)
  Version table:
"""


def test_apts_version_tables_are_read() -> None:
    tables = apt.parse_priorities(POLICY)
    assert tables == {
        "docker-ce": [
            apt.Offer(900, ("http://packages.lab.test/copies/other/linux/debian",)),
            apt.Offer(500, ("http://packages.lab.test/linux/debian",)),
        ],
        "containerd.io": [],
    }
    sites = ("http://packages.lab.test/linux/debian",)
    assert [each.comes_from(sites) for each in tables["docker-ce"]] == [False, True]


def test_dnfs_sources_are_read_among_other_words() -> None:
    text = "Last metadata expiration check: 0:01:00 ago\ndocker-ce\tcorp\ndocker-ce\tcorp\n"
    assert dnf.parse_sources(text) == {"docker-ce": ["corp"]}
