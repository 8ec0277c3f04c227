"""What a model costs, counted and not timed: parameters and multiply-adds.

Counted in TensorFlow's own graph of a training step and of the generator's forward pass: the
multiply-adds (one multiplication and one addition each) of convolutions and matrix products, both
directions. Everything else (normalisation, activations, the optimizer, reading data) is left out,
and border pixels of a padded convolution count in full.
"""

import dataclasses
import functools
import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ganzoo.base.lazy import tf
from ganzoo.base.version import __version__
from ganzoo.compare.plan import Contestant, Plan
from ganzoo.config import Config
from ganzoo.disk.files import write_text
from ganzoo.training import runs

POINTS = 1000  # places along a run at which its stage is looked up


@dataclass(frozen=True)
class Cost:
    """Of one contestant, at a budget.

    Attributes:
        generator_parameters, discriminator_parameters: numbers in the networks, all sizes of one that grows.
        sample: multiply-adds of one generated picture at the end of the budget.
        train: multiply-adds of training, per real picture seen, mean over the stages of the budget.
    """

    generator_parameters: int
    discriminator_parameters: int
    sample: int
    train: int


def cost_of(
    plan: Plan, contestant: Contestant, store, images: int, begin: Callable[[], None] = lambda: None
) -> Cost:
    """The cost of a contestant trained for `images`; kept in the comparison's folder."""
    config = contestant.config
    path = plan.out / "costs" / f"{contestant.folder}.json"
    asked = {"images": images, "recipe": config.tables(), "classes": len(store.class_names)}
    asked["ganzoo"] = __version__
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["asked"] == asked:
            return Cost(**known["cost"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    begin()
    cost = counted(config, store, images)
    path.parent.mkdir(exist_ok=True)
    write_text(path, json.dumps({"asked": asked, "cost": dataclasses.asdict(cost)}, indent=1) + "\n")
    return cost


def counted(config: Config, store, images: int) -> Cost:
    """Builds the model and counts."""
    config = dataclasses.replace(config, family=config.family.fit_to_data(store))
    gan = runs.make_gan(config)
    shares = stage_shares(config, images)
    per_image = sum(
        share * of_step(gan, config.batch_size(seen), stage) for stage, (share, seen) in shares.items()
    )
    return Cost(
        *(sum(n.count_params() for n in side.values()) for side in (gan.generators, gan.discriminators)),
        of_picture(gan, images),
        round(per_image),
    )


def stage_shares(config: Config, images: int) -> dict[int, tuple[float, int]]:
    """For each stage of a budget its share of the images, and a number of images seen within it."""
    schedule = config.family.schedule
    seen_at = [images * i // POINTS for i in range(POINTS)]
    counts = Counter(schedule.stage(seen) for seen in seen_at)
    return {
        stage: (count / POINTS, next(seen for seen in seen_at if schedule.stage(seen) == stage))
        for stage, count in counts.items()
    }


def of_step(gan, num: int, stage: int) -> float:
    """Multiply-adds of a training step of batches of `num` in a stage, per real picture."""
    d_steps = gan.objective.d_steps
    spec = {name: tf.TensorSpec((num, *kind.shape), kind.dtype) for name, kind in gan.family.columns.items()}
    data = spec if d_steps == 1 else (spec,) * d_steps
    step = tf.function(functools.partial(gan.train_step, stage=stage), autograph=False)
    return multiply_adds(step.get_concrete_function(data).graph) / (num * d_steps)


def of_picture(gan, images_seen: int) -> int:
    """Multiply-adds of the generator for one picture."""
    from ganzoo.step.draws import Draws

    family, stage = gan.family, gan.family.schedule.stage(images_seen)

    @tf.function(autograph=False)
    def picture():
        inputs = family.draw_inputs(Draws(0), 1)
        seen = tf.constant(images_seen, tf.int64)
        return family.show(gan.networks, family.latents(Draws(0), 1), inputs, stage, seen)

    return round(multiply_adds(picture.get_concrete_function().graph))


def multiply_adds(graph) -> int:
    """Of all convolutions and matrix products that a graph's outputs and assignments need.

    The rest is never run: a convolution's gradient is traced for its input and its filter alike, also
    where only one of them is asked for. Shapes have to be known.
    """
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    needed, total = set(waiting), 0
    while waiting:
        operation = waiting.pop()
        if operation.type in ("PartitionedCall", "StatefulPartitionedCall"):
            total += multiply_adds(graph._get_function(operation.get_attr("f").name).graph)
        total += of_operation(operation)
        before = {tensor.op for tensor in operation.inputs} | set(operation.control_inputs)
        waiting += before - needed
        needed |= before
    return total


def of_operation(operation) -> int:
    """Multiply-adds of one operation; 0 of what is not counted."""
    kind = operation.type
    if kind in ("MatMul", "BatchMatMulV2"):
        turned = operation.get_attr("transpose_a" if kind == "MatMul" else "adj_x")
        return size(operation.outputs[0]) * operation.inputs[0].shape[-2 if turned else -1]
    # Forward or either gradient: every output of the forward convolution meets a filter's every number.
    if kind == "Conv2D":
        return size(operation.outputs[0]) * math.prod(operation.inputs[1].shape[:-1])
    if kind == "Conv2DBackpropInput":
        return size(operation.inputs[2]) * math.prod(operation.inputs[1].shape[:-1])
    if kind == "Conv2DBackpropFilter":
        return size(operation.inputs[2]) * math.prod(operation.outputs[0].shape[:-1])
    return 0


def size(tensor) -> int:
    return math.prod(tensor.shape)
