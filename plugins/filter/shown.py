# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring sentences into the form that the screen shows best.

Runs on the controller, in the task that tells what differs.
"""

from typing import Any, List, Mapping, Union

from ansible import constants


def for_the_screen(lines: List[str]) -> Union[str, List[str]]:
    """Give lines in the form that Ansible's output breaks by itself.

    As YAML a text of several lines is shown as it is, while a list's items are folded and quoted.
    As JSON a text is shown on one line, and each item of a list on its own.
    """
    return "\n".join(lines) if _is_yaml() else list(lines)


def _is_yaml() -> bool:
    # The option belongs to one callback; a callback of another name may not have it.
    try:
        kept: Any = constants.config.get_config_value(
            "result_format", plugin_type="callback", plugin_name="default"
        )
    except Exception:
        return False
    return bool(kept == "yaml")


class FilterModule:
    """The filters of this file."""

    def filters(self) -> Mapping[str, Any]:
        """Name them."""
        return {"for_the_screen": for_the_screen}
