"""The lab as a whole: up, reset, restart. One run at a time changes a checkout's lab."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import hosts as ssh
import inventory
import state
import teardown
from checkout import HOST_NAMES, Checkout
from commands import LabError
from engine import Engine, acquire, running_engine
from hosts import Hosts
from images import HostImage, Images
from kept import KeptHosts
from locks import locked
from machine import default_route_mtu, require
from parallel import SideBySide
from progress import Progress
from services import Services
from state import HostState, LabState, write_whole


class Lab:
    """One checkout's lab, changed only under its lock."""

    def __init__(self, checkout: Checkout, progress: Progress) -> None:
        self._checkout = checkout
        self._progress = progress
        self._writing = threading.Lock()
        self._ports: set[int] = set()

    def up(self, names: tuple[str, ...], keep_failed: bool) -> None:
        """Bring hosts and services up, and use what is up and whole already."""
        with self._lock():
            try:
                self._up(names)
            except BaseException:
                if not keep_failed:
                    self._progress.say("up did not succeed: taking the lab down")
                    with suppress(LabError):
                        teardown.down(self._checkout, self._progress, purge=False)
                raise

    def down(self, purge: bool) -> None:
        """Remove everything, whatever state it is in."""
        with self._lock():
            teardown.down(self._checkout, self._progress, purge)

    def reset(self, names: tuple[str, ...], kept_as: str = "") -> None:
        """Make these hosts bare again, or as they were kept, on their old ports."""

        def reset(hosts: Hosts, name: str, known: HostState) -> None:
            image = HostImage(known.image, known.kind, known.note)
            kept = self._kept().find(name, known.image, kept_as) if kept_as else None
            hosts.start(name, image, known.port, kept)

        self._each("resetting", names, reset)

    def keep(self, names: tuple[str, ...], keep_as: str) -> None:
        """Keep these hosts as they are, for all lanes of this checkout to start from."""

        def keep(_: Hosts, name: str, known: HostState) -> None:
            self._kept().keep(name, known.image, keep_as)

        self._each("keeping", names, keep)

    def not_kept(self, names: tuple[str, ...], kept_as: str) -> list[str]:
        """Give those of these hosts that were not kept under this name."""
        known = state.load(self._checkout.state).hosts
        kept = self._kept()
        return [name for name in names if not kept.has(name, known[name].image, kept_as)]

    def restart(self, names: tuple[str, ...]) -> None:
        """Reboot these hosts."""
        self._each("restarting", names, lambda hosts, name, _: hosts.restart(name))

    def status(self) -> list[str]:
        """Say what is up, one line each."""
        known = state.load(self._checkout.state)
        engine = running_engine(self._checkout, known.engine)
        if engine is None:
            return ["no container engine answers; the lab is down"]
        lines = [f"engine     {engine.address}{' (our own dockerd)' if engine.own else ''}"]
        if not known.complete:
            lines.append("state      a run was cut off, or is under way")
        hosts = Hosts(self._checkout, engine, self._progress)
        for name, host in sorted(known.hosts.items()):
            shown = "up  " if hosts.is_running(name, host.image) else "down"
            lines.append(f"{name:<10} {shown} port {host.port}  {host.kind}: {host.note}")
        return lines if known.hosts else [*lines, "no hosts are up"]

    def engine(self) -> Engine:
        """Give the engine that runs the lab, for people who want to look."""
        engine = running_engine(self._checkout, state.load(self._checkout.state).engine)
        if engine is None:
            raise LabError("No container engine answers: `up` starts one.")
        return engine

    def _kept(self) -> KeptHosts:
        return KeptHosts(self._checkout, self.engine())

    def _up(self, names: tuple[str, ...]) -> None:
        require("ssh-keygen", self._progress, self._checkout.cache / "logs")
        known = state.load(self._checkout.state)
        engine = acquire(self._checkout, self._progress, known.engine)
        if not known.complete:
            self._progress.say("the run before this one was cut off: clearing what it left")
            teardown.clear(self._checkout, engine, self._progress)
            known = LabState()
        known.complete, known.engine = False, engine.address
        self._make_state_folder()
        state.save(self._checkout.state, known)
        ssh.make_key(self._checkout)
        make_networks(self._checkout, engine)
        images = Images(self._checkout, engine, self._progress)
        with SideBySide() as steps:
            tool = steps.start(images.tool)

            services = steps.start(
                lambda: Services(self._checkout, engine, self._progress, tool.result())
            )
            site = steps.start(lambda: services.result().build_package_site())
            registry = steps.start(lambda: services.result().fill_registry())
            certificates = steps.start(lambda: services.result().make_certificates())

            def serve() -> None:
                certificates.result()
                site.result()
                storage = registry.result()
                with self._progress.step("starting the package site, the registry and the proxies"):
                    services.result().start(storage)
                    services.result().wait()

            steps.start(serve)
            for name in HOST_NAMES:
                if name in names or name in known.hosts:
                    steps.start(self._host_up, engine, images, name, known)
        inventory.write(self._checkout, engine, site.result(), known.hosts)
        known.complete = True
        state.save(self._checkout.state, known)

    def _host_up(self, engine: Engine, images: Images, name: str, known: LabState) -> None:
        kind, note = images.kind(name)
        self._progress.say(f"{name}: {kind}, {note}")
        image = images.host(name)
        hosts = Hosts(self._checkout, engine, self._progress)
        with self._progress.step(f"starting {name}"):
            if name in known.hosts and hosts.is_running(name, image.tag):
                host = known.hosts[name]
            else:
                host = hosts.start(name, image, self._port(name, known))
            with self._writing:
                known.hosts[name] = host
                self._write_ssh_files(known)
            self._report(name, hosts.wait(name), host)

    def _port(self, name: str, known: LabState) -> int:
        with self._writing:
            if name in known.hosts:
                return known.hosts[name].port
            taken = {host.port for host in known.hosts.values()} | self._ports
            port = ssh.free_port(self._checkout, name, taken)
            self._ports.add(port)
            return port

    def _each(
        self,
        doing: str,
        names: tuple[str, ...],
        what: Callable[[Hosts, str, HostState], None],
    ) -> None:
        with self._lock():
            known = state.load(self._checkout.state)
            down = [name for name in names if name not in known.hosts]
            if down or not known.complete:
                missing = ", ".join(down) or "the lab"
                raise LabError(f"{missing} is not up: run `up {' '.join(down)}` first.")
            hosts = Hosts(self._checkout, self.engine(), self._progress)

            def one(name: str) -> None:
                with self._progress.step(f"{doing} {name}"):
                    what(hosts, name, known.hosts[name])
                    self._report(name, hosts.wait(name), known.hosts[name])

            with SideBySide() as steps:
                for name in dict.fromkeys(names):
                    steps.start(one, name)

    def _report(self, name: str, came_up: str, host: HostState) -> None:
        self._progress.say(f"{name}: systemd is {came_up}, ssh on 127.0.0.1:{host.port}")

    def _make_state_folder(self) -> None:
        folder = self._checkout.state
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The folder's own file has git ignore it, whatever the checkout's .gitignore says.
        (folder / ".gitignore").write_text("*\n")

    def _write_ssh_files(self, known: LabState) -> None:
        write_whole(ssh.known_hosts(self._checkout), ssh.known_hosts_text(known.hosts))
        text = ssh.ssh_configuration_text(self._checkout, known.hosts)
        write_whole(ssh.ssh_configuration(self._checkout), text)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with locked(self._checkout.lock, self._progress, "another run of this checkout's lab"):
            yield


def make_networks(checkout: Checkout, engine: Engine) -> None:
    """Create the networks of a checkout's containers, unless they exist."""
    for name, options in ((checkout.network, ()), (checkout.hidden_network, ("--internal",))):
        if engine.docker("network", "inspect", name, check=False).returncode != 0:
            mtu = f"com.docker.network.driver.mtu={default_route_mtu()}"
            labels = checkout.labels()
            engine.docker("network", "create", *labels, *options, "--opt", mtu, name)
