# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What systemd tells of a unit's last run, as far as a start or a stop is judged by it."""

from typing import NamedTuple, Optional, Tuple


class UnitRun(NamedTuple):
    """One unit, in the words of ``systemctl show`` (org.freedesktop.systemd1(5)).

    ``job`` is what systemd still has to do with it, empty for nothing; ``result`` is how its last
    run ended. ``main_started`` is the last start of its main process, in microseconds of the
    system's clock, 0 for never; ``main_code`` and ``main_status`` say how that process ended
    (wait(2)): 1 and an exit status, or 2 or 3 and a signal. ``restarts`` counts how often systemd
    restarted it by itself. ``start_limit`` and ``stop_limit`` are its own time-outs in seconds,
    None for none. ``checked`` is the time of the last check of its conditions and assertions;
    ``conditions_met`` and ``assertions_met`` are the results. ``needs`` are units without which it
    does not start.
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
