"""A faulty package site changes no package, and the error says which site, and why."""

import json
from pathlib import Path

import pytest

from tests.lab import ENGINE_ALONE, Lab

# The message for each fault, on deb and on rpm.
SAID = {
    "missing": ("404", "404"),
    "lagging": ("404", "404"),
    "hanging": ("timed out", "timed out"),
    "wrong_key": ("is not to be believed", "is not to be believed"),
    "out_of_step": ("Hash Sum mismatch", "checksum doesn't match"),
    "wrong_signature": ("not signed", "GPG check FAILED"),
}


# No file of the host names a site that could not be used.
LEFT = (
    "ls /etc/apt/sources.list.d/docker.sources /etc/apt/keyrings/docker.asc "
    "/etc/yum.repos.d/docker-ce.repo /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce "
    "/run/dockwright/probe 2>/dev/null || true"
)


@pytest.fixture(scope="module")
def bare(lab: Lab) -> Lab:
    lab = lab.distinct()
    lab.reset()
    return lab


@pytest.mark.parametrize("name", SAID)
def test_a_faulty_site_is_named_with_what_it_said(name: str, bare: Lab) -> None:
    address = bare.variables(bare.hosts[0])["lab_sites"][name]
    ran = bare.playbook(
        "site.yml", *ENGINE_ALONE, "-e", json.dumps({"docker_engine_repo_urls": [address]})
    )
    assert ran.returncode == 2, ran.stdout + ran.stderr
    failures = {
        line.split("[")[1].split("]")[0]: line
        for line in ran.stdout.splitlines()
        if line.startswith("fatal: [")
    }
    for host in bare.hosts:
        said = SAID[name][host == "centos9"]
        assert said in failures[host], host
        assert address in failures[host], host
        assert bare.on(host, "command -v dockerd || echo none").strip() == "none"
        assert bare.on(host, LEFT).strip() == ""


def test_faulty_sites_are_passed_over_for_a_good_one(bare: Lab, tmp_path: Path) -> None:
    sites = bare.variables(bare.hosts[0])["lab_sites"]
    declared = {"docker_engine_repo_urls": [*(sites[name] for name in SAID), sites["good"]]}
    ran = bare.playbook("site.yml", *ENGINE_ALONE, "-e", json.dumps(declared))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host in bare.hosts:
        assert bare.on(host, "docker version --format '{{.Server.Version}}'").strip()
        for name in SAID:
            assert f"The package site {sites[name]} (" in ran.stderr
    # The site that was used is a declared one: other sites' faults are no drift.
    roles = {"docker_plan_roles": ["docker_engine", "docker_activation"]}
    plans = bare.plan(tmp_path, {**declared, **roles})
    assert {host: plan["verdict"] for host, plan in plans.items()} == dict.fromkeys(
        bare.hosts, "clean"
    )


def test_somebody_elses_faulty_source_is_no_reason_to_stop(bare: Lab) -> None:
    bare.reset()
    for host in bare.hosts:
        missing = bare.variables(host)["lab_sites"]["missing"]
        section = f"[theirs]\\nname=x\\nbaseurl={missing}/theirs\\ngpgcheck=0\\n"
        theirs = f"echo 'deb {missing}/theirs sid main' > /etc/apt/sources.list.d/theirs.list"
        if host == "centos9":
            theirs = f"printf '{section}' > /etc/yum.repos.d/theirs.repo"
        bare.on(host, theirs)
    ran = bare.playbook("site.yml", *ENGINE_ALONE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host in bare.hosts:
        assert bare.on(host, "docker version --format '{{.Server.Version}}'").strip()
        if host != "centos9":
            assert "Some other source of packages is out of order" in ran.stderr
