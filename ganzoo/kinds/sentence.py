"""Sentences as a column: numbers of words, int32 `(length,)`, 0 where a sentence has ended."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.lazy import tf
from ganzoo.kinds.kind import Kind, check_number

PAD, UNKNOWN = 0, 1  # numbers before those of the words
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation; apostrophes stay within a word."""
    return WORD.findall(text.lower())


@dataclass(frozen=True)
class Sentence(Kind):
    """A sentence of at most `length` words out of a vocabulary.

    Attributes:
        vocabulary: the words that have numbers: 2 for the first, and on.
        length: words kept; a longer sentence is cut.
    """

    word: ClassVar[str] = "sentence"
    dtype: ClassVar[str] = "int32"
    stored: ClassVar[str] = "int32"
    ending: ClassVar[str] = ".txt"

    vocabulary: tuple[str, ...]
    length: int = 16

    @property
    def shape(self):
        return (self.length,)

    @property
    def num_words(self) -> int:
        """How many numbers a word may be: what an embedding needs."""
        return len(self.vocabulary) + 2

    def describe(self):
        some = ", ".join(self.vocabulary[:8])
        return f"a sentence of at most {self.length} of {len(self.vocabulary):,} words: {some}, ..."

    def encode(self, text: str, strict: bool = False) -> list[int]:
        """The numbers of a text's words, padded to `length`.

        Args:
            text: anything; punctuation and case are left out.
            strict: whether a word without a number is an error; else it is `UNKNOWN`.

        Raises:
            UsageError: for no word at all or, if strict, one that the model never read; the nearest is named.
        """
        words = words_of(text)
        if not words:
            raise UsageError(f"{text!r} has no word")
        numbers = {word: i + 2 for i, word in enumerate(self.vocabulary)}
        if strict and (new := [word for word in words if word not in numbers]):
            raise unknown("word", new[0], self.vocabulary)
        found = [numbers.get(word, UNKNOWN) for word in words[: self.length]]
        return found + [PAD] * (self.length - len(found))

    def decode(self, numbers) -> str:
        """The words of numbers; those without a word as "?"."""
        return " ".join(self.vocabulary[n - 2] if n > UNKNOWN else "?" for n in map(int, numbers) if n != PAD)

    def check_batch(self, name, values):
        known = tf.reduce_all((values >= 0) & (values < self.num_words))
        said = f"{name} holds a word's number outside 0 to {self.num_words - 1}"
        check = tf.debugging.Assert(known, [said])
        with tf.control_dependencies([check] if check is not None else []):
            return tf.cast(values, tf.int32)

    def read(self, name, asked, num):
        import numpy as np

        if isinstance(asked, str):
            asked = [asked]
        if not hasattr(asked, "__len__"):
            raise UsageError(f"{name} is {asked!r}, but this model takes {self.describe()}")
        if len(asked) and all(isinstance(one, str) for one in asked):
            check_number(name, len(asked), num)
            asked = np.asarray([self.encode(one, strict=True) for one in asked], np.int32)
        return super().read(name, asked, num)

    def as_values(self, name, asked):
        values = super().as_values(name, asked)
        if values.size and not 0 <= values.min() <= values.max() < self.num_words:
            raise UsageError(f"{name} holds a number that is no word's; this model takes {self.describe()}")
        return values

    def plain(self, value):
        return self.decode(value)

    def write(self, value, path):
        from ganzoo.disk.files import write_atomically

        write_atomically(path, lambda file: file.write((self.decode(value) + "\n").encode()))
