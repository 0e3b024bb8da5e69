"""Break one thing on a real host: the plan names only that resource, and what follows from it.

Each row is undone by its inverse. The plan of the host's next row proves that, since it would name
leftovers as well; a plan for this alone would take as long as the row. Every role adds its rows.
Rows with words of a distribution are tried on every host; the others on one each, as many at once
as there are hosts.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.tampering import Tampering
from tests.contract.tamperings_of_access import ACCESS_ROWS
from tests.contract.tamperings_of_configuration import (
    CONFIGURATION,
    COPY,
    FILE,
    MENDED_BY_RESTART,
)
from tests.contract.tamperings_of_containerd import CONTAINERD_ROWS
from tests.contract.tamperings_of_engine import ENGINE_ROWS, words
from tests.contract.tamperings_of_group import GROUP, GROUP_ROWS
from tests.contract.tamperings_of_kernel import KERNEL, KERNEL_ROWS
from tests.contract.tamperings_of_listening import LISTENING_ROWS
from tests.contract.tamperings_of_proxy import PROXY, PROXY_ROWS
from tests.contract.tamperings_of_storage import STORAGE, STORAGE_ROWS
from tests.contract.tamperings_of_units import UNIT_ROWS
from tests.lab import Json, Lab

# Variables for play 1 of site.yml, besides the inventory's.
VARIABLES = {**STORAGE, **GROUP, **PROXY, **KERNEL}
DECLARED = ("--extra-vars", json.dumps(VARIABLES))
TABLE = (
    # This comes first: a daemon's reading is on record if site.yml started it, but not if it was
    # restarted by hand before the file was edited.
    *CONFIGURATION,
    *PROXY_ROWS,
    *STORAGE_ROWS,
    *CONTAINERD_ROWS,
    *GROUP_ROWS,
    *LISTENING_ROWS,
    *ACCESS_ROWS,
    *KERNEL_ROWS,
    *UNIT_ROWS,
    *ENGINE_ROWS,
)


@pytest.fixture(scope="module")
def provisioned(lab: Lab) -> Lab:
    """Hosts that site.yml has made from bare ones."""
    lab.reset_with_engine()
    ran = lab.playbook("site.yml", *DECLARED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return lab


def test_a_provisioned_host_is_as_declared(provisioned: Lab, tmp_path: Path) -> None:
    plans = provisioned.plan(tmp_path, VARIABLES)
    for host in provisioned.hosts:
        assert (plans[host]["verdict"], plans[host]["differences"]) == ("clean", [])
        assert plans[host]["changed"] is False


# One row on each of these hosts, and every host's plan while they are broken.
Round = dict[str, Tampering]
Broken = Callable[[Tampering], tuple[Round, dict[str, Json]]]


def rounds(lab: Lab) -> Iterator[Round]:
    """Divide the table into rounds, in order; the hosts share rows that need only one host."""
    sharing: list[Tampering] = []
    turn = 0
    for row in TABLE:
        of_distribution = row.rpm_only or any(
            f"{{{word}}}" in text
            for word in words(lab, lab.hosts[0])
            for text in (row.breaks, row.mends)
        )
        if not of_distribution:
            sharing.append(row)
        if sharing and (of_distribution or len(sharing) == len(lab.hosts)):
            # No host should have the same place in every round.
            hosts = [*lab.hosts[turn % len(lab.hosts) :], *lab.hosts][: len(sharing)]
            yield dict(zip(hosts, sharing, strict=True))
            sharing, turn = [], turn + 1
        if of_distribution:
            yield {host: row for host in lab.hosts if host == "centos9" or not row.rpm_only}
    if sharing:
        yield dict(zip(lab.hosts, sharing, strict=False))


@pytest.fixture(scope="module")
def broken(provisioned: Lab, tmp_path_factory: pytest.TempPathFactory) -> Broken:
    """Break the hosts by the round of a row, plan, and mend them again; once for each round."""
    parted = list(rounds(provisioned))
    planned: dict[int, dict[str, Json]] = {}

    def plan(row: Tampering) -> tuple[Round, dict[str, Json]]:
        index = next(index for index, each in enumerate(parted) if row in each.values())
        chosen = parted[index]
        if index not in planned:
            known = {host: words(provisioned, host) for host in chosen}
            provisioned.everywhere(
                {host: fill(each.breaks, known[host]) for host, each in chosen.items()}
            )
            try:
                planned[index] = provisioned.plan(tmp_path_factory.mktemp("round"), VARIABLES)
            finally:
                provisioned.everywhere(
                    {host: fill(each.mends, known[host]) for host, each in chosen.items()}
                )
        return chosen, planned[index]

    return plan


@pytest.mark.parametrize("tampering", TABLE, ids=lambda row: row.name.replace(" ", "_"))
def test_the_plan_names_what_was_broken(
    tampering: Tampering, provisioned: Lab, broken: Broken
) -> None:
    if tampering.rpm_only and "centos9" not in provisioned.hosts:
        pytest.skip("the lab runs without a host with rpm")
    chosen, plans = broken(tampering)
    for host, plan in plans.items():
        if host not in chosen:
            assert (plan["verdict"], plan["differences"]) == ("clean", []), host
        elif chosen[host] is tampering:
            named = [(each["resource"], each["path"]) for each in plan["differences"]]
            known = words(provisioned, host)
            wanted = [(resource, fill(path, known)) for resource, path in tampering.named]
            assert named == wanted, host
            assert {each["cause"] for each in plan["differences"]} == {tampering.cause}, host
            if tampering.cause == "unknown":
                # What a role declares by itself is declared, even if the record is lost.
                assert "nobody has declared" not in " ".join(plan["notes"]), host
            if tampering.refused:
                assert tampering.refused in plan["msg"], host
            else:
                assert plan["verdict"] == "drifted", host


def test_nothing_is_left_of_the_last_row(provisioned: Lab, tmp_path: Path) -> None:
    plans = provisioned.plan(tmp_path, VARIABLES)
    for host in provisioned.hosts:
        assert (plans[host]["verdict"], plans[host]["differences"]) == ("clean", []), host


def fill(text: str, known: dict[str, str]) -> str:
    """Put in a host's own words; other braces stay."""
    for word, meaning in known.items():
        text = text.replace("{" + word + "}", meaning)
    return text


