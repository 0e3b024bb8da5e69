"""What Galaxy would be given: its contents, and what Galaxy's and Ansible's checks say of it."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.environments import PIP, environment, kept
from tests.lab import ROOT

IMPORTER = "galaxy-importer==0.4.44"
# ansible-test sets up its environments with this. It gets it from outside the package index.
PIP_OF_ANSIBLE_TEST = "24.2"
# The collection's files in the repository, besides those that ansible-galaxy adds.
SHIPPED = (
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("docs", "meta", "playbooks", "plugins", "roles"),
    "tests/config.yml",
)
ADDED = {"FILES.json", "MANIFEST.json"}
BINARIES = Path(sys.executable).parent


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the collection as it is published."""
    folder = tmp_path_factory.mktemp("tarball")
    subprocess.run(
        [BINARIES / "ansible-galaxy", "collection", "build", "--output-path", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.iterdir())


def said(argv: list[str | Path], folder: Path, home: Path, binaries: Path) -> tuple[int, str]:
    """Run a check with a home and programs of its own; give its exit code and output."""
    ran = subprocess.run(
        argv,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if "ANSIBLE" not in name},
            "HOME": str(home),
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "PYTHONPATH": "",
        },
    )
    return ran.returncode, ran.stdout


def test_the_collection_ships_what_is_in_the_repository_and_belongs_there(tarball: Path) -> None:
    with tarfile.open(tarball) as opened:
        shipped = {member.name for member in opened.getmembers() if not member.isdir()}
    listed = subprocess.run(
        ["git", "ls-files", "--", *SHIPPED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    development = {each for each in listed.stdout.split() if each.startswith("docs/generate/")}
    assert shipped == (set(listed.stdout.split()) - development) | ADDED


def test_galaxy_takes_it_without_a_word(tarball: Path, tmp_path: Path) -> None:
    importer = environment(IMPORTER)
    code, words = said(
        [importer / "bin" / "python", "-m", "galaxy_importer.main", tarball],
        tmp_path,
        tmp_path,
        importer / "bin",
    )
    complaints = [line for line in words.splitlines() if line.startswith(("WARN", "ERROR"))]
    assert (code, complaints) == (0, []), words
    assert "Importer processing completed successfully" in words
    told = json.loads((tmp_path / "importer_result.json").read_text())
    pages = {
        page["content_name"]: page["readme_html"]
        for page in told["docs_blob"]["contents"]
        if page["content_type"] == "role"
    }
    assert sorted(pages) == sorted(path.name for path in (ROOT / "roles").iterdir())
    assert all("<table>" in page for page in pages.values())


def test_ansibles_own_checks_find_nothing(tarball: Path, tmp_path: Path) -> None:
    collection = tmp_path / "ansible_collections" / "dockwright" / "host"
    collection.mkdir(parents=True)
    with tarfile.open(tarball) as opened:
        opened.extractall(collection, filter="data")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    code, words = said(
        [
            *(BINARIES / "ansible-test", "sanity", "--requirements", "--python", python),
            *("--color", "no", "--truncate", "0"),
        ],
        collection,
        home_of_ansible_test(),
        BINARIES,
    )
    complaints = [line for line in words.splitlines() if line.startswith(("ERROR", "FATAL"))]
    assert (code, complaints) == (0, []), words


def home_of_ansible_test() -> Path:
    """Give a home in which ansible-test finds its pip and keeps its checks' environments."""

    def make(home: Path) -> None:
        wheels = home / "wheels"
        subprocess.run(
            [*PIP, "download", "--no-deps", "-d", wheels, f"pip=={PIP_OF_ANSIBLE_TEST}"], check=True
        )
        name = f"get_pip_{PIP_OF_ANSIBLE_TEST.replace('.', '_')}.py"
        script = home / ".ansible" / "test" / "cache" / name
        script.parent.mkdir(parents=True)
        # The real script is a wheel within a Python program, and takes the same arguments.
        script.write_text(
            "import subprocess, sys\n"
            "asked = [word for word in sys.argv[1:] if not word.startswith('--no-')]\n"
            f"pip = {str(next(wheels.iterdir()) / 'pip')!r}\n"
            "sys.exit(subprocess.call([sys.executable, pip, 'install', *asked]))\n"
        )

    return kept("ansible-test", [sys.version, PIP_OF_ANSIBLE_TEST], make)
