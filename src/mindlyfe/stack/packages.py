"""Where an installed package lies, without importing it: some take a tenth of a second and start things."""

from importlib.util import find_spec
from pathlib import Path


def directory_of(package: str) -> Path:
    """The directory of `package`. Raises FileNotFoundError, with what to do about it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed; run `./mindlyfe` from the checkout")
    return Path(spec.origin).parent
