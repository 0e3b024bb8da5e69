"""The services that the lab's hosts use, in containers: package site, registry, proxies."""

import contextlib
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import package_site
import proxies
from checkout import LAB_FOLDER, Checkout
from commands import LabError
from engine import Engine
from images import digest
from locks import locked
from machine import debian_mirror
from progress import Progress

PACKAGES_NAME = "packages.lab.test"
REGISTRY_NAME = "registry.lab.test"
# The same two for clients of a proxy: hosts know neither their names nor a way to them.
HIDDEN_PACKAGES_NAME = "packages.hidden.test"
HIDDEN_REGISTRY_NAME = "registry.hidden.test"
PACKAGES_SERVICE = "packages"
REGISTRY_SERVICE = "registry"
PROXIES_SERVICE = "proxies"
PACKAGE_SITE_FOLDER = LAB_FOLDER / "package_site"
REGISTRY_FOLDER = LAB_FOLDER / "registry"
PROXIES_FOLDER = LAB_FOLDER / "proxy_services"
READY_SECONDS = 20


class Service(NamedTuple):
    """One container: the name by which hosts know it, and the one for those behind it."""

    service: str
    names: tuple[str, ...]
    mounts: dict[Path, Path]
    argv: list[str]
    # Tells services with the same command apart.
    content: str
    hidden_name: str = ""
    environment: Mapping[str, str] = MappingProxyType({})