MENDED_TOGETHER = (
    "the client has another version than the daemon",
    "a hold was lifted",
    "somebody has added the repository again",
    "repository is believed without signature",
    "key is another",
    "a package is gone",
    "daemon does not start with the host",
    "an old daemon runs under a new file",
    "a key of ours is another in daemon.json",
    "somebody has added a key to daemon.json, which the daemon has not read",
    "daemon.json is for anybody to write",
    "the proxy's drop-in says another",
    "the proxy's credentials are for anybody to read",
    "its file is for anybody to read",
    "holes were punched into its file",
    "direct I/O was switched off",
    "it was mounted with other options",
    "the mount unit does not come with the host",
    "fstab mounts the file as well",
    "Docker starts without its filesystem",
    "a member was taken out of the group",
    "the group has another GID",
    "the socket is for anybody to use",
    "the socket's access control list lets somebody in",
    "Docker's folder is for anybody to write",
    "the folder of what was applied is for anybody to write",
    "the daemon's program is somebody's",
    "the file of sysctls says something else",
    "packets are no longer forwarded",
    "the limits of semaphores were lowered",
    "the file of modules is gone",
    # This comes last: without its socket nobody can ask the daemon anything.
    "Docker's socket was removed",
)


def test_site_mends_what_was_broken_in_one_run(provisioned: Lab, tmp_path: Path) -> None:
    rows = {row.name: row for row in TABLE}
    # The order matters: with a broken repository nothing can be installed to break more.
    for row in (rows[name] for name in MENDED_TOGETHER):
        provisioned.everywhere(
            {host: fill(row.breaks, words(provisioned, host)) for host in provisioned.hosts}
        )
    ran = provisioned.playbook("site.yml", *DECLARED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    plans = provisioned.plan(tmp_path, VARIABLES)
    assert {host: plan["verdict"] for host, plan in plans.items()} == dict.fromkeys(
        provisioned.hosts, "clean"
    )


def test_a_second_run_is_play_one_alone(provisioned: Lab) -> None:
    ran = provisioned.playbook("site.yml", *DECLARED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipping: no hosts matched" in ran.stdout
    assert ran.stdout.count("changed=0") == len(provisioned.hosts)
    assert "[WARNING]" not in ran.stdout + ran.stderr


# In a new file: a mark in front, dockerd's own defaults, and values in other spellings.
SPELT_OTHERWISE = (
    f'mv {FILE} /root/kept; sed \'1s/{{/\\xef\\xbb\\xbf{{ "debug": false,/; s/50m/50M/; '
    f's|\\("data-root": ".*\\)"|\\1//"|\' /root/kept > {FILE}'
)


def test_what_changes_nothing_is_no_drift(provisioned: Lab, tmp_path: Path) -> None:
    """Touched after a restart by hand: /info and the record know better than the clock."""
    provisioned.each(f"{MENDED_BY_RESTART}; touch {FILE}; {SPELT_OTHERWISE}")
    # With the same command line, a copy of the unit is a note and no other command line.
    provisioned.each(f"cp /usr/lib/systemd/system/docker.service {COPY}; systemctl daemon-reload")
    try:
        plans = provisioned.plan(tmp_path, VARIABLES)
        spelt = provisioned.each(f"cat {FILE}")
    finally:
        provisioned.each(f"rm {COPY}; systemctl daemon-reload; mv /root/kept {FILE}")
    assert all("50M" in text and '//"' in text and "\ufeff" in text for text in spelt.values())
    for host, plan in plans.items():
        assert (plan["verdict"], plan["differences"]) == ("clean", []), host
        assert any(f"{COPY}, which is not Dockwright's" in note for note in plan["notes"]), host
