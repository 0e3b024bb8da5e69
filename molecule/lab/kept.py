"""Keep hosts as they are at a moment, as images from which other hosts can start.

Many test files begin with an installed engine, which takes longer to make than most of their tests.
Whoever keeps a host puts all that its state depends on into the name under which it is kept.
"""

from pathlib import Path

from checkout import CHECKOUT_LABEL, Checkout
from commands import LabError
from engine import Engine
from images import digest


class KeptHosts:
    """The hosts that this checkout has kept, in whichever lane."""

    def __init__(self, checkout: Checkout, engine: Engine) -> None:
        self._checkout = checkout
        self._engine = engine

    def keep(self, name: str, image: str, keep_as: str) -> None:
        """Keep a running host; what was kept of it before goes, unless a host still needs it."""
        kept = self._tag(name, image, keep_as)
        self._engine.docker("commit", self._checkout.container(name), kept)
        repository = self._checkout.kept_images(name)
        for tag in self._engine.lines("image", "ls", "--format", "{{.Tag}}", repository):
            other = f"{repository}:{tag}"
            if other != kept:
                self._engine.docker("image", "rm", other, check=False)

    def has(self, name: str, image: str, kept_as: str) -> bool:
        """Whether a host was kept under this name, started from this image."""
        return self._engine.has_image(self._tag(name, image, kept_as))

    def find(self, name: str, image: str, kept_as: str) -> str:
        """Give the image of a kept host.

        :raises LabError: if it was not kept.
        """
        if not self.has(name, image, kept_as):
            raise LabError(f"{name} was not kept as {kept_as}: run `keep {kept_as} {name}` first.")
        return self._tag(name, image, kept_as)

    def _tag(self, name: str, image: str, kept_as: str) -> str:
        return f"{self._checkout.kept_images(name)}:{kept_as}-{digest(image)}"


def forget_vanished(engine: Engine) -> None:
    """Remove what checkouts have kept that no longer exist.

    Only on our own engine: another one may be shared with machines whose folders we do not see.
    """
    if not engine.own:
        return
    images = engine.lines("image", "ls", "--quiet", "--filter", f"label={CHECKOUT_LABEL}")
    for image in dict.fromkeys(images):
        shape = f'{{{{index .Config.Labels "{CHECKOUT_LABEL}"}}}}'
        if not Path(
            engine.docker("image", "inspect", "--format", shape, image).stdout.strip()
        ).exists():
            engine.docker("image", "rm", "--force", image, check=False)
