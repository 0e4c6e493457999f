"""Compare pretrained networks on chest CT slices, and know what the scores are worth.

Research use only.
"""

# What is no public name begins with an underscore, so that completion offers none of it.
import importlib as _importlib
import os as _os
import typing as _typing

from hilum.errors import extras_named as _extras_named
from hilum.versions import __version__ as __version__

if _typing.TYPE_CHECKING:
    from hilum.api.model import Model as Model
    from hilum.api.model import open_model as open_model
    from hilum.api.predictions import Predictions as Predictions
    from hilum.api.train import train as train
    from hilum.audit.audit import Audit as Audit
    from hilum.audit.audit import run_audit as run_audit
    from hilum.comparison.compare import Comparison as Comparison
    from hilum.comparison.compare import compare as compare
    from hilum.comparison.external import External as External
    from hilum.errors import HilumError as HilumError
    from hilum.evaluation.result import Evaluation as Evaluation
    from hilum.explain.session import Explanation as Explanation
    from hilum.features.extract import extract_features as extract_features
    from hilum.heads.both import BothHead as BothHead
    from hilum.heads.hierarchical import HierarchicalHead as HierarchicalHead
    from hilum.heads.kernel import KernelHead as KernelHead
    from hilum.heads.logistic import LogisticHead as LogisticHead
    from hilum.heads.softmax import SoftmaxHead as SoftmaxHead
    from hilum.judging.judge import Judgement as Judgement
    from hilum.judging.judge import judge as judge
    from hilum.notebook import show_progress as show_progress
    from hilum.phantom.dataset import write_phantom as write_phantom
    from hilum.slices.table import SliceTable as SliceTable
    from hilum.slices.table import read_labelled as read_labelled
    from hilum.slices.table import read_table as read_table
    from hilum.splitting.new_split import NewSplit as NewSplit
    from hilum.splitting.split import split as split


# Telemetry is switched off before any library is imported, and in every process that hilum starts.
_os.environ["ORT_DISABLE_TELEMETRY"] = "1"
_os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
_os.environ["FASTAPI_OTEL_AUTO_CONFIGURE"] = "false"
_os.environ["DO_NOT_TRACK"] = "1"

_HOMES = {
    "Audit": "hilum.audit.audit",
    "BothHead": "hilum.heads.both",
    "Comparison": "hilum.comparison.compare",
    "Evaluation": "hilum.evaluation.result",
    "Explanation": "hilum.explain.session",
    "External": "hilum.comparison.external",
    "HierarchicalHead": "hilum.heads.hierarchical",
    "HilumError": "hilum.errors",
    "Judgement": "hilum.judging.judge",
    "KernelHead": "hilum.heads.kernel",
    "LogisticHead": "hilum.heads.logistic",
    "Model": "hilum.api.model",
    "NewSplit": "hilum.splitting.new_split",
    "Predictions": "hilum.api.predictions",
    "SliceTable": "hilum.slices.table",
    "SoftmaxHead": "hilum.heads.softmax",
    "compare": "hilum.comparison.compare",
    "extract_features": "hilum.features.extract",
    "judge": "hilum.judging.judge",
    "open_model": "hilum.api.model",
    "read_labelled": "hilum.slices.table",
    "read_table": "hilum.slices.table",
    "run_audit": "hilum.audit.audit",
    "show_progress": "hilum.notebook",
    "split": "hilum.splitting.split",
    "train": "hilum.api.train",
    "write_phantom": "hilum.phantom.dataset",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> _typing.Any:  # noqa: ANN401
    """Imports a public name on first use, because the base install has no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hilum' has no attribute {name!r}")
    with _extras_named():
        return getattr(_importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
