"""How large the bundle is, as Lambda takes it."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of the bundle: zipped, unzipped, its own code zipped with compiled files; how many files are compiled."""

    zip_mib: float
    unzipped_mib: float
    own_zip_kib: float
    compiled_files: int


def size_of(bundle: Path) -> Size:
    """Zipped at the default level, as the CDK's assets are."""
    files = [f for f in bundle.rglob("*") if f.is_file()]
    own = [f for f in files if f.relative_to(bundle).parts[0] == "remediator"]
    return Size(
        zip_mib=round(_zipped(bundle, files) / MIB, 2),
        unzipped_mib=round(sum(f.stat().st_size for f in files) / MIB, 1),
        own_zip_kib=round(_zipped(bundle, own) / 1024),
        compiled_files=sum(f.suffix == ".pyc" for f in files),
    )


def _zipped(root: Path, files: Iterable[Path]) -> int:
    into = io.BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(root))
    return into.tell()
