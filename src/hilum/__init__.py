"""Compare pretrained networks on chest CT slices, and know what the scores are worth.

Research use only.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hilum.versions import __version__ as __version__

if TYPE_CHECKING:
    from hilum.audit.audit import Audit as Audit
    from hilum.audit.audit import run_audit as run_audit
    from hilum.comparison.compare import Comparison as Comparison
    from hilum.comparison.compare import compare as compare
    from hilum.comparison.external import External as External
    from hilum.errors import HilumError as HilumError
    from hilum.features.extract import extract_features as extract_features
    from hilum.heads.both import BothHead as BothHead
    from hilum.heads.hierarchical import HierarchicalHead as HierarchicalHead
    from hilum.heads.kernel import KernelHead as KernelHead
    from hilum.heads.logistic import LogisticHead as LogisticHead
    from hilum.heads.softmax import SoftmaxHead as SoftmaxHead
    from hilum.phantom.dataset import write_phantom as write_phantom
    from hilum.slices.table import SliceTable as SliceTable
    from hilum.slices.table import read_labelled as read_labelled
    from hilum.slices.table import read_table as read_table


# Telemetry is switched off before any library is imported, and in every process that hilum starts.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["FASTAPI_OTEL_AUTO_CONFIGURE"] = "false"
os.environ["DO_NOT_TRACK"] = "1"

_HOMES = {
    "Audit": "hilum.audit.audit",
    "BothHead": "hilum.heads.both",
    "Comparison": "hilum.comparison.compare",
    "External": "hilum.comparison.external",
    "HierarchicalHead": "hilum.heads.hierarchical",
    "HilumError": "hilum.errors",
    "KernelHead": "hilum.heads.kernel",
    "LogisticHead": "hilum.heads.logistic",
    "SliceTable": "hilum.slices.table",
    "SoftmaxHead": "hilum.heads.softmax",
    "compare": "hilum.comparison.compare",
    "extract_features": "hilum.features.extract",
    "read_labelled": "hilum.slices.table",
    "read_table": "hilum.slices.table",
    "run_audit": "hilum.audit.audit",
    "write_phantom": "hilum.phantom.dataset",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Imports a public name on first use, because the base install has no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hilum' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
