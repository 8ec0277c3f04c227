"""What is compared, what is refused, and going on: without TensorFlow, with a trainer that only pretends."""

import dataclasses
import json
import threading

import numpy as np
import pytest

from ganzoo.base.errors import DataError, RunError, UsageError
from ganzoo.cli import compare as cli
from ganzoo.cli.app import command
from ganzoo.compare import checks, command_of
from ganzoo.compare.html_page import machine_lines
from ganzoo.compare.plan import ENDLESS, Budget, Scoring, make_plan
from ganzoo.compare.public import public_plan
from ganzoo.compare.run import Slot, environment, last_sentence, slots_of, train_all
from ganzoo.compare.variations import parse_vary, split_values
from ganzoo.config import read_recipe
from ganzoo.training import folders, runs
from ganzoo.training.interrupt import COLLAPSED, INTERRUPTED

TINY = ["model.image_size=16", "model.width=4", "train.batch_size=8"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Small pictures without labels."""
    path = tmp_path_factory.mktemp("data") / "plain.npz"
    np.savez(path, image=np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), np.uint8))
    return str(path)


@pytest.fixture
def plan(tmp_path, source):
    def make(**changes):
        words = {"models": ["vanilla", "dcgan"], "settings": TINY, "source": source, "seeds": 2}
        words |= {"budget": Budget(images=80), "out": tmp_path / "out", **changes}
        return make_plan(**words)

    return make


class Pretending:
    """A trainer that writes what a finished run leaves, or ends with a code of its own."""

    def __init__(self, **codes):
        self.codes, self.trained, self.slots = codes, [], []
        self.lock = threading.Lock()

    def __call__(self, plan, run, slot, stop):
        with self.lock:
            self.trained.append(run.name)
            self.slots.append(slot)
        code = self.codes.get(run.name.replace("-", "_"), 0)
        if code == 0:
            run.root.mkdir(parents=True, exist_ok=True)
            paths = runs.create(run.root, run.config)
            done = {"finished": True, "images_seen": run.config.train.images, "seconds": 1.0}
            runs.write_summary(paths, done)
        return code, f"it ended with {code}" if code else ""


def quietly(plan, trainer, **more):
    said = []
    return train_all(plan, more.pop("slots", [Slot()]), trainer=trainer, say=said.append, **more), said


# ---- the plan -------------------------------------------------------------------------------------


def test_all_have_the_same_terms(plan):
    made = plan(models=["vanilla", "dcgan", "progan"], settings=[])
    configs = [each.config for each in made.contestants]
    assert {c.family.batch_spec["image"] for c in configs} == {(64, 64, 3)}  # the largest of their recipes
    assert len({(c.data, c.train.images, c.train.eval_every, c.train.eval_num) for c in configs}) == 1
    assert configs[0].train.eval_every == 8 and configs[0].data.crop == "random:8"
    own = read_recipe("dcgan")["train"]["learning_rate"]  # all else is the recipe's
    assert configs[1].objective.learning_rate == own
    budgets = [read_recipe(name)["train"]["images"] for name in ("vanilla", "dcgan", "progan")]
    assert [each.own_budget for each in made.contestants] == budgets
    assert [run.name for run in made.runs()][:4] == [
        *("vanilla-seed0", "dcgan-seed0", "progan-seed0"),
        "vanilla-seed1",
    ]
    assert made.runs()[3].config.train.seed == 1


def test_minutes_are_a_budget(plan):
    train = plan(budget=Budget(minutes=2.5)).contestants[0].config.train
    assert (train.minutes, train.images) == (2.5, ENDLESS)


def test_varied_keys_are_multiplied_and_only_for_those_that_know_them(plan):
    vary = {"loss": ["hinge", "non_saturating"], "model.depth": ["1", "2"]}
    names = [each.name for each in plan(vary=vary).contestants]
    assert names == [
        *(f"vanilla (loss={x}, model.depth={n})" for x in ("hinge", "non_saturating") for n in "12"),
        *(f"dcgan (loss={x})" for x in ("hinge", "non_saturating")),
    ]
    assert plan(vary=vary).contestants[1].config.family.depth == 2
    assert plan(vary=vary).contestants[0].folder == "vanilla-loss=hinge-model.depth=1"


def test_values_with_commas_of_their_own():
    assert parse_vary("loss=hinge,least_squares") == ("loss", ["hinge", "least_squares"])
    assert split_values('{ name = "a,b", x = 1 }, [1, 2],c') == ['{ name = "a,b", x = 1 }', "[1, 2]", "c"]


def test_labels_belong_to_their_own_source(plan, source):
    made = plan(models=["dcgan", "cgan"], source=None)
    assert {each.config.data.label for each in made.contestants} == {"century"}
    assert plan(models=["dcgan", "cgan"]).contestants[1].config.data.label is None  # another source


def test_who_needs_labels_is_refused_by_name(plan):
    with pytest.raises(DataError, match=r"^cgan cannot be compared on this data: the data has no labels"):
        checks.check_store(plan(models=["dcgan", "cgan"]))
    with pytest.raises(DataError, match=r"^dcgan is trained in batches of 24, but the data has 20"):
        checks.check_store(plan(models=["dcgan"], settings=[*TINY[:2], "train.batch_size=24"]))


@pytest.mark.parametrize(
    "words, says",
    [
        (["--models", "vanila"], "did you mean 'vanilla'?"),
        (["--recipes", "painting_dcgam"], "did you mean 'painting_dcgan'?"),
        ([], "say what to compare"),
        (["--models", "dcgan,dcgan"], "two contestants are called 'dcgan'"),
        (["--models", "dcgan", "--set", "model.widht=4"], "did you mean 'width'?"),
        (["--models", "dcgan", "--vary", "train.learning_rat=1,2"], "did you mean 'learning_rate'?"),
        (["--models", "dcgan", "--vary", "loss=hing,hinge"], "did you mean 'hinge'?"),
        (["--models", "dcgan", "--vary", "loss"], "is not KEY=V1,V2"),
        (["--models", "dcgan", "--vary", "loss=hinge,hinge"], "names hinge twice"),
        (["--models", "dcgan", "--vary", "train.seed=1,2"], "--seeds"),
        (["--models", "dcgan", "--vary", "data.crop=none,center"], "has to be equal"),
        (["--models", "dcgan", "--set", "train.images=5"], "--images"),
        (["--models", "dcgan", "--seeds", "0"], "--seeds is 0"),
        (["--models", "dcgan", "--images", "0"], "--images is 0"),
        (["--models", "dcgan", "--minutes", "1"], "one of them"),
        (["--models", "dcgan", "--num", "1"], "--num is 1"),
        (["--models", "dcgan", "--jobs", "0"], "--jobs is 0"),
        (["--models", "dcgan", "--devices", "tpu"], "'tpu'"),
        (["--models", "dcgan", "--features", "mobilnet"], "did you mean 'mobilenet'?"),
        (["--models", "dcgan", "--data", "painting"], "did you mean 'paintings'?"),
        (["--models", "dcgan", "--out", "other"], "holds something else (thesis.tex"),
    ],
)
def test_what_makes_no_sense_is_answered_at_once(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("x")
    monkeypatch.setattr(
        "ganzoo.compare.reported", lambda *_: pytest.fail("TensorFlow was about to be imported")
    )
    given = ["--images", "80", "--out", "out", *words]
    code = command("ganzoo-compare", "", cli.define_flags(), cli.main, argv=given)
    assert code == 2 and says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_recipes_of_one_name_are_refused(plan, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.toml").write_text('[model]\nname = "dcgan"\n')
    with pytest.raises(UsageError, match="two contestants are called 'mine'"):
        plan(models=[], recipes=[str(tmp_path / "a" / "mine.toml"), str(tmp_path / "b" / "mine.toml")])


# ---- training, and going on -----------------------------------------------------------------------


def test_an_interrupted_comparison_goes_on_and_repeats_nothing(plan):
    first = Pretending(dcgan_seed0=INTERRUPTED)
    with pytest.raises(KeyboardInterrupt):
        quietly(plan(), first)
    assert first.trained == ["vanilla-seed0", "dcgan-seed0"]
    second = Pretending()
    ended, said = quietly(plan(), second)
    assert second.trained == ["dcgan-seed0", "vanilla-seed1", "dcgan-seed1"]
    assert {each.status for each in ended.values()} == {"finished"} and len(ended) == 4
    assert said[0] == "1 of 4 runs have ended already"
    third = Pretending()
    quietly(plan(), third)
    assert third.trained == []
    quietly(plan(seeds=3), third)  # more seeds: only these
    assert third.trained == ["vanilla-seed2", "dcgan-seed2"]


def test_a_failed_run_is_a_result_and_repeated_only_when_asked(plan):
    failing = Pretending(dcgan_seed0=1, dcgan_seed1=COLLAPSED)
    ended, _ = quietly(plan(), failing)
    assert len(failing.trained) == 4  # the others went on
    assert (ended["dcgan-seed0"].status, ended["dcgan-seed0"].sentence) == ("failed", "it ended with 1")
    assert ended["dcgan-seed1"].status == "collapsed"
    again = Pretending()
    ended, _ = quietly(plan(), again)
    assert again.trained == [] and ended["dcgan-seed1"].status == "collapsed"
    ended, _ = quietly(plan(), again, retry=True)
    assert again.trained == ["dcgan-seed0", "dcgan-seed1"] and ended["dcgan-seed1"].status == "finished"


@pytest.mark.parametrize("change", ["data", "recipe", "version"])
def test_a_failure_under_other_terms_says_nothing(plan, monkeypatch, change):
    failing, again = Pretending(dcgan_seed0=1), Pretending()
    made = dataclasses.replace(plan(seeds=1), data={0: "before"})
    quietly(made, failing)
    quietly(made, again)
    assert again.trained == []
    if change == "data":
        made = dataclasses.replace(made, data={0: "now"})
    elif change == "recipe":
        other = plan(seeds=1, settings=[*TINY[:2], "train.batch_size=4"])
        made = dataclasses.replace(other, data={0: "before"})
    else:
        monkeypatch.setattr("ganzoo.compare.outcome.__version__", "9.9.9")
    quietly(made, again)
    assert again.trained == ["dcgan-seed0"]


def test_a_run_that_a_stop_hits_while_it_starts_is_no_failure(plan):
    with pytest.raises(KeyboardInterrupt):
        quietly(plan(), Pretending(vanilla_seed0=-2))
    trainer = Pretending()
    ended, _ = quietly(plan(), trainer)
    assert trainer.trained[0] == "vanilla-seed0" and ended["vanilla-seed0"].status == "finished"


def test_an_end_before_the_budget_is_no_finish(plan):
    def lazy(plan, run, slot, stop):
        return 0, ""

    ended, _ = quietly(plan(), lazy)
    assert {each.status for each in ended.values()} == {"failed"}


def test_several_at_once_share_the_cores(plan):
    at_work = threading.Barrier(2, timeout=30)

    class Together(Pretending):
        def __call__(self, *words):
            at_work.wait()  # breaks unless two are trained at a time
            return super().__call__(*words)

    trainer = Together()
    quietly(plan(), trainer, slots=[Slot("gpu:0", 3), Slot("gpu:1", 3)])
    assert {slot.device for slot in trainer.slots} == {"gpu:0", "gpu:1"} and len(trainer.trained) == 4
    assert slots_of(1) == [Slot("auto", 0)] and all(slot.threads >= 1 for slot in slots_of(3))
    assert environment(Slot(threads=2))["TF_NUM_INTRAOP_THREADS"] == "2"


def test_a_run_that_somebody_trains_is_not_touched(plan):
    made, trainer = plan(), Pretending()
    with folders.locked(made.runs()[0].root), pytest.raises(RunError, match="another process"):
        quietly(made, trainer)
    assert "vanilla-seed0" not in trainer.trained


def test_other_terms_in_the_same_folder_are_refused(plan):
    quietly(plan(), Pretending())
    checks.check_runs(plan())
    with pytest.raises(UsageError, match=r"train.batch_size: 8 before, 4 now.*another --out"):
        checks.check_runs(plan(settings=[*TINY, "train.batch_size=4"]))
    with pytest.raises(UsageError, match="was given 80 images and would be compared with runs of 40 images"):
        checks.check_runs(plan(budget=Budget(images=40), eval_every=8))
    checks.check_runs(plan(budget=Budget(images=160), eval_every=8))  # more is going on


def test_the_folder_is_known_again(plan, tmp_path):
    made = plan()
    checks.check_out(made.out)
    made.out.mkdir()
    (made.out / checks.PLAN).write_text(checks.plan_text(made))
    (made.out / "runs").mkdir()
    checks.check_out(made.out)
    assert json.loads((made.out / checks.PLAN).read_text())["seeds"] == 2
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="a file"):
        checks.check_out(tmp_path / "file")


def test_why_a_process_failed(tmp_path):
    log = tmp_path / "log.txt"
    log.write_text("before\nganzoo-train: d_loss is nan at step 8: training diverged\n")
    assert last_sentence(log, 0, 1) == "d_loss is nan at step 8: training diverged"
    log.write_text("step 1\n")
    assert last_sentence(log, 0, -9) == "the process was ended by signal 9 (SIGKILL)"
    assert last_sentence(log, 0, 1) == "step 1" and last_sentence(log, 0, 0) == ""


def test_the_command_is_in_the_report(plan):
    made = plan(vary={"loss": ["hinge"]}, scoring=Scoring("pixels", 50))
    assert made.terms["vary"] == ["loss=hinge"] and made.terms["features"] == "pixels"
    shown = command_of(public_plan(plan(settings=[*TINY, "data.cache_dir=/home/alice/c"])), 1)
    assert "--data PICTURES" in shown and "--out FOLDER" in shown and "--set data.cache_dir=FILE" in shown
    assert "/" not in shown


def test_how_many_at_a_time_is_said_where_it_matters(plan):
    plan = plan(budget=Budget(minutes=1.0))
    assert command_of(plan, 2).endswith(" --jobs 2") and "--jobs" not in command_of(plan, 1)
    machine = {"processor": "P", "cores": 2, "system": "S", "versions": {"python": "3"}}
    assert len(machine_lines(machine)) == 2
    assert machine_lines({**machine, "jobs": 2})[-1].startswith("2 runs at a time")
