"""From the words of a recipe to a store of pictures."""

from ganzoo.base.errors import UsageError
from ganzoo.data.data_config import DataConfig
from ganzoo.data.sources import check
from ganzoo.data.store import Store


def load(config: DataConfig, image_size: int, channels: int = 3, progress: bool = True) -> Store:
    """The pictures that `config` names, ready to be streamed.

    Args:
        config: the `[data]` table.
        image_size: side of the square pictures that training sees.
        channels: 3, or 1 for grey.
        progress: whether to show what takes long.

    Returns:
        A store of pictures `(num, side, side, channels)` with side = image_size + config.random_crop.

    Raises:
        UsageError: a source, split, label or size that makes no sense.
        DataError: a source that is missing, empty, unreadable or does not fit.
    """
    if image_size < 1 or channels not in (1, 3):
        raise UsageError(
            f"pictures of size {image_size}, {channels} channels: expected a size above 0, 1 or 3 channels"
        )
    kind = check(config)
    size = image_size + config.random_crop
    if kind == "paintings":
        from ganzoo.data import paintings

        return paintings.load(config, size, channels)
    if kind == "arrays":
        from ganzoo.data import arrays

        return arrays.load(config, size, channels, progress)
    from ganzoo.data import cached, prepared

    if kind == "prepared":
        return prepared.load(config, size, channels, progress)
    return cached.cached(config, size, channels, progress)
