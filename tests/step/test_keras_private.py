"""Says loudly when Keras moves one of the private names that `ganzoo/step/keras_private.py` leans on.

If a test here fails after an upgrade, read what that file says of the name, find where it
went, and run the tests of strategies and several workers before the bound in setup.cfg moves.
"""

import inspect
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.step import keras_private
from ganzoo.step.optimizers import Adam

PACKAGE = Path(ganzoo.__file__).parent


def test_the_trainer_still_calls_the_two_hooks_of_fit():
    trainer = next(c for c in keras.Model.__mro__ if c.__name__ == "TensorFlowTrainer")
    assert list(inspect.signature(trainer._maybe_symbolic_build).parameters)[1:] == ["iterator", "data_batch"]
    assert list(inspect.signature(trainer.make_train_function).parameters)[1:] == ["force"]
    source = inspect.getsource(trainer.fit)
    assert "self._maybe_symbolic_build(" in source and "self.make_train_function()" in source
    assert "self.train_function(" in source


def test_optimizers_still_know_their_strategy_and_sum_in_the_hook():
    optimizer = keras.optimizers.SGD(1.0)
    assert optimizer._distribution_strategy is tf.distribute.get_strategy()
    owner = next(c for c in type(optimizer).__mro__ if "_all_reduce_sum_gradients" in vars(c))
    update = inspect.getsource(owner._backend_update_step)
    assert "self._all_reduce_sum_gradients(" in update and "all_reduce(" not in update.replace(
        "self._all_reduce_sum_gradients(", ""
    )


def test_a_loss_scale_still_looks_at_the_gradients_it_is_given():
    wrapped = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0))
    assert keras_private.inner(wrapped) is wrapped.inner_optimizer
    keras_private.takes_sums(wrapped)
    variable = keras.Variable([1.0])
    wrapped.build([variable])
    scale = wrapped.dynamic_scale.numpy()
    wrapped.apply([tf.constant([np.inf])], [variable])
    assert variable.numpy() == [1.0] and wrapped.dynamic_scale.numpy() == scale / 2


def test_layers_within_layers_are_still_found():
    inner = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2), keras.layers.ReLU()])
    outer = keras.Sequential([inner, keras.layers.Dense(1)])
    kinds = [type(layer).__name__ for layer in keras_private.layers_of(outer)]
    assert sorted(kinds).count("Dense") == 2 and "ReLU" in kinds


def test_adams_slots_are_still_where_they_were():
    adam, variable = Adam(0.1), keras.Variable([1.0, 2.0])
    adam.build([variable])
    momentum, velocity = keras_private.slots_of(adam, variable.value)
    adam.apply([tf.constant([1.0, 1.0])], [variable])
    np.testing.assert_allclose(momentum.numpy(), [0.1, 0.1], rtol=1e-5)
    np.testing.assert_allclose(velocity.numpy(), [0.001, 0.001], rtol=1e-4)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_other_file_touches_a_private_name_of_keras(path):
    if path.name == "keras_private.py":
        return
    private = re.compile(
        r"\b(?:keras|tf|layer|optimizer|network|strategy|replica|super\(\))(?:\.\w+)*\._[a-z]\w*"
    )
    found = [line.strip() for line in path.read_text().splitlines() if private.search(line)]
    assert not found, f"{path.name} touches {found}: it belongs into keras_private.py, with its reason"
