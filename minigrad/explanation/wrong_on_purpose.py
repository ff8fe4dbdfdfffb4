"""Four engines, each wrong in one way, to be switched on for a lesson.

Each replaces one job of the walk back (tape.py) by the function beside which it is to be
read: tape.walk by two of them, tape.fit, tape.walk_back. While no block is on, the jobs of
the tape are its own, so that the right engine pays nothing.
"""
import inspect
import threading
import warnings
from heapq import heappop, heappush

from minigrad import tape
from minigrad.displays import Displays
from minigrad.primitives.shapes import astype
from minigrad.recording import blocks, recording
from minigrad.spellings import did_you_mean
from minigrad.stand_ins import session_here


def is_inner(tensor, ends, since):
    """Whether the walk goes on behind a tensor."""
    node = tensor._node
    return node is not None and node.time > since and tensor not in ends


def at_leaves(found, wanted, since):
    """The pairs (leaf, cotangent) among all that were found."""
    return [(tensor, g) for tensor, g in found.items() if (
        tensor in {*wanted} if wanted is not None else not is_inner(tensor, (), since))]


# --- the four -----------------------------------------------------------------------------
def walk_at_once(seeds, wanted, since, pull, forms):
    """Each tensor hands on what arrives first, as a plain recursion does, and waits for
    nothing: what arrives later at an inner one is lost."""
    ends, summed, waiting = {*(wanted or ())}, {}, [*seeds][::-1]
    while waiting:
        tensor, g = waiting.pop()
        late = tensor in summed
        summed[tensor] = summed[tensor] + g if late else g
        if not late and is_inner(tensor, ends, since):
            waiting += pull(forms, tensor._node, tensor, g)[::-1]
    return at_leaves(summed, wanted, since)


def walk_overwriting(seeds, wanted, since, pull, forms):
    """In the right order, but a second cotangent takes the place of the first."""
    ends, summed, waiting, pairs = {*(wanted or ())}, {}, [], seeds
    while True:
        for tensor, g in pairs:
            if tensor not in summed and is_inner(tensor, ends, since):
                heappush(waiting, (-tensor._node.time, tensor))
            summed[tensor] = g                          # and not summed[tensor] + g
        if not waiting:
            return at_leaves(summed, wanted, since)
        tensor = heappop(waiting)[1]
        pairs = pull(forms, tensor._node, tensor, summed[tensor])


def fit_no_shape(g, data):
    """The cotangent in the dtype of the data, in whatever shape it came."""
    return astype(g, data.dtype)


def walk_back_uncleared(seeds, **options):
    """What a leaf was given earlier in the block stays, whoever has cleared its .grad."""
    pairs, given = RIGHT["walk_back"](seeds, **options), innermost().given
    for leaf, g in pairs:
        if leaf._grad is None:
            leaf._grad = given.get(leaf)
        given[leaf] = g if leaf._grad is None else leaf.grad + g
    return pairs


# name: (what it does, the job of the tape, what does it instead)
ENGINES = {
    "no topological order": (
        "a tensor hands its cotangent on before all its uses have been summed",
        "walk", walk_at_once),
    "= for +=": (
        "a second cotangent overwrites the first", "walk", walk_overwriting),
    "no unbroadcast": (
        "a cotangent is not summed over the axes that broadcasting has stretched",
        "fit", fit_no_shape),
    "no zero_grad": (
        "the gradients of earlier backward passes stay, though .grad is cleared",
        "walk_back", walk_back_uncleared)}
ALSO_CALLED = {"recursion": "no topological order", "dfs": "no topological order",
               "no toposort": "no topological order", "overwrite": "= for +=",
               "no accumulation": "= for +=", "no broadcast": "no unbroadcast",
               "zero_grad": "no zero_grad"}


# --- the switch ---------------------------------------------------------------------------
RIGHT = {job: getattr(tape, job) for job in ("walk", "fit", "walk_back")}
origin = Displays._origin
running: list = []                      # the blocks that are on, in any thread
switching = threading.Lock()


def innermost():
    """The block of this thread or task that is on, the innermost one, or None."""
    return next((block for block in blocks.get() if block in running), None)


def switched(job):
    """A job of the tape, done as the innermost block says."""
    def run(*args, **options):
        block = innermost()
        wrong = block is not None and block.job == job
        return (block.instead if wrong else RIGHT[job])(*args, **options)
    return run


def mark():
    """Nothing, or which engine is on, as ", WRONG ENGINE: name"."""
    block = innermost()
    return f", WRONG ENGINE: {block.name}" if block else ""


def marked_origin(self):
    """What made a tensor, and which engine would differentiate it."""
    return origin(self) + mark()


def switch(on):
    """Let the tape ask which engine it is to be, or no longer."""
    for job, right in RIGHT.items():
        setattr(tape, job, switched(job) if on else right)
    Displays._origin = marked_origin if on else origin


class wrong_engine(recording):
    """A block, or a function, in which gradients are computed by an engine that is wrong.

    name is one of wrong_engines(): "no topological order", "= for +=", "no unbroadcast" or
    "no zero_grad". Entering warns, and tensors say so when they are printed. It holds in
    the thread, or the task, that enters it; the right engine is back at the end, also after
    an exception. Of nested blocks the innermost counts. Within, steps of mg.compile run
    as plain Python. Raises ValueError for another name, RuntimeError while mg.compile
    records, whose program would stay wrong.

    >>> import minigrad as mg
    >>> a = mg.tensor(3., requires_grad=True)
    >>> with warnings.catch_warnings(action="ignore"), wrong_engine("= for +="):
    ...     (a + a).backward()
    ...     a
    tensor(3., requires_grad=True, WRONG ENGINE: = for +=)
    >>> a.grad                          # and not 2.
    array(1.)
    """

    written = "wrong_engine(name)"

    def __init__(self, name):
        if name not in ENGINES:
            hint = did_you_mean(name, ENGINES, ALSO_CALLED)
            raise ValueError(f"wrong_engine: no engine is called {name!r};{hint} there are "
                             f"{', '.join(map(repr, ENGINES))}")
        super().__init__()
        self.name, self.given = name, {}
        self.what, self.job, self.instead = ENGINES[name]

    def __enter__(self):
        if session_here() is not None:
            raise RuntimeError("wrong_engine: mg.compile is recording, and its program "
                               "would stay wrong; call the compiled step inside the block")
        warnings.warn(f"the engine is wrong on purpose until the block ends, {self.name}: "
                      f"{self.what}", stacklevel=2)
        with switching:
            running.append(self)
            switch(True)
        super().__enter__()
        return self

    def __exit__(self, kind, error, trace):
        super().__exit__()
        with switching:
            running.remove(self)
            if not running:
                switch(False)
        self.given.clear()
        if error is not None:
            error.add_note(f"this was while the engine was wrong on purpose: {self.name}")

    def _recreate_cm(self):
        return wrong_engine(self.name)          # each call of a function has its own

    @property
    def source(self):
        """The job of the tape as it is right, and what is done instead."""
        return "\n\n\n".join(inspect.getsource(f).rstrip()
                           for f in (RIGHT[self.job], self.instead))

    def __repr__(self):
        state = "on" if self in running else "off"
        return f"<wrong engine, {state}: {self.name}; its code and the right one: .source>"