class Services:
    """Build what the services serve, once for all checkouts, and run them for this one."""

    def __init__(self, checkout: Checkout, engine: Engine, progress: Progress, tool: str) -> None:
        self._checkout = checkout
        self._engine = engine
        self._progress = progress
        self._tool = tool
        # Decided once: an edit of the recipe during the build must not change what is served.
        key = digest(package_site.recipe_digest(), tool, debian_mirror())
        self._site = checkout.cache / "package-site" / key

    def build_package_site(self) -> package_site.Manifest:
        """Build the package site, unless the cache holds it whole."""
        work = self._site
        whole = whole_mark(work)
        lock = self._checkout.cache / "locks" / f"package-site-{work.name}.lock"
        with locked(lock, self._progress, "another lab that builds the package site"):
            if not whole.exists():
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir(parents=True)
                with self._progress.step("building the package site"):
                    package_site.build(
                        work,
                        lambda argv: self._run_in_tool(f"package-site-{work.name}", [work], argv),
                        debian_mirror(),
                    )
                whole.touch()
        return package_site.read_manifest(work)

    def fill_registry(self) -> Path:
        """Fill the registry's storage, unless the cache holds it whole."""
        key = digest(REGISTRY_FOLDER / "fill.py", self._tool)
        folder = self._checkout.cache / "registry" / key
        whole = whole_mark(folder)
        lock = self._checkout.cache / "locks" / f"registry-{key}.lock"
        with locked(lock, self._progress, "another lab that fills the registry"):
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                with self._progress.step("filling the registry"):
                    self._run_in_tool(
                        f"registry-{key}",
                        [folder],
                        ["python3", str(REGISTRY_FOLDER / "fill.py"), str(folder)],
                    )
                whole.touch()
        return folder

    def make_certificates(self) -> None:
        """Make the registry's throw-away authority and certificate, kept while the lab is up."""
        folder = tls_folder(self._checkout)
        if (folder / "whole").exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        script = str(REGISTRY_FOLDER / "certificates.sh")
        argv = ["sh", script, str(folder), REGISTRY_NAME, HIDDEN_REGISTRY_NAME]
        self._run_in_tool(f"certificates-{self._checkout.key}", [folder], argv)
        (folder / "whole").touch()

    def start(self, registry: Path) -> None:
        """Start the services, unless they run as they should."""
        site, tls = self._site, tls_folder(self._checkout)
        server = PACKAGE_SITE_FOLDER / "server.py"
        configuration = REGISTRY_FOLDER / "config.yml"
        services = (
            Service(
                PACKAGES_SERVICE,
                (PACKAGES_NAME,),
                {site: site, PACKAGE_SITE_FOLDER: PACKAGE_SITE_FOLDER},
                ["python3", str(server), str(site), "80"],
                digest(server, _built_at(site)),
                HIDDEN_PACKAGES_NAME,
            ),
            Service(
                REGISTRY_SERVICE,
                (REGISTRY_NAME,),
                {
                    registry: Path("/registry"),
                    tls: Path("/tls"),
                    REGISTRY_FOLDER: REGISTRY_FOLDER,
                },
                ["docker-registry", "serve", str(configuration)],
                digest(configuration, tls / "server.crt", _built_at(registry)),
                HIDDEN_REGISTRY_NAME,
            ),
            Service(
                PROXIES_SERVICE,
                proxies.NAMES,
                {PROXIES_FOLDER: PROXIES_FOLDER},
                ["sh", str(PROXIES_FOLDER / "serve.sh"), str(PROXIES_FOLDER)],
                digest(PROXIES_FOLDER),
                environment=proxies.CREDENTIALS,
            ),
        )
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._serve, services))

    def wait(self) -> None:
        """Wait until the services answer in the way that their clients will ask."""
        certificate = ["--cacert", "/tls/ca.crt"]
        manifest = f"https://{REGISTRY_NAME}/v2/library/busybox/manifests/latest"
        self._await_answer(PACKAGES_SERVICE, [f"http://{PACKAGES_NAME}/"])
        self._await_answer(REGISTRY_SERVICE, ["--fail", *certificate, manifest])
        for address in proxies.ADDRESSES.values():
            through = ["--fail", "--proxy", address, f"http://{HIDDEN_PACKAGES_NAME}/"]
            self._await_answer(PROXIES_SERVICE, through)

    def _serve(self, wanted: Service) -> None:
        container = self._checkout.container(wanted.service)
        recipe = digest(self._tool, *map(str, wanted))
        shown = self._engine.docker(
            *("inspect", "--format", "{{.State.Running}} {{.Config.Labels.recipe}}", container),
            check=False,
        )
        if shown.stdout.strip() == f"true {recipe}":
            return
        self._engine.docker("rm", "--force", "--volumes", container, check=False)
        options = []
        for source, target in wanted.mounts.items():
            options += ["--mount", f"type=bind,source={source},target={target},readonly"]
        for name in wanted.names:
            options += ["--network-alias", name]
        for variable, value in wanted.environment.items():
            options += ["--env", f"{variable}={value}"]
        self._engine.docker(
            *("create", "--init", "--name", container, *self._checkout.labels()),
            *("--label", f"recipe={recipe}", "--network", self._checkout.network),
            *(*options, self._tool, *wanted.argv),
        )
        # The hosts are not on this network, and cannot reach it either.
        alias = ["--alias", wanted.hidden_name] if wanted.hidden_name else []
        self._engine.docker("network", "connect", *alias, self._checkout.hidden_network, container)
        self._engine.docker("start", container)

    def _await_answer(self, service: str, arguments: list[str]) -> None:
        container = self._checkout.container(service)
        curl = ["curl", "--silent", "--show-error", "--output", "/dev/null", "--max-time", "5"]
        deadline = time.monotonic() + READY_SECONDS
        while True:
            asked = self._engine.docker("exec", container, *curl, *arguments, check=False)
            if asked.returncode == 0:
                return
            if time.monotonic() > deadline:
                words = self._engine.docker("logs", "--tail", "10", container, check=False)
                raise LabError(
                    f"The lab's {service} service does not answer: {asked.stderr}"
                    f"{words.stdout}{words.stderr}"
                )
            time.sleep(0.2)

    def _run_in_tool(self, what: str, folders: Sequence[Path], argv: Sequence[str]) -> None:
        # All checkouts use this name, so whoever has the lock ends what a killed run left under it.
        container = f"dockwright-lab-{what}"
        self._engine.docker("rm", "--force", "--volumes", container, check=False)
        options = ["--volume", f"{LAB_FOLDER}:{LAB_FOLDER}:ro"]
        for folder in folders:
            options += ["--volume", f"{folder}:{folder}"]
        log = self._checkout.cache / "logs" / f"{what}.log"
        try:
            self._engine.docker(
                *("run", "--rm", "--init", "--name", container, *self._checkout.labels()),
                *("--network", "host", *options, self._tool, *argv),
                log=log,
            )
        except BaseException:
            # When a client is ended, its container goes on.
            with contextlib.suppress(LabError):
                self._engine.docker("rm", "--force", "--volumes", container, check=False)
            raise


def tls_folder(checkout: Checkout) -> Path:
    """Give the folder with this lab's certificate authority and the registry's certificate."""
    return checkout.state / "tls"


def whole_mark(folder: Path) -> Path:
    """Give the file that marks a cached folder as whole; it is made last."""
    return folder.with_suffix(".whole")


def _built_at(folder: Path) -> str:
    """Tell a folder from one rebuilt under its name, which a running container does not see."""
    return str(whole_mark(folder).stat().st_mtime_ns)
