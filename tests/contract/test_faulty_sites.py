"""A package site that is out of order changes no package, and the error says which site and why."""

import json

import pytest

from tests.lab import Lab

# What each says, on deb and on rpm.
SAID = {
    "missing": ("404", "404"),
    "hanging": ("timed out", "timed out"),
    "wrong_key": ("is not to be believed", "is not to be believed"),
    "out_of_step": ("Hash Sum mismatch", "checksum doesn't match"),
    "wrong_signature": ("not signed", "GPG check FAILED"),
}


@pytest.fixture(scope="module")
def bare(lab: Lab) -> Lab:
    lab.reset()
    return lab


@pytest.mark.parametrize("name", SAID)
def test_a_faulty_site_is_named_with_what_it_said(name: str, bare: Lab) -> None:
    address = bare.variables(bare.hosts[0])["lab_sites"][name]
    ran = bare.playbook("site.yml", "-e", json.dumps({"docker_engine_repo_urls": [address]}))
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


def test_a_good_site_mends_what_a_faulty_one_left(bare: Lab) -> None:
    ran = bare.playbook("site.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host in bare.hosts:
        assert bare.on(host, "docker version --format '{{.Server.Version}}'").strip()
