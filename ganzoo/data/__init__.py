"""Data: source -> cleaned and prepared store -> training stream.

config = DataConfig(source="paintings", flip=True)
store = load(config, image_size=64)
for batch in stream(store, 32, seed=1, config=config): ...
"""

from ganzoo.data.class_folders import with_classes
from ganzoo.data.columns import load_columns
from ganzoo.data.data_config import DataConfig
from ganzoo.data.load import load
from ganzoo.data.prepare import prepare
from ganzoo.data.store import Sides, Store
from ganzoo.data.stream import stream

__all__ = ["DataConfig", "Sides", "Store", "load", "load_columns", "prepare", "stream", "with_classes"]
