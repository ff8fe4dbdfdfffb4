"""mg.compile: a step recorded once, printed as NumPy source, and run as that.

In reading order:

    calls.py             what a recording is: calls, inputs, constants
    recorded_numbers.py  a number that remembers what it was computed from
    recorded_arrays.py   an array likewise
    shared_memory.py     what arrays that share memory hold after a write
    places.py            the line of code that asked for a call
    elementary.py        calls that NumPy has no function for
    recorded_calls.py    each call is made, and written down
    recorder.py          which calls NumPy's functions and our own are
    simplifying.py       equal calls once, constants folded
    comparing.py         two recordings, which must agree
    small_products.py    np.dot for np.matmul, where it gives the same bits
    sliding.py           windows as loops over the places in a kernel
    forms.py             how each function is written
    blocks.py            runs of elementwise calls, worked block by block
    buffers.py           which memory each result is written into
    naming.py            what it is called
    cells.py             numbers in arrays of shape ()
    loops.py             a run of calls as a loop over blocks
    lines.py             its lines, one for each call
    printing.py          the source
    drawing.py           random numbers, drawn anew at every call
    bound_names.py       names, and whether they are bound as they were
    code_names.py        the names that code speaks of
    watching.py          what a function reaches by names
    surroundings.py      clocks, files and random states that are asked
    fetching.py          where an input is fetched
    questions.py         what the engine asks becomes a guard
    undoing.py           a recorded call taken back
    session.py           the recording of one call, with what it reads and writes outside
    call_leaves.py       the arguments of a call, and its signature
    outcome.py           what a recorded call has given
    results.py           what a compiled function returns
    doors.py             what is done around the source at every call
    replaying.py         source bound to its arrays, and its door
    recordings.py        one call, recorded
    overview.py          the graph as text
    compiled.py          mg.compile
    kernels.py           a pure function of arrays, in place
"""
from minigrad.compiler.compiled import Compiled, compile
from minigrad.compiler.kernels import Kernel, kernel
from minigrad.compiler.shared_memory import CannotFollow

__all__ = ["CannotFollow", "Compiled", "Kernel", "compile", "kernel"]
