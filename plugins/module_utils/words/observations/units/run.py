# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What systemd tells of a unit's last run, in as far as a start or a stop is judged by it."""

from typing import NamedTuple, Optional, Tuple


class UnitRun(NamedTuple):
    """One unit, in the words of ``systemctl show`` (org.freedesktop.systemd1(5)).

    ``job`` is what systemd still has to do with it, empty without; ``result`` is how its last run
    ended. ``main_started`` is when its main process was last started, in microseconds of the
    system's clock, 0 for never, and ``main_code`` and ``main_status`` how that ended (wait(2)): 1
    and an exit status, or 2 or 3 and a signal. ``restarts`` counts how often systemd started it
    over by itself. ``start_limit`` and ``stop_limit`` are its own time-outs in seconds, None for
    none.
    ``checked`` is when its conditions and assertions were last looked at; ``conditions_met`` and
    ``assertions_met`` tell what came of it. ``needs`` are units without which it does not start.
    """

    load_state: str = "loaded"
    active_state: str = "inactive"
    sub_state: str = ""
    job: str = ""
    result: str = "success"
    invocation: str = ""
    main_started: int = 0
    main_code: int = 0
    main_status: int = 0
    restarts: int = 0
    start_limit: Optional[float] = None
    stop_limit: Optional[float] = None
    checked: Tuple[int, int] = (0, 0)
    conditions_met: bool = True
    assertions_met: bool = True
    needs: Tuple[str, ...] = ()
