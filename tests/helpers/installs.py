"""Code that a process runs first, to be like a machine with the base install, alone or with a few packages more."""

_CODE = """
import re, sys
from importlib import metadata


def needed(name, found):
    if name not in found:
        found.add(name)
        try:
            requirements = metadata.requires(name) or ()
        except metadata.PackageNotFoundError:  # needed on another system only
            return found
        for line in requirements:
            if "extra ==" not in line:
                needed(re.sub("[-_.]+", "-", re.match("[A-Za-z0-9._-]+", line)[0]).lower(), found)
    return found


BASE = needed("hilum", set())
for name in MORE:
    needed(name, BASE)
OTHERS = {
    module
    for module, packages in metadata.packages_distributions().items()
    if not BASE & {re.sub("[-_.]+", "-", package).lower() for package in packages}
} - set(sys.stdlib_module_names)
assert {"numpy", "pillow", "pydicom", "onnxruntime", "pydantic", "safetensors", "typer", "rich"} <= BASE
assert {"torch", "torchvision", "timm", "kagglehub"} <= OTHERS
assert MORE or {"sklearn", "scipy", "pandas", "matplotlib", "jinja2"} <= OTHERS


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in OTHERS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Blocker())
"""


def base_with(*packages: str) -> str:
    """The code for a base install to which packages were added."""
    return f"MORE = {packages!r}\n{_CODE}"


BLOCKER = base_with()
