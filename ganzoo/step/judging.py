"""How examples come before discriminators: changed alike, in float32, each call with draws of its own."""

import contextlib
import functools
import itertools

import tensorflow as tf

from ganzoo.step.contests import Judged, Verdict, name_within
from ganzoo.step.replicas import mean_of


class Judging:
    """The part of `ganzoo.gan.GAN` that shows examples to discriminators and asks what they say."""

    def judging_state(self) -> dict:
        """The part of the state that belongs to the discriminators: what is packed beside `sampled_state`."""
        variables = [v for network in self.discriminators.values() for v in network.weights]
        variables += self.spectral_vectors if self._spectral else []
        return {f"judging/{i:03d}/{v.name}": v for i, v in enumerate(variables)}

    def _all_shown(self, contest, draws, name):
        """What a discriminator learns from: the real, the generated and the wrong example."""
        fake = contest.fake if contest.remembered is None else contest.remembered
        fake = {key: tf.stop_gradient(value) for key, value in fake.items()}
        real, fake = (
            self._shown(contest, example, draws, name(which))
            for example, which in ((contest.real, "real"), (fake, "fake"))
        )
        wrong = contest.wrong
        return real, fake, None if wrong is None else self._shown(contest, wrong, draws, name("wrong"))

    def _shown(self, contest, example, draws, name) -> dict:
        """An example as the discriminator is shown it, real and generated alike, all its pictures alike."""
        objective, shown = self.objective, dict(example)
        for key in contest.pictures:
            images = example[key]
            if objective.augment:
                images = objective.augment(images, draws, f"augment {name}")
            if objective.instance_noise:
                shape = [images.shape[0] or tf.shape(images)[0], *images.shape[1:]]
                spread = objective.noise_spread(self.images_seen.value)
                images += spread * draws.normal(f"noise {name}", shape)
            shown[key] = images
        return shown

    def _penalties(self, contest, real, fake, draws, name) -> list:
        return [
            penalty(
                lambda x, i=i, key=key: self._judge(
                    contest, {**real, key: x}, draws, name(f"penalty {i}")
                ).logits[0],
                real[key],
                fake[key],
                draws,
            )
            for i, penalty in enumerate(self.objective.d_penalties)
            for key in contest.made
        ]

    def _judge(self, contest, example, draws, name) -> Judged:
        spectral = self._spectral.get(contest.discriminator) if self.objective.spectral_norm else None
        normalised = spectral.applied() if spectral else contextlib.nullcontext()
        with draws.within(name), normalised:
            judged = self.family.judge(self.networks, contest.discriminator, example, training=True)
        # Losses are float32 whatever the networks calculate in.
        return Judged(
            *(tuple(tf.cast(x, tf.float32) for x in each) for each in (judged.logits, judged.features))
        )

    def _contest_losses(self, batch, made, draws):
        """What the generators lose in each contest, and what the discriminators said in it."""
        contests, losses, verdicts = [], [], []
        if self.discriminators:
            contests = self.family.contests(batch, made, self._remembered(), draws)
        for contest in contests:
            name, judge = name_within(contest, contests), functools.partial(self._judge_shown, contest, draws)
            verdict = Verdict(
                lambda judge=judge, c=contest, name=name: judge(c.real, name("real again")),
                lambda judge=judge, c=contest, name=name: judge(c.fake, name("fake again")),
            )
            on_real = verdict.real.logits if self.objective.loss.paired else ()
            pairs = itertools.zip_longest(verdict.fake.logits, on_real)
            losses.append(mean_of([self.objective.loss.generator(*pair) for pair in pairs]))
            verdicts.append(verdict)
        return losses, verdicts

    def _judge_shown(self, contest, draws, example, name) -> Judged:
        return self._judge(contest, self._shown(contest, example, draws, name), draws, name)
