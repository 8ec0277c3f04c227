"""Kinds of columns: what batches, requests and outputs hold; how it is checked, drawn, read and shown."""

from ganzoo.kinds.kind import Kind as Kind
from ganzoo.kinds.label import Label as Label
from ganzoo.kinds.label_map import LabelMap as LabelMap
from ganzoo.kinds.music import Bar as Bar
from ganzoo.kinds.numbers import Numbers as Numbers
from ganzoo.kinds.picture import Picture as Picture
from ganzoo.kinds.sentence import Sentence as Sentence
