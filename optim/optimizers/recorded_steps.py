"""An optimizer's step while a whole training step is recorded (minigrad.compiler).

It is the same step. What it reads (t, hyperparameters, states) enters as inputs of the
recording, what it would refuse becomes a guard, and what it writes is recorded as written.
"""
import functools
import re
from typing import Any, NamedTuple

import numpy as np

from minigrad.guards import here
from minigrad.stand_ins import numeric
from minigrad.writes import array_of, note_writes
from optim.optimizers.arena import Part
from optim.optimizers.groups import Choice, arguments_in
from optim.optimizers.lasting_bounds import lasting_bounds
from optim.optimizers.signatures import is_of_whole_parameters, name_of, step_of
from optim.optimizers.stepping import check_kind, refuse_infinite
from optim.optimizers.supplies import Given, supplied_to_parts


def record_step(session: Any, optimizer: Any, closure: Any) -> None:
    """The step of an optimizer, recorded.

    Raises what the step raises, and minigrad.compiler.CannotFollow for a rule that a
    recording cannot repeat.
    """
    session.begin_with(optimizer._check_groups)
    choices = Choices(session, optimizer)
    for text in ("{}._parts", "len({}._parts)", "{}.check_finite", "{}.allow_missing"):
        session.must_hold(text, optimizer)
    takes: list[Taken] = []
    line = here(2)
    with np.errstate(all="ignore"):
        for part in list(optimizer._parts):
            gradients = gradients_of(session, optimizer, part)
            present = [g for g in gradients if g is not None]
            if 0 < len(present) < len(gradients):
                at = optimizer._parts.index(part)
                part, resting = part.divided([g is not None for g in gradients])
                optimizer._parts[at:at + 1] = [part, resting]
                session.must_hold("len({}._parts)", optimizer)
            if present:
                takes.append(taken(session, optimizer, part, present, choices))
        given = supplied_to_parts(
            optimizer, [(take.part, take.given()) for take in takes], closure, line)
        if optimizer.check_finite:
            session.must_be_finite([x for known in given[:1] for x in known.values()
                                    if not hasattr(x, "shape")])
        takes = [x._replace(settings=x.settings | known) for x, known in zip(takes, given)]
        moves = [(take.part, take.before, after_step(session, optimizer, take))
                 for take in takes]
    for part, before, after in moves:
        take(session, part, before, after)
    t = session.number_of(optimizer, "{}.t", "steps")
    session.set(optimizer, "{}.t", t + 1)


def gradients_of(session: Any, optimizer: Any, part: Part) -> list[Any]:
    """Of each parameter of a part its gradient, None where it rests."""
    for place in part.places:
        if session.lives_in(place.tensor) is not place.home:
            optimizer._refuse_moved(place)
        session.must_hold("{}.requires_grad", place.tensor)
    gradients = [x.grad if x.requires_grad else None for x in part.tensors]
    for place, gradient in zip(part.places, gradients):
        optimizer._refuse_missing(place, gradient)
    return gradients


@functools.cache
def whole_step(rule: Any) -> Any:
    """A rule that looks at whole parameters, in Python: it is called as it is."""
    @functools.wraps(rule)
    def step(theta, g, *states, **settings):
        return step_of(rule, theta, g, *states, **settings)
    step.__name__ = re.sub(r"\W+", "_", name_of(rule))          # it becomes a name
    return step


class Taken(NamedTuple):
    """What the rule takes for a part."""
    part: Part
    rule: Any
    g: Any
    before: dict[str, Any]              # theta and states by name
    settings: dict[str, Any]            # t and hyperparameters
    bounded: bool                       # so that nothing can become infinite or NaN

    def given(self) -> Given:
        """The same, for what the rule is given besides."""
        theta, *states = self.before.values()
        return Given(theta, self.g, (*states,), self.settings)


