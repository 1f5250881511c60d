"""Compressed exports: gzip and zip, opened within bounds."""

from __future__ import annotations

import io
import zipfile
import zlib

from svcquality.errors import InputError

MOST_BYTES = 4 << 30
MOST_RATIO = 200
_CHUNK = 1 << 20


def unpack_gzip(data: bytes, name: str) -> bytes:
    """The content of a gzip file.

    Raises
    ------
    InputError
        If it is damaged, or grows beyond `MOST_BYTES` or `MOST_RATIO` times its size.
    """
    limit = min(MOST_BYTES, max(MOST_RATIO * len(data), _CHUNK))
    out, left = [], data
    total = 0
    try:
        while left:
            reader = zlib.decompressobj(wbits=31)
            pending = left
            while pending and not reader.eof:
                part = reader.decompress(pending, _CHUNK)
                pending = reader.unconsumed_tail
                total += len(part)
                if total > limit:
                    raise _bomb(name)
                out.append(part)
            if not reader.eof:
                raise zlib.error("it ends too early")
            left = reader.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise InputError(
            f"{name} is a damaged gzip file ({error}); copy or export it again.",
            f"{name} 是损坏的 gzip 文件（{error}）；请重新复制或导出。",
        ) from error
    return b"".join(out)


def unpack_zip(data: bytes, name: str, suffixes: tuple[str, ...]) -> dict[str, bytes]:
    """The tables in a zip file, by name.

    Raises
    ------
    InputError
        If it is damaged, encrypted, holds no table, or grows beyond bounds.
    """
    limit = min(MOST_BYTES, max(MOST_RATIO * len(data), _CHUNK))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [
                member
                for member in archive.infolist()
                if member.filename.lower().endswith(suffixes)
                and not member.filename.rsplit("/", 1)[-1].startswith((".", "~$"))
                and "__MACOSX" not in member.filename
            ]
            if sum(member.file_size for member in members) > limit:
                raise _bomb(name)
            if any(member.flag_bits & 1 for member in members):
                raise InputError(
                    f"{name} is protected by a password; unpack it first.",
                    f"{name} 有密码保护；请先解压。",
                )
            found = {_name(member): archive.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(
            f"{name} is a damaged zip file ({error}); copy or export it again.",
            f"{name} 是损坏的 zip 文件（{error}）；请重新复制或导出。",
        ) from error
    if not found:
        raise InputError(
            f"{name} holds no table; pack CSV, Excel or Parquet files into it.",
            f"{name} 中没有数据表；请打包 CSV、Excel 或 Parquet 文件。",
        )
    return found


def _name(member: zipfile.ZipInfo) -> str:
    """Chinese names packed on Windows are GBK bytes that zip readers take for CP437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _bomb(name: str) -> InputError:
    return InputError(
        f"{name} grows to more than {MOST_RATIO} times its size when unpacked; unpack it by hand.",
        f"{name} 解压后超过其大小的 {MOST_RATIO} 倍；请手动解压。",
    )
