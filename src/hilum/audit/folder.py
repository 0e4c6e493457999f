"""Writing an audit: audit.json and audit.html in a folder, and never over what somebody made."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hilum.audit.audit import Audit
from hilum.audit.record import SCHEMA, audit_record
from hilum.errors import HilumError
from hilum.report.audit import write_audit
from hilum.slices.prepared import frame_of
from hilum.text import spelt

_THUMBNAIL = 200


def check_audit_folder(folder: Path, overwrite: bool) -> None:
    """Sees, before any work, that an audit may be written to a folder.

    Raises:
        HilumError: A file is in its place, or it holds an earlier audit (without `overwrite`) or such names of others.
    """
    if folder.exists() and not folder.is_dir():
        raise HilumError(f"{folder} is a file. Give another --out.")
    if (folder / "audit.json").exists() or (folder / "audit.html").exists():
        if not _is_audit(folder):
            raise HilumError(f"{folder} holds an audit.json or audit.html that hilum did not make. Give another --out.")
        if not overwrite:
            raise HilumError(f"{folder} holds an audit already. Give another --out, or --overwrite to replace it.")


def write_audit_folder(audit: Audit, folder: Path, *, overwrite: bool, command: str | None) -> dict[str, Any]:
    """Writes `audit.json` and the self-contained `audit.html`.

    Returns:
        The record that audit.json holds.

    Raises:
        HilumError: As `check_audit_folder`, or the folder cannot be written.
    """
    check_audit_folder(folder, overwrite)
    record = audit_record(audit, command)
    rows = {spelt(row.path): row for row in audit.table.rows}

    def picture(path: str) -> bytes | None:
        try:
            pixels = frame_of(audit.table, rows[path]).pixels
        except HilumError:  # gone since it was audited; the page names it without a picture
            return None
        image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
        image.thumbnail((_THUMBNAIL, _THUMBNAIL))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
        return file.getvalue()

    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (folder / "audit.json").write_bytes(text.encode())
        write_audit(record, picture, folder / "audit.html")
    except OSError as error:
        raise HilumError(f"{folder} cannot be written ({error.strerror}). Give another --out.") from error
    return record


def _is_audit(folder: Path) -> bool:
    try:
        return str(json.loads((folder / "audit.json").read_text("utf-8"))["schema"]).startswith(
            SCHEMA.partition("/")[0]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False
