"""An existing implementation as a formula: which rule does it really compute?

It is run on numbers that remember the calls that made them. The calls are written down as a
rule of ours, in plain NumPy, which is then read as any other.

In reading order:

    graph.py          calls of NumPy's functions, and numbers that remember them
    joined_runs.py    several runs joined: what they differ in, and where they part
    named_norms.py    a norm by its name, measured in a run
    unrelated_points.py  where an implementation is run
    other_sides.py    where it would do what no run has done
    names.py          what other libraries call our letters
    arguments.py      which arguments are letters
    rule_source.py    a graph as the source of a rule
    assembly.py       from runs to a formula, checked on numbers
    kept_outside.py   what a library's optimizer remembers where it should not
    pytorch_code.py   the operations of PyTorch
    pytorch_steps.py  an optimizer on PyTorch, step by step
    jaxprs.py         what JAX has traced
    jax_tracing.py    a function traced, and what Python asks meanwhile
    optax_steps.py    an optimizer of Optax
    keras_steps.py    an optimizer of Keras, on its JAX backend
    numpy_code.py     arrays of NumPy whose entries remember
    storage.py        where plain Python keeps what it remembers
    calling.py        how homework is called
    sessions.py       a run of homework from its beginning
    letters.py        which of what it remembers is which letter
    numpy_steps.py    a function or a class in plain NumPy
    jax_functions.py  a function on JAX's arrays
    rule_functions.py a function that is a rule, in a file
    python_files.py   FILE.py:NAME
    lifted.py         lift: all of it
    file_process.py   a file lifted in a process of its own
"""
