"""A recipe with another budget."""

SCALED = ("images", "decay_from", "decay_until")  # keys of [train] that count images


def with_budget(tables: dict, images: int | None) -> dict:
    """The recipe's tables trained on `images` instead, its falling rates scaled along; None: as they are."""
    train = tables["train"]
    share = images / train["images"] if images else 1
    scaled = {key: round(share * train[key]) for key in SCALED if key in train}
    return {**tables, "train": {**train, **scaled}}
