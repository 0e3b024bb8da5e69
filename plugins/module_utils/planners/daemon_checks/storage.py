# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What daemon.json takes from the filesystem under data-root, and what that supports."""

from typing import Any, Container, Dict, Iterator, Tuple

from ...words.declarations.daemon import DaemonDeclaration
from ...words.difference import Refusal
from ...words.observations.host import Observation
from ...words.observations.storage import MountObserved
from ...words.paths import DAEMON_JSON, DATA_ROOT
from ...words.tables.filesystems import FILESYSTEMS
from ...words.tables.supported_systems import find_supported
from ..daemon.document import Document, pointer_of
from ..daemon.meaning import tidy_path
from ..image_store.cure import graph_driver_cure, keys_of_containerd
from ..image_store.store import CONTAINERD, Store, data_root_said, images_roots
from ..storage.options import has_quota
from ..storage.state import one
from ..storage.units import is_under
from ..storage_checks.stopped_mount import unwritable

_LIMIT = "overlay2.size"


def carried_paths(declaration: DaemonDeclaration) -> Tuple[str, ...]:
    """Give the folders whose carriers the plan needs to know."""
    return tuple({_root(declaration.config), declaration.storage_mount_point or DATA_ROOT})


def follow_storage(
    config: Document,
    declaration: DaemonDeclaration,
    observed: Observation,
    live: Document,
    owned: Container[str],
) -> Document:
    """Have data-root and the storage driver follow the filesystem that docker_storage keeps.

    The driver is named, since engine 29 keeps the images of an unnamed one elsewhere. A data-root
    in a folder of that filesystem stays, if somebody has set it. The mount point itself would be
    declared anyway, so it is, whoever has written it.
    """
    point = declaration.storage_mount_point
    if not point:
        return config
    result: Dict[str, Any] = dict(config)
    kind = FILESYSTEMS.get(_filesystem(declaration, observed))
    if kind is not None:
        result.setdefault("storage-driver", kind.driver)
    if "data-root" in result or "graph" in result:
        return result
    root = live.get("data-root", "")
    foreign = bool(root) and "/data-root" not in owned and is_under(tidy_path(str(root)), point)
    if foreign and tidy_path(str(root)) == point:
        result["data-root"] = root
    elif not foreign and (root or point != DATA_ROOT):
        result["data-root"] = point
    return result


def storage_refusals(
    document: Document, declaration: DaemonDeclaration, observed: Observation, store: Store
) -> Iterator[Tuple[str, Refusal]]:
    """Refuse what the filesystem under data-root does not support, each under its pointer.

    ``store`` is the image store of the daemon's next start.
    """
    point, root = declaration.storage_mount_point, _root(document)
    if point and not is_under(root, point):
        yield (
            "/data-root",
            Refusal(
                found="%s: data-root is %s, and the filesystem that docker_storage keeps is on %s."
                % (DAEMON_JSON, root, point),
                remedy="Declare a data-root on it in docker_daemon_config, or another "
                "docker_storage_mount_point.",
            ),
        )
        return
    astray = [each for each in images_roots(store, observed) if not is_under(each, point)]
    if store.kind == CONTAINERD and point and astray:
        driver = FILESYSTEMS.get(_filesystem(declaration, observed))
        yield (
            pointer_of(keys_of_containerd(document)),
            Refusal(
                found="docker_storage keeps a filesystem for images on %s, and with %s they would "
                "lie in %s." % (point, store.spoken(), astray[0]),
                remedy="%s, or unset docker_storage_file and docker_storage_device."
                % graph_driver_cure(document, driver.driver if driver is not None else ""),
            ),
        )
        return
    if store.kind == CONTAINERD and declaration.config.get("storage-opts"):
        yield (
            "/storage-opts",
            Refusal(
                found="%s: storage-opts is declared, and %s passes over it."
                % (DAEMON_JSON, store.spoken()),
                remedy="Take storage-opts out of docker_daemon_config, or name a storage-driver in "
                "it that goes by them.",
            ),
        )
        return
    kind, carrier = _carrier(declaration, observed, root)
    # What docker_storage keeps it judges itself.
    refusal = unwritable(root, carrier) if not point else None
    if refusal is not None:
        yield ("/data-root", refusal)
        return
    driver = document.get("storage-driver")
    if driver == "btrfs" and kind not in ("btrfs", ""):
        yield (
            "/storage-driver",
            Refusal(
                found="%s: storage-driver is btrfs, and %s lies on %s."
                % (DAEMON_JSON, root, one(kind)),
                remedy="Take storage-driver out of docker_daemon_config, or have docker_storage "
                "keep a btrfs there.",
            ),
        )
    limited = [each for each in _texts(document.get("storage-opts")) if _is_limit(each)]
    reason = _without_quota(kind, carrier, observed) if limited else ""
    if reason:
        yield (
            "/storage-opts",
            Refusal(
                found="%s: storage-opts says %s, and %s: dockerd would not start."
                % (DAEMON_JSON, limited[0], reason),
                remedy="Take it out of docker_daemon_config, or have an xfs with project quota "
                "(pquota) under data-root.",
            ),
        )


def _filesystem(declaration: DaemonDeclaration, observed: Observation) -> str:
    """Give the filesystem on the mount point, as it is or as it will be."""
    point = declaration.storage_mount_point
    there = observed.carriers.get(point, MountObserved(""))
    if there.mount_point == point and there.type in FILESYSTEMS:
        return there.type
    if declaration.storage_filesystem != "auto":
        return declaration.storage_filesystem
    storage = observed.storage
    if storage is not None and storage.volume.signature.type in FILESYSTEMS:
        return storage.volume.signature.type
    system = find_supported(observed.system.distribution, observed.system.version)
    return system.filesystems[0] if system is not None else ""


def _carrier(
    declaration: DaemonDeclaration, observed: Observation, root: str
) -> Tuple[str, MountObserved]:
    """Give the filesystem type that data-root will be on, and its mount as far as it is there."""
    point = declaration.storage_mount_point
    carrier = observed.carriers.get(root, MountObserved(""))
    # If somebody else has mounted something there, docker_storage refuses that.
    if not point or (carrier.mount_point == point and carrier.type in FILESYSTEMS):
        return carrier.type, carrier
    return _filesystem(declaration, observed), MountObserved("")


def _without_quota(kind: str, carrier: MountObserved, observed: Observation) -> str:
    """Say why a container's size cannot be limited; empty where it can, or nobody knows."""
    if not kind:
        return ""
    if kind != "xfs":
        return "only an xfs with project quota can limit that, not %s" % one(kind)
    if not observed.project_quota:
        return "the kernel of this host has no project quota for xfs"
    if carrier.mount_point and not has_quota(carrier):
        return "%s is mounted without pquota, which only its next mount brings" % (
            carrier.mount_point
        )
    return ""


def _root(document: Document) -> str:
    return tidy_path(data_root_said(document, {}))


def _texts(value: Any) -> Tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _is_limit(option: str) -> bool:
    return option.partition("=")[0].strip().lower() == _LIMIT
