"""A sitecustomize module that ends this process with SIGKILL just before it writes the sysctls."""

import os
import signal
import sys


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and str(arguments[0]).startswith("/etc/sysctl.d/.dockwright-"):
        os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(_hook)
