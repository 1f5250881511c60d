"""Files that are whole or absent: atomic writes, content hashes and a cache that checks itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from svcquality.errors import InputError


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write ``content`` so that ``path`` never holds half of it (temporary file, then rename)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Fill a directory that appears under its name only when it is complete.

    Yields a temporary sibling; on leaving without an error it takes the place of ``path``. After
    an error or an interruption ``path`` is as it was before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial"))
    try:
        yield work
        work.chmod(0o755)
        if path.exists():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".old"))
            path.rename(old / path.name)
            work.rename(path)
            shutil.rmtree(old, ignore_errors=True)
        else:
            work.rename(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def hash_bytes(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def hash_key(parts: object) -> str:
    """SHA-256 of a JSON-able description: the key of a cached result."""
    return hash_bytes(json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str).encode())


@dataclass(frozen=True)
class Cache:
    """Results kept by the hash of everything that made them.

    An entry is a directory with a manifest of its files' hashes; an entry that is damaged or
    half-written fails the manifest and is made again. ``directory=None`` keeps nothing.
    """

    directory: Path | None = None

    def entry(self, key: str, make: Callable[[Path], None]) -> Path:
        """The directory of ``key``, made by ``make(directory)`` if it is not there yet.

        Raises
        ------
        InputError
            If the cache directory cannot be written.
        """
        if self.directory is None:
            raise ValueError("an entry needs a cache directory")
        target = self.directory / key[:2] / key
        if _is_whole(target):
            return target
        try:
            with whole_directory(target) as work:
                make(work)
                manifest = {
                    p.relative_to(work).as_posix(): hash_file(p)
                    for p in sorted(work.rglob("*"))
                    if p.is_file()
                }
                write_atomic(work / "manifest.json", json.dumps(manifest, indent=1))
        except PermissionError as error:
            raise InputError(
                f"The cache folder {self.directory} cannot be written; "
                "give another with --cache DIR or turn it off with --no-cache.",
                f"缓存目录 {self.directory} 不可写；请用 --cache 指定其他目录，或用 --no-cache 关闭缓存。",
            ) from error
        return target


def _is_whole(entry: Path) -> bool:
    try:
        manifest = json.loads((entry / "manifest.json").read_text("utf-8"))
        return all(hash_file(entry / name) == digest for name, digest in manifest.items())
    except (OSError, ValueError, AttributeError):
        return False
