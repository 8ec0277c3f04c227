"""A growing model on two logical devices and on one; prints what differs, for test_progan_runs.py."""

import contextlib
import json

import keras
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from tests.step.replica_scenarios import apart, difference, train, two_cpus

GROWING = {
    "image_size": 16,
    "start_size": 8,
    "width": 4,
    "latent_dim": 8,
    "stable_images": 64,
    "fade_images": 64,
}


def grown(strategy=None, batch: int = 16, steps: int = 12):
    """A model trained through all its sizes; plain gradient descent shows wrong factors that Adam hides."""
    with strategy.scope() if strategy else contextlib.nullcontext():
        gan = ganzoo.build("progan", seed=1, **GROWING)
        gan.compile(gan.objective, keras.optimizers.SGD(0.003), keras.optimizers.SGD(0.003))
    metrics = train(gan, steps, strategy, batch)
    return gan, metrics


def main() -> None:
    """Prints a line of JSON."""
    strategy = two_cpus()
    (one, first), (two, second) = grown(), grown(strategy)
    result = {
        "weights": difference(one, two),
        "metrics": max(abs(first[name] - second[name]) for name in first),
        "apart": apart(two),
        "stage": int(two.stage.numpy()),
    }
    try:
        grown(strategy, batch=4, steps=1)
    except (UsageError, tf.errors.OpError) as error:
        result["refused"] = str(error)
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()
