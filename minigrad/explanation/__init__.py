"""What a backward pass did, and what is wrong with it, in reading order:

    written_vjps.py         VJPs of whole arrays as text, by running them on text
    local_derivatives.py    the derivative of one call, as a formula and as a number
    backward_records.py     each value with its cotangent, each edge with its derivative
    names_of_tensors.py     what the user calls a tensor
    evaluation_trace.py     forward values, then adjoints, as a table
    graph_layout.py         where the nodes of a graph are drawn
    graph_pictures.py       the graph as SVG
    step_through.py         the way back step by step
    wrong_on_purpose.py     four engines that are wrong, to be switched on
    wrong_programs.py       the smallest programs on which each errs
    explanations.py         what mg.explain gives
    explaining.py           mg.explain: the engine's walk back, watched
    user_source.py          the user's own expression, and how it would be repaired
    findings.py             what the doctor says
    not_numbers.py          where NaN and infinity are born
    influence.py            parameters and units that do not learn
    shapes_and_dtypes.py    broadcasts and dtypes that nobody asked for
    probabilities.py        softmax and sigmoid where they do not belong
    kinks.py                conventions that were used
    doctor.py               what is wrong with a backward pass
    watched_passes.py       every backward pass of a program
    over_steps.py           what is seen over several of them only
    scripts.py              a script, run as `python script.py` would
"""
from minigrad.explanation.backward_records import Edge, Step
from minigrad.explanation.explaining import explain
from minigrad.explanation.explanations import Explanation
from minigrad.explanation.findings import Diagnosis, Finding
from minigrad.explanation.watched_passes import watching
from minigrad.explanation.wrong_on_purpose import wrong_engine
from minigrad.explanation.wrong_programs import wrong_engines

__all__ = ["Diagnosis", "Edge", "Explanation", "Finding", "Step", "explain", "watching",
           "wrong_engine", "wrong_engines"]