class Choices:
    """Where a recording finds what the groups choose, schedules at the t of its step.

    For the first step of a recording in _groups, for the second one in _ahead[1].
    """

    def __init__(self, session: Any, optimizer: Any):
        began = session.began.get((id(optimizer), "{}.t"))
        self.optimizer, self.ahead = optimizer, optimizer.t - began[2] if began else 0
        self.text, scheduled = "{{}}._groups[{}].choice", [
            group.scheduled for group in optimizer._groups]
        self.later = bool(self.ahead) and any(scheduled)
        if self.later:
            self.text = f"{{{{}}}}._ahead[{self.ahead}][{{}}]"
            optimizer._ahead[self.ahead] = [group.choice for group in optimizer._groups]
            session.begin_with(self.look_ahead)

    def look_ahead(self) -> None:
        """Find what will be chosen then, before the first step is taken."""
        t = self.optimizer.t + self.ahead + 1
        self.optimizer._ahead[self.ahead] = [
            self.optimizer._choice(arguments_in(group.known), t)
            for group in self.optimizer._groups]

    def of_group(self, k: int) -> Choice:
        """What a group chooses for the step."""
        return (self.optimizer._ahead[self.ahead][k] if self.later else
                self.optimizer._groups[k].choice)


def taken(session: Any, optimizer: Any, part: Part, gradients: list[Any],
          choices: Choices) -> Taken:
    """What the rule takes; and what is asked of it before anything is written."""
    k = part.places[0].group
    choice, text = choices.of_group(k), choices.text.format(k)
    rule = choice.rule
    session.must_hold(f"{text}.rule", optimizer)
    session.must_hold(f"{text}.maximize", optimizer)
    settings = {name: session.number_of(optimizer, f"{text}.settings[{name!r}]", name)
                for name in choice.settings}
    g = part.joined(gradients)
    if choice.maximize:
        g = -g
    before = {"theta": session.array(part.arena, "theta", part, "{}.arena") if part.whole
              else np.concatenate([array_of(x) for x in part.tensors], axis=None)}
    for name, state in part.states.items():
        text = f"{{}}.states[{name!r}]"
        before[name] = (session.number_of(part, text, name) if type(state) is float else
                        session.array(state, name, part, text))
    bounds = lasting_bounds(part, choice) if optimizer.check_finite else None
    if bounds is not None:
        session.begin_with(lambda: bounds.check(choices.of_group(k)))
        session.must_be_small(g, bounds.largest_g)
        session.must_be_small(before["theta"], bounds.largest)
    t = session.number_of(part, "{}.t", "steps") + 1
    return Taken(part, rule, g, before, {"t": t, **settings}, bounds is not None)


def after_step(session: Any, optimizer: Any, take: Taken) -> dict[str, Any]:
    """What the rule makes of theta and the states, by name."""
    part, rule = take.part, take.rule
    takes = take.before["theta"], take.g, *[*take.before.values()][1:]
    results = (session.call(whole_step(rule), takes, take.settings)
               if is_of_whole_parameters(rule) else step_of(rule, *takes, **take.settings))
    after = {}
    for (name, old), new in zip(take.before.items(), results):
        if hasattr(old, "shape"):
            if optimizer._as_libraries or not old.ndim:
                new = numeric(new).astype(old.dtype, copy=False)
            check_kind(rule, name, session.plain(old), session.plain(new))
            if any(new.memory is other.memory for at, other in take.before.items()
                   if at != name and hasattr(other, "shape")):
                new = new.copy()            # which is written before this one is
        else:
            new = session.as_float(new)
        after[name] = new
    if optimizer.check_finite:
        refuse_infinite("gradient", session.plain(take.g), part, {})
        for name, new in after.items():
            if hasattr(new, "shape"):
                refuse_infinite(f"new {name}", session.plain(new), part, {})
        if not take.bounded:
            session.must_be_finite([take.g, *after.values()])
    return after


def take(session: Any, part: Part, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Write the results of a step where they belong."""
    for name, new in after.items():
        if not hasattr(new, "shape"):
            session.set(part, f"{{}}.states[{name!r}]", new)
        elif name == "theta" and not part.whole:
            ends = np.cumsum([place.home.size for place in part.places])
            for tensor, place, end in zip(part.tensors, part.places, ends):
                array_of(tensor)[...] = np.reshape(new[end - place.home.size:end],
                                               place.home.shape)
        else:
            before[name][...] = new
    session.set(part, "{}.t", session.number_of(part, "{}.t", "steps") + 1)
    session.set(part, "{}.kernel", None)            # it knows bounds of what was there
    note_writes(part.tensors, here(2))
