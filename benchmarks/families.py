"""The training step of every family at 32 and 64 pixels, batch 64 and 128, float32 and bfloat16.

    python -m benchmarks families [--rounds 3] [--models dcgan,progan] [--sizes 32,64]

Within a family and size the four take turns with a matrix product of 2,048 x 2,048, so that each
step's arithmetic can be set against what the machine does at best. The arithmetic is counted in the
step's own graph (`ganzoo.compare.cost`): matrix products and convolutions, nothing else.
Arguments are each family's quick recipe's; one that grows is measured fully grown.
"""

import argparse
import json
import statistics

import numpy as np

from benchmarks.alternate import alternate, machine
from benchmarks.step import matrix_product

BATCHES, PRECISIONS = (64, 128), ("float32", "mixed_bfloat16")


def built(model: str, size: int, precision: str):
    """A family with the arguments of its quick recipe, at one size."""
    import ganzoo
    from ganzoo.base.arguments import field_names
    from ganzoo.config import read_recipe
    from ganzoo.family import FAMILIES

    recipe = {key: value for key, value in read_recipe(model)["model"].items() if key != "name"}
    fixed = {"image_size": size, "start_size": size, "num_classes": 10, "class_names": None}
    known = field_names(FAMILIES[model])
    recipe |= {key: value for key, value in fixed.items() if key in known}
    if "conditional" in known:
        del recipe["num_classes"]  # given, it would make a conditional one
    return ganzoo.build(model, precision=precision, **recipe)


def batch_of(family, batch: int) -> dict[str, np.ndarray]:
    """Random pictures and labels."""
    rng = np.random.default_rng(0)
    shapes = {key: (batch, *shape) for key, shape in family.batch_spec.items()}
    made = {"image": rng.uniform(-1, 1, shapes["image"]).astype(np.float32)}
    if "label" in shapes:
        made["label"] = rng.integers(0, family.num_classes, batch, np.int32)
    return made


def step_of(gan, batch: dict):
    """One training step, as `fit` runs it."""
    import tensorflow as tf

    batches = iter(gan.prepared(tf.data.Dataset.from_tensors(batch).repeat()))
    execute = gan.make_train_function()
    return lambda: float(execute(batches)["d_loss"])


def measured(model: str, size: int, rounds: int) -> list[dict]:
    """A row for each batch and precision."""
    from ganzoo.compare.cost import of_step

    contestants, work = {"matrix product": matrix_product()}, {}
    for precision in PRECISIONS:
        for batch in BATCHES:
            gan = built(model, size, precision)
            examples = batch_of(gan.family, batch)
            if batch not in work:
                stage = gan.family.schedule.num_stages - 1
                work[batch] = 2 * batch * of_step(gan, batch, stage)
            contestants[batch, precision] = step_of(gan, examples)
    seconds = {name: statistics.median(each) for name, each in alternate(contestants, rounds).items()}
    best = 2 * 2048**3 / seconds.pop("matrix product")
    return [
        {
            "model": model,
            "size": size,
            "batch": batch,
            "precision": precision,
            "images_per_second": batch / each,
            "gflop_per_image": work[batch] / batch / 1e9,
            "share_of_matrix_product": work[batch] / each / best,
        }
        for (batch, precision), each in seconds.items()
    ]


def main() -> None:
    """Measures and prints a table and JSON."""
    import keras

    import ganzoo

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", default=",".join(ganzoo.list_models()))
    parser.add_argument("--sizes", default="32,64")
    options = parser.parse_args()
    print(f"{machine()}\n| model | pixels | GFLOP an image | batch | float32 | share | bfloat16 | share |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for model in options.models.split(","):
        for size in map(int, options.sizes.split(",")):
            new = measured(model, size, options.rounds)
            rows += new
            for batch in BATCHES:
                one, two = (row for row in new if row["batch"] == batch)
                cells = [
                    f"{r['images_per_second']:.0f} images/s | {r['share_of_matrix_product']:.2f}"
                    for r in (one, two)
                ]
                gflop = f"{one['gflop_per_image']:.3f}"
                print(f"| {model} | {size} | {gflop} | {batch} | {' | '.join(cells)} |", flush=True)
            keras.backend.clear_session()
    print(json.dumps({"machine": machine(), "rows": rows}))


if __name__ == "__main__":
    main()
