"""Opening a trained model, whatever its form."""

from contextlib import suppress
from pathlib import Path

from hilum.errors import HilumError
from hilum.model.reader import Reader
from hilum.progress import Tracker, silent
from hilum.storage import cache_folder, write_to_cache
from hilum.versions import __version__


def open_reader(
    path: str | Path, weights: str | Path | None = None, *, threads: int | None = None, track: Tracker = silent
) -> Reader:
    """Opens a model folder or an exported file.

    A folder's network is exported to the cache once; later starts need neither torch nor timm.

    Args:
        path: A folder that `hilum train` wrote, or an `.onnx` file that `hilum export` wrote.
        weights: Folder with files `<tag>.safetensors`, for a model folder without bundled weights.
        threads: Number of ONNX Runtime threads; by default ONNX Runtime chooses.
        track: Progress display.

    Raises:
        HilumError: The model is missing, damaged or of a newer schema, or its backbone's weights were not found or
            differ from those that it was trained with.
    """
    path = Path(path)
    reader = _reader_of_folder(path, weights, threads, track) if path.is_dir() else Reader(path, threads)
    reader.place, reader.weights = path, None if weights is None else Path(weights)
    return reader


def _reader_of_folder(path: Path, weights: str | Path | None, threads: int | None, track: Tracker) -> Reader:
    from hilum.model.artefact import bundled_name, check_files, load_facts, load_model  # exported files need neither
    from hilum.model.weights import check_given, weights_of

    facts = load_facts(path)
    check_files(path, facts)
    graph = cache_folder() / "models" / f"{facts.digest}-{__version__}.onnx"
    if graph.is_file():
        check_given(facts, bundled_name(facts.backbone.tag) in facts.files, weights)
        with suppress(HilumError):
            reader = Reader(graph, threads)
            if reader.facts == facts:
                return reader
        graph.unlink(missing_ok=True)  # damaged, or another model's: made again below
    from hilum.model.export import onnx_bytes

    with track("preparing the model", 1) as advance:
        model = load_model(path)
        write_to_cache(graph, onnx_bytes(model, weights_of(model, weights, track)))
        advance()
    return Reader(graph, threads)
