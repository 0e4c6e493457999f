"""The processes of a prediction, started while its modules are still being imported: that halves the first wait."""

from pathlib import Path

from hilum.processes import command_of, start_ahead


def start_processes(model: Path, threads: int | None = None) -> None:
    """Starts the process that decodes and, for an exported file, the one that runs the network with so many threads.

    The commands are those of `hilum.slices.process` and `hilum.model.onnx_process`, which take long to import.
    """
    if model.is_file():
        start_ahead([*command_of("hilum.model.onnx_worker"), str(model), str(threads or 0), "60"])
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    start_ahead([*command_of("hilum.slices.pool_worker"), str(6 * 2**30)], single)
