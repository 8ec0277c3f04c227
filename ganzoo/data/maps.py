"""Label maps beside pictures: found by name in a folder, cut as the pictures are."""

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data.data_config import PAD, DataConfig
from ganzoo.data.hidden import has_picture_ending
from ganzoo.data.listing import listing
from ganzoo.data.row_names import Named, partners_of, refuse_same_names, stem
from ganzoo.data.store import Store, fingerprint
from ganzoo.kinds import LabelMap


def maps_beside(own: DataConfig, kind: LabelMap, pictures: Named, crop: str) -> Named:
    """The label maps of a side, a row for each of the other side's pictures that has one.

    Args:
        own: what the side is loaded by; a folder.
        kind: of the maps.
        pictures: the other side.
        crop: how those are cut.

    Raises:
        UsageError: for pictures that are padded: no class is that of the rim.
        DataError: for a source without maps, or a file that is none.
    """
    import numpy as np

    if crop == PAD:
        raise UsageError(
            "data.crop is pad, but a label map has no class for the rim: give center, top or none"
        )
    entries = [each for each in listing(own).entries if not each.reason and has_picture_ending(each.name)]
    if inside := next((each for each in entries if each.member >= 0), None):
        raise DataError(f"{inside.file} holds label maps, which are read from folders alone: unpack it")
    if not entries:
        raise DataError(f"{own.source} holds no label map: expected a PNG for each picture, of the same name")
    refuse_same_names([each.path for each in entries], own.source)
    found = {stem(each.path): each.file for each in entries}
    partners, _ = partners_of(pictures.names, list(found))
    paths = [found[name] for name in partners.values()]
    size = (kind.height + own.random_crop, kind.width + own.random_crop)
    decoded = [kind.decode(path, size, crop, own.part) for path in paths]
    maps = np.stack(decoded) if decoded else np.zeros((0, *size), np.uint8)
    store = Store(
        {"image": maps}, {"image": kind}, fingerprint=fingerprint(maps), report={"found": len(found)}
    )
    aspects = [kind.aspect(path, own.part) for path in paths]
    return Named(store, list(partners.values()), aspects, [False] * len(paths), {})
