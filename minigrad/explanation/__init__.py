"""What a backward pass did, and what is wrong with it, in reading order:

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
    findings.py             what the doctor says
    not_finite.py           NaN and infinities: where the first is born
    misfits.py              shapes and dtypes that do not fit
    stalled.py              what does not learn
    doctor.py               what is wrong with a backward pass
    watching.py             every backward pass of a program, looked at while it runs
"""
from minigrad.explanation.backward_records import Edge, Step
from minigrad.explanation.explaining import explain
from minigrad.explanation.explanations import Explanation
from minigrad.explanation.wrong_on_purpose import wrong_engine
from minigrad.explanation.wrong_programs import wrong_engines

__all__ = ["Edge", "Explanation", "Step", "explain", "wrong_engine", "wrong_engines"]
