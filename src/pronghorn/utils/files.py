"""Files from the network, kept in a folder: checked by their hash, unpacked safely."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import urllib.parse
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from pronghorn.callbacks.console import print_line
from pronghorn.errors import ArgumentError, DownloadError, FileFormatError

__all__ = ["cache_folder", "get_file"]

_CHUNK, _SECONDS = 1 << 20, 60  # bytes read at once; how long a server may be silent
_LENGTHS = {64: "sha256", 32: "md5"}  # hexadecimal digits of a hash


def cache_folder() -> Path:
    """Where files are kept: what `KERAS_HOME` names, or `.keras` in the user's folder.

    >>> cache_folder().is_absolute() or "KERAS_HOME" in os.environ
    True
    """
    named = os.environ.get("KERAS_HOME")
    return Path(named).expanduser() if named else Path.home() / ".keras"


def get_file(
    fname: str | os.PathLike[str] | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """Downloads a file, unless it is there already.

    A file appears under its name when it is whole and its hash is right, not before.

    Args:
        fname: its name in the folder. Default: the last part of `origin`.
        origin: its address.
        untar: `extract`, from a tar file.
        md5_hash: `file_hash` of the MD5 kind.
        file_hash: what the file's hash must be, in hexadecimal digits.
        cache_subdir: folder within the cache. Default "datasets".
        hash_algorithm: "sha256", "md5", or "auto": by the hash's length.
        extract: unpack the file, a tar or zip archive.
        archive_format: "tar", "zip", a list of them, "auto" for both; None for none.
        cache_dir: the cache. Default: see `cache_folder`.
        force_download: download though it is there. Default False.

    Returns:
        The path of the file; with `extract` of the folder that it was unpacked to:
        `<name>_extracted` for an `fname` with a dot, else `<name>`.

    Raises:
        ArgumentError: no address, a name that is a path.
        DownloadError: the file cannot be fetched.
        FileFormatError: its hash is another one, it is no archive, or a member of it
            would lie outside of the folder, or is a link or a device.

    Example:

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     source = Path(folder, "table.csv")
    ...     _ = source.write_text("a,b")
    ...     path = get_file(origin=source.as_uri(), cache_dir=folder)
    ...     Path(path).read_text()
    Downloading data from file:...table.csv
    'a,b'
    """
    if origin is None:
        raise ArgumentError(
            "There is no address to download from.",
            where="get_file(origin=)",
            expected="an address, such as https://example.org/table.csv",
            received="None",
            remedy="pass origin=",
        )
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    algorithm = None if file_hash is None else _algorithm(file_hash, hash_algorithm)
    folder = Path(cache_folder() if cache_dir is None else cache_dir).expanduser()
    folder = folder / cache_subdir
    unpack = bool(extract or untar)
    target, unpacked = _places(folder, fname, origin, unpack)
    folder.mkdir(parents=True, exist_ok=True)
    if force_download or not _is_good(target, file_hash, algorithm):
        _download(origin, target, file_hash, algorithm)
    if not unpack:
        return str(target)
    _extract(target, unpacked, "tar" if untar else archive_format)
    return str(unpacked)


def _places(folder: Path, fname: Any, origin: str, unpack: bool) -> tuple[Path, Path]:
    """Where the file goes, and its members."""
    given = os.fspath(fname) if fname else ""
    name = given or os.path.basename(urllib.parse.urlsplit(origin).path)
    if not name or name in (".", "..") or {"/", "\\", os.sep} & set(name):
        raise ArgumentError(
            "A file needs a plain name.",
            where="get_file(fname=)",
            expected="a name without a folder",
            received=repr(given or origin),
            remedy="pass fname=, and the folder as cache_dir= or cache_subdir=",
        )
    if unpack and given and "." in name:
        return folder / name, folder / f"{name[: name.find('.')]}_extracted"
    return folder / (f"{name}_archive" if unpack else name), folder / name


def _algorithm(file_hash: str, named: str) -> str:
    found = _LENGTHS.get(len(file_hash), "") if named == "auto" else named
    if found not in _LENGTHS.values():
        raise ArgumentError(
            "There is no such kind of hash.",
            where="get_file(file_hash=, hash_algorithm=)",
            expected="64 digits of SHA-256, or 32 of MD5",
            received=f"{named!r}, {len(file_hash)} digits",
            remedy="pass hash_algorithm='sha256' and what `sha256sum FILE` prints",
        )
    return found


def _hash(path: Path, algorithm: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.new(algorithm, usedforsecurity=False)
        ).hexdigest()


def _is_good(path: Path, file_hash: str | None, algorithm: str | None) -> bool:
    """Whether the file is there, and the right one."""
    if not path.exists():
        return False
    if algorithm is None or _hash(path, algorithm) == file_hash:
        return True
    print_line(f"{path} is there, but its {algorithm} hash is wrong: downloading again")
    return False


def _download(
    origin: str, target: Path, file_hash: str | None, algorithm: str | None
) -> None:
    print_line(f"Downloading data from {origin}")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _fetch(origin, file)
        found = None if algorithm is None else _hash(part, algorithm)
        if found != file_hash:
            raise FileFormatError(
                "The file is not the one that was expected: incomplete, or another.",
                where=origin,
                expected=f"{algorithm} {file_hash}",
                received=f"{found}",
                remedy="try again; if it stays so, do not use the file",
            )
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _fetch(origin: str, file: Any) -> None:
    try:
        with urlopen(origin, timeout=_SECONDS) as answer:
            shutil.copyfileobj(answer, file, _CHUNK)
            length = answer.headers.get("Content-Length")
    except (URLError, OSError, ValueError) as error:
        raise DownloadError(
            "The file cannot be fetched.",
            where=origin,
            received=f"{type(error).__name__}: {error}",
            remedy="check the address and the network, or put the file into the "
            "cache folder by hand",
        ) from error
    if length is not None and int(length) != file.tell():
        raise DownloadError(
            "The file came incomplete.",
            where=origin,
            expected=f"{length} bytes",
            received=f"{file.tell()} bytes",
            remedy="try again",
        )


def _extract(path: Path, folder: Path, formats: Any) -> None:
    wanted = ("tar", "zip") if formats == "auto" else formats
    wanted = (wanted,) if isinstance(wanted, str) else tuple(wanted or ())
    unknown = [name for name in wanted if name not in ("tar", "zip")]
    if unknown:
        raise ArgumentError(
            "There is no such kind of archive.",
            where="get_file(archive_format=)",
            expected="'tar', 'zip', a list of them, 'auto' or None",
            received=repr(unknown[0]),
            remedy="leave it out",
        )
    if "tar" in wanted and tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            for member in tar.getmembers():
                plain = member.isfile() or member.isdir()
                _check_member(path, folder, member.name, plain)
            tar.extractall(folder, filter="data")
    elif "zip" in wanted and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                _check_member(path, folder, name, True)
            archive.extractall(folder)
    else:
        raise FileFormatError(
            "The file is no archive that can be unpacked.",
            where=str(path),
            expected=" or ".join(wanted) or "extract=False",
            received="something else",
            remedy="leave out extract=True for a plain file",
        )


def _check_member(path: Path, folder: Path, name: str, plain: bool) -> None:
    """Raises unless a member is a file or a folder that stays within `folder`.

    Links are refused altogether: a member after a link could be written through it.
    """
    root = os.path.realpath(folder)
    place = os.path.realpath(os.path.join(root, name.replace("\\", "/")))
    if plain and not os.path.isabs(name) and os.path.commonpath([root, place]) == root:
        return
    raise FileFormatError(
        "The archive is not safe to unpack; nothing of it was.",
        where=f"{path}, member {name!r}",
        expected=f"files and folders within {folder}",
        received="a path that leaves it" if plain else "a link or a device",
        remedy="do not use the archive",
    )
