"""A run that is stopped goes on bit for bit; what is no checkpoint of it is refused."""
import os
import resource
import signal
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from minigrad.saving import in_archive
from optim.training.locks import alone
from optim.training.packing import packed, unpacked

from . import resumed_runs
from .resumed_runs import SCENES, X, Y, adam, differing, network, run


pytestmark = pytest.mark.usefixtures("no_seed_of_others", "hears_interrupts")


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


class Killed(BaseException):
    """What nothing in a run catches."""


def broken_off(scene, path, step, **more):
    """The run of a scene up to a step, where it ends as if it were killed."""
    def lost(run):
        if run.step >= step:
            raise Killed

    given = SCENES[scene][1] | more
    with pytest.raises(Killed):
        run(scene, path, **{"evaluate_every": 8} | given, callbacks=lost)


@pytest.mark.parametrize("scene", SCENES)
def test_a_run_that_goes_on_ends_as_one_that_was_never_stopped(scene, tmp_path):
    path = tmp_path/"run.npz"
    more = {"evaluate_every": SCENES[scene][1].get("evaluate_every", 8)}
    wanted, history = run(scene, **more)
    last = history.t[-1]
    for step in (1, last//2, last - 1):                     # in the midst of an epoch, too
        broken_off(scene, path, step, every=1, resume=True)
    found, again = run(scene, path, resume=True, **more)
    assert not differing(found, wanted)
    assert (history.stopped, history.best) == (again.stopped, again.best)
    once_more, _ = run(scene, path, resume=True, **more)    # it has ended already
    assert not differing(once_more, wanted)


def test_what_is_compared_would_show_another_run():
    wanted, _ = run("plain", epochs=2)
    others = run("plain", epochs=2, seed=4)[0], run("plain", epochs=3)[0]
    assert all(differing(wanted, other) for other in others)
    assert not differing(wanted, run("plain", epochs=2)[0])


@pytest.mark.parametrize("compiled", [True, False])
def test_a_compiled_run_and_an_eager_one_go_on_from_one_another(compiled, tmp_path):
    wanted, _ = run("plain")
    broken_off("plain", tmp_path/"run.npz", 10, every=3, compiled=compiled,
               evaluate_every=None)
    found, _ = run("plain", tmp_path/"run.npz", resume=True, compiled=not compiled)
    assert not differing(found, wanted)


def test_a_run_may_go_on_for_more_epochs(tmp_path):
    run("plain", tmp_path/"run.npz", epochs=2)
    found, _ = run("plain", tmp_path/"run.npz", epochs=4, resume=True)
    assert not differing(found, run("plain")[0])


def test_draws_from_manual_seed_go_on_too(tmp_path):
    try:
        mg.manual_seed(5)
        wanted, _ = run("plain")
        mg.manual_seed(5)
        broken_off("plain", tmp_path/"run.npz", 10, every=3, evaluate_every=None)
        mg.manual_seed(99)
        found, _ = run("plain", tmp_path/"run.npz", resume=True)
        assert not differing(found, wanted)
        assert differing(wanted, run("plain")[0])
    finally:
        mg.randomness._shared.clear()


def test_buffers_that_are_not_saved_and_frozen_parameters_go_on_too(tmp_path):
    class Counting(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(2, 3, rng=0)
            self.register_buffer("calls", np.zeros(1, np.float32), persistent=False)

        def forward(self, x):
            if self.training:
                self.calls[...] = self.calls + 1
            return self.linear(x)*(1 + self.calls)

    def freezing(run):
        run.model.linear.bias.requires_grad = run.epoch % 2 == 0
        run.optimizer.param_groups[0]["lr"] *= 0.9

    def ended(path=None, **more):
        model = Counting()
        opt = optim.Adam(model.parameters(), lr=0.1)
        optim.fit(model, (X, Y), opt, batch=10, checkpoint=path, callbacks=freezing,
                  compiled=False, **more)
        return {**model.state_dict(), "calls": model.calls, "lr": np.array(
            opt.param_groups[0]["lr"]), "t": np.array(
            [record["t"] for record in opt.state_dict()["state"].values()])}

    path = tmp_path/"run.npz"
    wanted = ended(epochs=5)
    assert wanted["t"][0] > wanted["t"][1] > 0
    for epochs in (1, 2, 5):
        found = ended(path, epochs=epochs, resume=True)
    assert not differing(found, wanted)


# ------------------------------------------------------------------- what is not taken up
def test_a_checkpoint_that_was_not_meant_is_not_overwritten(tmp_path):
    run("plain", tmp_path/"run.npz", epochs=1)
    before = files(tmp_path)
    with pytest.raises(FileExistsError, match="run.npz' exists; to go on .* resume=True"):
        run("plain", tmp_path/"run.npz", epochs=1)
    assert files(tmp_path) == before


OTHER = nn.Sequential(nn.Linear(2, 5, rng=0), nn.ReLU(), nn.Linear(5, 3, rng=1))


@pytest.mark.parametrize("change, complaint", [
    ({"seed": 4}, "seed came as 4; needed 3, as saved"),
    ({"batch": 9}, "batch came as 9; needed 8"),
    ({"validation": 0.2}, "validation came as 0.2; needed None"),
    ({"shuffle": False}, "order came as 'as_they_stand'; needed 'shuffled'"),
    ({"loss": lambda output, target: nn.cross_entropy(output, target)},
     "loss came as '<lambda>'; needed 'cross_entropy'"),
    ({"metrics": []}, r"metrics came as .*; needed .*'accuracy'"),
    ({"evaluate_every": 10}, "evaluate_every came as 10; needed None"),
    ({"data": (X, (Y + 1) % 3)}, r"y came as 'int64 \(50,\) \w+'; needed 'int64 \(50,\) "),
    ({"data": (X[:40], Y[:40])}, r"x came as 'float32 \(40, 2\)"),
    ({"model": OTHER}, r"model came as .*out_features=5.*; needed .*out_features=6"),
    ({"rule": optim.NAdam}, "rule came as 'nadam'; needed 'adam'"),
    ({"lr": 0.06}, r"hyperparameters came as .*'lr': 0.06.*needed .*'lr': 0.05")])
def test_a_checkpoint_of_another_run_is_refused_with_what_differs(change, complaint,
                                                                  tmp_path):
    path = tmp_path/"run.npz"
    run("plain", path, epochs=1)
    before = files(tmp_path)
    model = change.pop("model", None) or network()
    data, lr = change.pop("data", (X, Y)), change.pop("lr", 0.05)
    opt = change.pop("rule", optim.Adam)(model.named_parameters(), lr=lr)
    start = model.state_dict()
    with pytest.raises(ValueError, match="run.npz' is of another run: " + complaint):
        optim.fit(model, data, opt, epochs=1, checkpoint=path, resume=True,
                  **{"batch": 8, "seed": 3, "compiled": False} | change)
    assert files(tmp_path) == before
    assert not differing(model.state_dict(), start) and opt.t == 0


@pytest.mark.parametrize("content, complaint", [
    (lambda path: np.savez(path, x=X), "'.*run.npz' is no checkpoint of a run; needed"),
    (lambda path: np.savez(path, tree=np.zeros(3, np.uint8)), "is no checkpoint of a run"),
    (lambda path: mg.save(path, network()), "is no checkpoint of a run"),
    (lambda path: mg.save(path, packed({"format": "another"})), "is no checkpoint of a"),
    (lambda path: path.write_bytes(b""), "no checkpoint is whole: .*run.npz' is damaged"),
    (lambda path: path.write_text("text"), "no checkpoint is whole"),
    (lambda path: zipfile.ZipFile(path, "w").writestr("m/data.pkl", b"x"), "PyTorch's")])
def test_a_file_that_is_no_checkpoint_is_refused_and_kept(content, complaint, tmp_path):
    content(tmp_path/"run.npz")
    before = files(tmp_path)
    with pytest.raises(ValueError, match=complaint):
        run("plain", tmp_path/"run.npz", epochs=1, resume=True)
    assert files(tmp_path) == before


def damaged(content, how):
    """The bytes of a file after an accident."""
    middle = content.index(b'"format"') if how == "flipped" else len(content)//2
    return {"cut": content[:middle], "without its end": content[:-1], "empty": b"",
            "flipped": b"%b%c%b" % (content[:middle], content[middle] ^ 1,
                                    content[middle + 1:]),
            "longer": content + b"x", "zeros": bytes(len(content))}[how]


@pytest.mark.parametrize("how", ["cut", "without its end", "empty", "flipped", "longer",
                                 "zeros", "missing"])
def test_where_the_newest_is_damaged_the_one_before_it_is_taken(how, tmp_path):
    path, previous = tmp_path/"run.npz", tmp_path/"run.previous.npz"
    wanted, _ = run("plain", epochs=3)
    run("plain", path, epochs=2)
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(damaged(path.read_bytes(), how))
    state = "missing" if how == "missing" else "damaged"
    with pytest.warns(RuntimeWarning, match=f"run.npz is {state}; going on from .*run.pr"):
        found, _ = run("plain", path, epochs=3, resume=True)
    assert not differing(found, wanted)
    in_archive(path), in_archive(previous)
    for file in (path, previous):
        file.write_bytes(damaged(file.read_bytes(), "cut"))
    before = files(tmp_path)
    with pytest.raises(ValueError, match="no checkpoint is whole: .*run.npz.*run.previous"):
        run("plain", path, epochs=3, resume=True)
    assert files(tmp_path) == before


def test_the_good_one_is_kept_when_the_damaged_one_is_replaced(tmp_path):
    path, previous = tmp_path/"run.npz", tmp_path/"run.previous.npz"
    run("plain", path, epochs=2)
    good = previous.read_bytes()
    path.write_bytes(b"lost")
    with pytest.warns(RuntimeWarning, match="is damaged"):
        broken_off("plain", path, 14, every=13, evaluate_every=None, epochs=2, resume=True)
    assert previous.read_bytes() == good
    in_archive(path)


# -------------------------------------------------------------------- where it can't be
def test_two_runs_cannot_write_one_checkpoint(tmp_path):
    path = tmp_path/"run.npz"

    def second(run_):
        with pytest.raises(BlockingIOError, match="written by another run .process "
                                                  f"{os.getpid()}.; wait"):
            run("plain", path, epochs=1, resume=True)
        seen.append(run_.epoch)

    seen = []
    run("plain", path, epochs=2, callbacks=[second])
    assert seen == [1, 2] and not (tmp_path/"run.npz.lock").exists()


def test_the_lock_of_a_dead_process_is_nobodys(tmp_path):
    path = tmp_path/"run.npz"
    code = ("import os, sys; from pathlib import Path; from optim.training.locks import "
            "alone\nwith alone(Path(sys.argv[1])): print('in', flush=True); input()")
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"in\n"
        with pytest.raises(BlockingIOError, match=f"process {holder.pid}"), alone(path):
            pass
        holder.kill()
    assert (tmp_path/"run.npz.lock").exists()
    with alone(path):
        pass
    assert not (tmp_path/"run.npz.lock").exists()


@pytest.mark.parametrize("name, error, complaint", [
    ("none/run.npz", OSError, "there is no folder '.*none'; make it first"),
    ("locked/run.npz", OSError, "locked' is read-only"),
    ("folder.npz", OSError, "is no file"), ("run.txt", ValueError, "ends in .npz"),
    ("run", ValueError, "ends in .npz")])
def test_a_checkpoint_that_cannot_be_written_is_refused_before_the_work(
        name, error, complaint, tmp_path):
    (tmp_path/"folder.npz").mkdir()
    (tmp_path/"locked").mkdir(mode=0o555)
    model = network()
    start = model.state_dict()
    with pytest.raises(error, match=complaint):
        optim.fit(model, (X, Y), adam(model), checkpoint=tmp_path/name)
    assert not differing(model.state_dict(), start)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["folder.npz", "locked"]


def test_a_checkpoint_may_be_a_link_to_another_disk(tmp_path):
    (tmp_path/"far").mkdir()
    (tmp_path/"run.npz").symlink_to(tmp_path/"far"/"away.npz")
    run("plain", tmp_path/"run.npz", epochs=2)
    run("plain", tmp_path/"run.npz", epochs=3, resume=True)
    assert (tmp_path/"run.npz").is_symlink()
    assert sorted(files(tmp_path/"far")) == ["away.npz", "away.previous.npz"]


@pytest.fixture
def small_disk():
    """A function after which files can have so many bytes only."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_at_the_start_is_told_before_the_work(small_disk, tmp_path):
    small_disk(1000)
    model = network()
    start = model.state_dict()
    with pytest.raises(OSError, match="checkpoint '.*run.npz' cannot be written .*nothing "
                                      "was trained"):
        optim.fit(model, (X, Y), adam(model), checkpoint=tmp_path/"run.npz")
    assert not differing(model.state_dict(), start) and not [*tmp_path.iterdir()]


def test_a_disk_that_fills_up_costs_neither_the_run_nor_the_last_checkpoint(small_disk,
                                                                            tmp_path):
    path = tmp_path/"run.npz"
    wanted, _ = run("plain", epochs=4)
    with pytest.warns(RuntimeWarning) as said:
        found, _ = run("plain", path, epochs=4,
                       callbacks=lambda run: run.epoch == 2 and small_disk(1000))
    assert not differing(found, wanted)
    assert [str(each.message).replace(f"{tmp_path}/", "") for each in said] == [
        f"fit: the checkpoint of step {step} was not written (File too large); run.npz is "
        "of step 7; the run goes on" for step in (14, 21, 28)]
    small_disk(resource.RLIM_INFINITY)
    assert unpacked(in_archive(path))["state"]["counts"]["step"] == 7
    assert sorted(files(tmp_path)) == ["run.npz", "run.previous.npz"]
    assert not differing(run("plain", path, epochs=4, resume=True)[0], wanted)


# --------------------------------------------------------------------------- interrupts
def test_an_interrupt_ends_the_step_saves_and_says_how_to_go_on(tmp_path):
    path = tmp_path/"run.npz"
    wanted, _ = run("plain", evaluate_every=20)

    def pressed(run):
        if run.step >= 10:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt, match=(
            r"interrupted after step 11, in epoch 2 of 4; saved: .*run.npz; .* resume=True"
            )) as error:
        run("plain", path, evaluate_every=20, callbacks=pressed)
    assert error.value.history.t[-1] == 11
    assert error.value.history.stopped == "an interrupt"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    found, _ = run("plain", path, evaluate_every=20, resume=True)
    assert not differing(found, wanted)
    with pytest.raises(KeyboardInterrupt, match="no checkpoint was asked for"):
        run("plain", evaluate_every=20, callbacks=pressed)


def test_a_second_interrupt_does_not_wait():
    def pressed(run):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("it waited")

    with pytest.raises(KeyboardInterrupt) as error:
        run("plain", callbacks=pressed)
    assert not error.value.args


def test_in_another_thread_interrupts_stay_what_they_are():
    seen = []
    handler = signal.getsignal(signal.SIGINT)

    def noting(_):
        seen.append(signal.getsignal(signal.SIGINT) is handler)

    other = threading.Thread(target=run, args=("plain",), kwargs={
        "epochs": 1, "callbacks": noting})
    other.start()
    other.join()
    assert seen == [True]


# ------------------------------------------------------------------------------- packing
@pytest.mark.parametrize("value", [
    {}, {1: [0.1, float("inf"), None, True], "a": {"b": ()}}, [np.float32(0.1)], "text",
    {"w/x": np.arange(3.), "w": {"x": np.ones((2, 0))}}, 2**100, (1, [2, ("é",)]),
    {"tree": np.ones(2, bool)}, {"state": np.random.default_rng(0).bit_generator.state}])
def test_what_is_packed_comes_back_as_it_was(value, tmp_path):
    mg.save(tmp_path/"a.npz", packed(value))
    found = unpacked(mg.load(tmp_path/"a.npz"))
    assert repr(found) == repr(value) and type(found) is type(value)


def test_what_is_no_plain_data_is_not_packed():
    with pytest.raises(TypeError, match="a/b is <object.*needed plain data"):
        packed({"a": {"b": object()}})


# --------------------------------------------------------------------------------- kills
def test_runs_killed_at_random_moments_end_as_if_they_had_not_been():
    """tests/optim/resumed_runs.py kills as many as one likes."""
    done = subprocess.run([sys.executable, "-m", "tests.optim.resumed_runs", "3", "5"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 runs were killed, and each ended as if it had not been\n"


def test_the_comparison_of_killed_runs_sees_a_planted_error(tmp_path, monkeypatch):
    wanted, _ = run("plain", epochs=2)
    monkeypatch.setattr(optim.training.training_loop.Run, "generators",
                        lambda run: {})                     # and so nothing of them is kept
    broken_off("plain", tmp_path/"run.npz", 10, every=3, epochs=2, evaluate_every=None)
    found, _ = run("plain", tmp_path/"run.npz", epochs=2, resume=True)
    assert differing(found, wanted)
    (tmp_path/"run.npz").write_bytes(b"half")
    with pytest.raises(ValueError):
        resumed_runs.check_whole(tmp_path/"run.npz")
