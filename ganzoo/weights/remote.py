"""Weights from elsewhere: `hf://organisation/name`, `https://.../weights.zip#sha256=...`, or a zip on disk.

What comes is a folder of weights as `ganzoo.weights` describes it, tensors and text; nothing in it is run.
The Hugging Face Hub is asked by its own library, as `keras.saving.load_model("hf://...")` does, and kept in
that library's cache; a zip comes by `keras.utils.get_file` and is kept, by its checksum, in ganzoo's.
"""

import os
import re
import zipfile
from pathlib import Path

from ganzoo.base import extras
from ganzoo.base.errors import RunError, UsageError
from ganzoo.base.lazy import import_tensorflow_quietly
from ganzoo.disk.cache import cache_folder, make_usable
from ganzoo.disk.files import built
from ganzoo.disk.sums import sha256_of

HUB, WEB, ZIP = "hf://", ("https://", "http://"), ".zip"
LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])[:/]")  # the only plain http there is reason for
CHECKSUM = re.compile(r"sha256=([0-9a-f]{64})")
REPOSITORY = re.compile(r"(?P<id>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?")
MOST_BYTES = 4 * 2**30  # of an unpacked file


def is_address(word: str | Path) -> bool:
    """Whether a word is an address of weights that are not on this machine."""
    return str(word).startswith((HUB, *WEB))


def fetched(word: str, files: tuple[str, ...]) -> Path:
    """The folder of weights at an address, fetched unless it is here already.

    Args:
        word: `hf://organisation/name`, at a revision with `@REVISION`; or `https://...zip#sha256=HEX`.
        files: the names that a folder of weights may hold; others stay where they are.

    Raises:
        UsageError: for an address that is none, or one of a zip without its checksum.
        RunError: without a connection, for what is not there, or what has another checksum.
    """
    if word.startswith(HUB):
        return _from_hub(word, files)
    return unpacked(_from_web(word), files)


def unpacked(path: Path, files: tuple[str, ...]) -> Path:
    """The folder that a zip of weights holds, in the cache by the zip's checksum.

    Raises RunError for a file that is no zip of weights.
    """
    folder = _cache() / sha256_of(path)
    if folder.is_dir():
        return folder
    try:
        with zipfile.ZipFile(path) as archive, built(folder) as new:
            new.mkdir()
            for entry in archive.infolist():
                name = entry.filename.rpartition("/")[2]
                if name in files and entry.file_size <= MOST_BYTES:  # by name alone: no path leads anywhere
                    (new / name).write_bytes(archive.read(entry))
            if not (new / "card.json").is_file():
                raise RunError(
                    f"{path} is a zip without card.json, so no weights; ganzoo-export --format weights --out "
                    "NAME.zip makes one"
                )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise RunError(f"{path} cannot be read as a zip of weights: {error}") from None
    return folder


def _cache() -> Path:
    folder = cache_folder(None) / "weights"
    make_usable(folder)
    return folder


def _from_web(word: str) -> Path:
    address, _, fragment = word.partition("#")
    checksum = CHECKSUM.fullmatch(fragment)
    if address.startswith("http://") and not LOCAL.match(address):
        raise UsageError(f"{address} can be changed on its way here; give an https:// address")
    if checksum is None:
        raise UsageError(
            f"{word} says no checksum, so nobody would notice another file there; append #sha256= and the 64 "
            "digits that its publisher states (ganzoo-export prints them for a zip)"
        )
    import_tensorflow_quietly()
    import keras

    try:
        return Path(
            keras.utils.get_file(
                f"{checksum[1]}{ZIP}",
                origin=address,
                file_hash=checksum[1],
                hash_algorithm="sha256",
                cache_dir=str(_cache()),
                cache_subdir="zips",
            )
        )
    except ValueError:  # the checksum; the file is of no use
        raise RunError(f"what is at {address} has another checksum than {checksum[1]}") from None
    except Exception as error:  # whatever the connection says: Keras wraps it in a bare Exception
        reason = str(error).rpartition(": ")[2].rpartition(" -- ")[2] or type(error).__name__
        raise RunError(f"{address} could not be fetched ({reason}): is there a connection?") from None


def _from_hub(word: str, files: tuple[str, ...]) -> Path:
    found = REPOSITORY.fullmatch(word.removeprefix(HUB))
    if found is None:
        raise UsageError(f"{word} is no address of a hub; write {HUB}organisation/name")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        import huggingface_hub
        from huggingface_hub import errors
    except ImportError:
        raise UsageError(f"{word} needs huggingface_hub: {extras.install('hub')}") from None
    try:
        folder = huggingface_hub.snapshot_download(
            found["id"],
            revision=found["revision"],
            allow_patterns=list(files),
            library_name="ganzoo",
            endpoint=os.environ.get("HF_ENDPOINT"),
        )
    except errors.LocalEntryNotFoundError:
        raise RunError(
            f"{word} is not here yet, and the hub cannot be reached: is there a connection? "
            "(HF_HUB_OFFLINE=1 forbids it)"
        ) from None
    except errors.RevisionNotFoundError:
        raise RunError(f"{found['id']} has no revision {found['revision']}") from None
    except (errors.RepositoryNotFoundError, errors.GatedRepoError):
        raise RunError(
            f"the hub shows no {found['id']}: it is misspelt, or private and asks for a login "
            "(huggingface-cli login)"
        ) from None
    except (errors.HfHubHTTPError, errors.HFValidationError, OSError) as error:
        raise RunError(f"{word} could not be fetched: {str(error).splitlines()[0]}") from None
    if not (Path(folder) / "card.json").is_file():
        raise RunError(f"{word} holds no weights of ganzoo (no card.json)")
    return Path(folder)
