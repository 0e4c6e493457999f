"""The machine: its processor and instruction sets, the versions of what runs on it, and whether it is quiet."""

import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

from speed.processes import others_use
from speed.table import BUSY_FROM

# Those that decide how fast networks run, by their flags in /proc/cpuinfo.
_SETS = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512_bf16": "AVX-512 bf16",
    "amx_bf16": "AMX bf16",
    "amx_int8": "AMX int8",
    "asimd": "NEON",
    "sve": "SVE",
    "bf16": "bf16",
}
_PACKAGES = ("onnxruntime", "torch", "timm", "scikit-learn", "numpy", "pillow")
_LOOK = 5  # seconds


def facts(keras: Path | None) -> dict[str, str]:
    """What a reader has to know to compare two tables."""
    processor, found = platform.processor() or platform.machine(), ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = map(str.strip, line.partition(":"))
        if name == "model name":
            processor = value
        if name in ("flags", "Features"):
            found = ", ".join(title for flag, title in _SETS.items() if flag in value.split())
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)]
    if keras:
        versions += sorted(
            path.name.removesuffix(".dist-info").replace("-", " ").replace("_", "-")
            for path in keras.glob("lib/python*/site-packages/*.dist-info")
            if path.name.split("-")[0] in ("keras", "tensorflow", "tensorflow_cpu")
        )
    return {
        "processor": processor,
        "instruction sets": found or "unknown",
        "cores": str(os.cpu_count()),
        "memory": f"{memory / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "versions": ", ".join(versions),
    }


def wait_for_quiet(longest: float) -> float:
    """Waits until other processes leave the machine alone, at most so many seconds; the share of the cores they use."""
    end = time.monotonic() + longest
    while (share := others_use(_LOOK)) > BUSY_FROM and time.monotonic() < end:
        print(f"others use {share:.0%} of the cores; waiting for a quiet machine", file=sys.stderr, flush=True)
    return share
