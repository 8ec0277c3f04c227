"""Files that every viewer shows and a careful decoder refuses: too much text, or an end that is missing."""

_PNG = b"\x89PNG\r\n\x1a\n"
_WORDS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")  # of a PNG: text and colour profile, nothing of the pixels
_END_OF_JPEG = b"\xff\xd9"
_TOO_MUCH = ("decompressed data too large", "too much memory used in text", "text chunk")
# Bytes that a JPEG's decoder takes for coefficients where it still waits for some.
_FILLER = bytes((17 * i * i + 91 * i + 7) % 251 for i in range(512))


def is_too_much_text(error: Exception) -> bool:
    """Whether Pillow gave up on a PNG because of text or a colour profile."""
    return any(words in str(error).lower() for words in _TOO_MUCH)


def without_text(data: bytes) -> bytes:
    """A PNG without its texts and its colour profile, of which nothing is used."""
    if not data.startswith(_PNG):
        return data
    parts, place = [_PNG], len(_PNG)
    while place + 12 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        end = place + 12 + length
        if kind not in _WORDS:
            parts.append(data[place:end])
        place = end
    return b"".join([*parts, data[place:]])


def lacks_its_end(data: bytes) -> bool:
    """Whether a file begins as a JPEG and does not end as one."""
    return data.startswith(b"\xff\xd8\xff") and not data.endswith(_END_OF_JPEG)


def with_end(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG with an end, in two ways: they show the same picture only if nothing but the end is missing.

    A decoder makes up what is missing before an end: grey, if there is nothing, and something else if there
    are bytes that mean nothing.
    """
    data = data[:-1] if data.endswith(b"\xff") else data
    return data + _END_OF_JPEG, data + _FILLER + _END_OF_JPEG
