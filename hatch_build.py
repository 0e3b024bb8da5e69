"""Keep an editable installation free of a copy of the collection, which would go stale."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EditableCollection(BuildHookInterface[Any]):
    """Leave the collection to the ``.collections`` links, which an editable wheel puts on the path.

    hatchling copies what ``force-include`` names into editable wheels too, unless it is given
    something else to copy.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have an editable wheel hold the licence and nothing of the collection."""
        if version == "editable":
            build_data["force_include_editable"] = {"LICENSE": "dockwright_editable/LICENSE"}
