"""Several devices, several machines: TensorFlow's strategies by name, and what their processes agree on.

Nothing here is home-made distribution: `tf.distribute` splits, sums and talks. This file
makes the strategy that a word means, gives each worker its part of every global batch,
and lets the workers of one run stop together and begin from the chief's state.
"""

import contextlib
import json
import os
from collections.abc import Callable

import numpy as np

from ganzoo.base.errors import RunError, UsageError, unknown
from ganzoo.base.lazy import tf

AUTO, CPU, ONE_DEVICE, MIRRORED, MULTI_WORKER, TPU = NAMES = (
    "auto", "cpu", "one_device", "mirrored", "multi_worker", "tpu",
)  # fmt: skip


def check(name: str) -> None:
    """Raises UsageError unless `name` is a strategy's, and TF_CONFIG is there where it is needed."""
    if name not in NAMES:
        raise unknown("strategy", name, NAMES)
    num_workers = len(_workers())
    if name == MULTI_WORKER and not num_workers:
        raise UsageError(
            "--strategy multi_worker needs TF_CONFIG in the environment of every worker, for example "
            '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
        )
    if num_workers > 1 and name not in (AUTO, MULTI_WORKER):
        raise UsageError(
            f"TF_CONFIG names {num_workers} workers, but --strategy is {name}; "
            "use multi_worker or unset TF_CONFIG"
        )


def _workers() -> list[str]:
    text = os.environ.get("TF_CONFIG", "").strip()
    if not text:
        return []
    try:
        cluster = json.loads(text).get("cluster", {})
        return [*cluster.get("chief", []), *cluster.get("worker", [])]
    except (ValueError, AttributeError):
        raise UsageError(f"TF_CONFIG is {text!r}, but must be JSON with 'cluster' and 'task'") from None


def make(name: str):
    """The `tf.distribute` strategy that a word means; None is none at all.

    For several workers call it before anything else touches TensorFlow's devices.

    Args:
        name: "auto" (several workers where TF_CONFIG names them, else every GPU where there
            are several, else none), "cpu", "one_device", "mirrored" (every GPU, else every
            logical CPU), "multi_worker" or "tpu".

    Raises:
        UsageError: for another word, or where what it needs is not there.
    """
    check(name)
    if name == MULTI_WORKER or (name == AUTO and len(_workers()) > 1):
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == TPU:
        return _tpu()
    gpus = tf.config.list_logical_devices("GPU")
    devices = [device.name for device in gpus or tf.config.list_logical_devices("CPU")]
    if name == MIRRORED or (name == AUTO and len(gpus) > 1):
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.OneDeviceStrategy(devices[0]) if name == ONE_DEVICE else None


def _tpu():
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
    except Exception as error:  # what it raises depends on where it is run
        raise UsageError(
            f"no TPU was found here ({str(error).splitlines()[0]}); use another --strategy"
        ) from None
    return tf.distribute.TPUStrategy(resolver)


class Team:
    """The processes that train one model; mostly a single one.

    Every method but `scope` is called by all of them at the same step, or all wait for ever.
    """

    def __init__(self, strategy=None):
        self.strategy = strategy or tf.distribute.get_strategy()
        self.num_replicas = self.strategy.num_replicas_in_sync
        resolver = getattr(self.strategy, "cluster_resolver", None)
        cluster = resolver.cluster_spec().as_dict() if resolver is not None else {}
        self.num_workers = max(1, sum(len(cluster.get(job, ())) for job in ("chief", "worker")))
        self.index = 0
        if self.num_workers > 1:
            self.index = (resolver.task_id or 0) + (resolver.task_type == "worker") * len(
                cluster.get("chief", ())
            )
        self.is_chief = self.index == 0
        self._sum = tf.function(self._summed)

    def scope(self):
        """The scope to make the model in."""
        inside = self.strategy is tf.distribute.get_strategy()
        return contextlib.nullcontext() if inside else self.strategy.scope()

    def describe(self) -> str:
        """The devices and the strategy, in words."""
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        if self.num_replicas == 1:
            return f"{kind}, no distribution"
        workers = f" of {self.num_workers} workers" if self.num_workers > 1 else ""
        return f"{kind}, {type(self.strategy).__name__} over {self.num_replicas} replicas{workers}"

    def check_batch(self, batch_size: int) -> None:
        """Raises UsageError unless a global batch divides among the replicas."""
        if batch_size % self.num_replicas:
            raise UsageError(
                f"train.batch_size is {batch_size}, which does not divide among {self.num_replicas} devices; "
                f"use a multiple of {self.num_replicas}"
            )

    def batches(self, make_stream: Callable):
        """An iterator over a stream, each replica getting its rows of every global batch.

        Args:
            make_stream: from a shard `(index, count)` to the stream of that worker's part.
        """
        if self.num_replicas == 1:
            return iter(make_stream((0, 1)))

        from ganzoo.step.batches import split  # imports TensorFlow, which a wrong flag must not wait for

        def of_worker(context):
            count = context.num_input_pipelines
            return split(make_stream((context.input_pipeline_id, count)), self.num_replicas // count)

        return iter(self.strategy.distribute_datasets_from_function(of_worker))

    def any(self, *wishes: bool) -> list[bool]:
        """For each wish, whether any worker has it."""
        if self.num_workers == 1:
            return list(wishes)
        return [bool(total > 0) for total in self._sum(tf.constant(wishes, tf.float32)).numpy()]

    def from_chief(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The chief's arrays, bit for bit; the others give theirs of the same names and shapes."""
        if self.num_workers == 1:
            return arrays
        # Halves of words as numbers from 0 to 65535: sums with zeros keep every bit, on any device.
        octets = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
        halves = np.frombuffer(octets + b"\0" * (len(octets) % 2), np.uint16).astype(np.float32)
        octets = (
            self._sum(tf.constant(halves if self.is_chief else 0 * halves))
            .numpy()
            .astype(np.uint16)
            .tobytes()
        )
        shared, place = {}, 0
        for name, array in arrays.items():
            shared[name] = np.frombuffer(octets, array.dtype, array.size, place).reshape(array.shape)
            place += array.nbytes
        return shared

    def _summed(self, value):
        def share():
            replica = tf.distribute.get_replica_context()
            per_worker = self.num_replicas // self.num_workers
            first = tf.equal(replica.replica_id_in_sync_group % per_worker, 0)
            return replica.all_reduce(
                tf.distribute.ReduceOp.SUM, tf.where(first, value, tf.zeros_like(value))
            )

        return self.strategy.experimental_local_results(self.strategy.run(share))[0]

    @contextlib.contextmanager
    def watched(self):
        """Turns the loss of another worker into an error that says what to do."""
        try:
            yield
        except tf.errors.OpError as error:
            if self.num_workers == 1:
                raise
            reason = (error.message or type(error).__name__).splitlines()[0]
            raise RunError(
                f"another worker was lost ({reason}); start all {self.num_workers} again with the same "
                "command: they go on from the last checkpoint"
            ) from None
