"""Finding pictures that are there already: the same bytes, or nearly the same picture."""

NEAR = 3  # bits of 64 in which the hashes of near duplicates may differ
_BANDS = 4  # of 16 bits: with at most 3 bits different, at least one band is equal


class Seen:
    """Remembers accepted pictures by checksum, and by perceptual hash if `near`."""

    def __init__(self, near: bool):
        self._near = near
        self._exact: dict[bytes, int] = {}
        self._bands: list[dict[int, list[tuple[int, int]]]] = [{} for _ in range(_BANDS)]

    def find(self, sha256: str, look: int, number: int) -> tuple[str, int] | None:
        """("exact" or "near", number of the earlier picture), or None: then it is remembered as `number`."""
        digest = bytes.fromhex(sha256)
        if digest in self._exact:
            return "exact", self._exact[digest]
        if self._near:
            parts = [(look >> 16 * band) & 0xFFFF for band in range(_BANDS)]
            for band, part in enumerate(parts):
                for other, earlier in self._bands[band].get(part, ()):
                    if (look ^ other).bit_count() <= NEAR:
                        return "near", earlier
            for band, part in enumerate(parts):
                self._bands[band].setdefault(part, []).append((look, number))
        self._exact[digest] = number
        return None
