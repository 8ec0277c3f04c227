"""Training functions for a model that changes while it trains."""

import functools

from ganzoo.step.keras_private import OwnTrainFunction, spec_of


class InStages(OwnTrainFunction):
    """A mixin before `keras.Model`: one traced step for each stage of `self.family.schedule`.

    The stage is a Python number while a step is traced, so that no stage runs another
    one's graph; which one is next is read off `self.images_seen` before each step, so that
    it is the same after a resume, within one `fit` call or over several.
    """

    def make_train_function(self, force=False):
        if self.family.schedule.num_stages == 1:
            return super().make_train_function(force)
        if self.train_function is None or force:
            self.train_function = self._in_stages()
        return self.train_function

    def _in_stages(self):
        traced = {}

        def execute(iterator):
            # An execution of several steps may begin in one stage and end in the next.
            for done in range(int(self.steps_per_execution)):
                batch = next(iterator, None)
                if batch is None and not done:
                    raise StopIteration
                if batch is None:
                    break
                stage = self.family.schedule.stage(int(self.images_seen.numpy()))
                if stage not in traced:
                    traced.clear()  # the old graph's memory
                    traced[stage] = self.by_batches(functools.partial(self.train_step, stage=stage))
                if stage != int(self.stage.numpy()):
                    self.family.entered(self, stage)
                    self.stage.assign(stage)
                logs = traced[stage]([batch], spec_of(iterator))
            return logs

        return execute
