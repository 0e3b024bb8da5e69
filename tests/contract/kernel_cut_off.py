"""A sitecustomize module: ends this process with SIGKILL when it is about to set a sysctl."""

import os
import signal
import sys


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and str(arguments[0]).startswith("/proc/sys/") and arguments[1] == "w":
        os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(_hook)
