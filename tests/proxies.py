"""What the lab's proxies say of themselves, for scenarios and contract tests."""

import subprocess
from collections.abc import Mapping
from typing import Any


def asked(variables: Mapping[str, Any], since: float) -> list[str]:
    """Give the proxies' requests since a moment; each line begins with the proxy's name.

    ``variables`` are a lab host's, from the inventory.
    """
    log = subprocess.run(
        [
            *(variables["lab_docker_binary"], "--host", variables["lab_docker_host"]),
            *("logs", "--since", f"{since:.3f}", variables["lab_proxies_container"]),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [line for line in log.splitlines() if "Request" in line or "connected to" in line]
