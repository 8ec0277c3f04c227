"""In which order pictures come, and the random words each of them is varied by: pure functions of numbers.

Nothing here has a state that would have to be saved: image number `i` of a run belongs to epoch
`i // num`, and is the picture at place `i % num` of that epoch's permutation. Batches straddle the
end of an epoch, so there is no partial batch, and the batch size may change in mid-run.
"""

import functools

import numpy as np

WORDS = 8  # random 64-bit words of one image: flip, place (2), brightness, contrast, saturation, spare (2)
_BLOCKS = WORDS // 4  # Philox gives four words for each value of its counter
_ORDER, _VARY, CROP = 1, 2, 3  # purposes: independent random sequences of one key


def philox(key: int, purpose: int, counter: tuple[int, int] = (0, 0)) -> np.random.Philox:
    """Random words that are a function of (key, purpose, counter) alone."""
    # Philox of a given key and counter is fixed for ever; `Generator` methods may change with NumPy.
    # Arrays of words, because NumPy takes lists with large numbers for floats and rounds them.
    keys = np.array([key % 2**64, purpose], np.uint64)
    return np.random.Philox(key=keys, counter=np.array([*counter, 0, 0], np.uint64))


@functools.lru_cache(maxsize=4)
def permutation(num: int, seed: int, epoch: int) -> np.ndarray:
    """The order of `num` pictures in `epoch`: int64 `(num,)`, the same on every machine."""
    words = philox(seed, _ORDER, (0, epoch)).random_raw(num)
    order = np.argsort(
        words
    )  # equal words, which would be ordered by chance, come once in some 30 million epochs
    order.setflags(write=False)
    return order


def rows(num: int, seed: int, first: int, count: int) -> np.ndarray:
    """Which stored pictures the images `first` to `first + count` of the run are: int64 `(count,)`."""
    parts = []
    while count > 0:
        epoch, place = divmod(first, num)
        part = permutation(num, seed, epoch)[place : place + count]
        parts.append(part)
        first, count = first + len(part), count - len(part)
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def words(seed: int, first: int, count: int) -> np.ndarray:
    """Random words of the images `first` to `first + count` of the run: uint64 `(count, WORDS)`."""
    return philox(seed, _VARY, (first * _BLOCKS % 2**64, 0)).random_raw(count * WORDS).reshape(count, WORDS)
