"""What a backward pass did, and what is wrong with it, in this reading order:

    records.py       Step and Edge: what one operation did, forward and back
    collecting.py    the tape, read and walked back once, as Steps
    names.py         what the caller calls the tensors
    formulas.py      local derivatives as formulas, by running the VJPs on formulas
    written.py       VJPs of whole arrays as text, by running them on text
    numbers.py       arrays in few words
    tables.py        the evaluation trace: forward values, then adjoints
    layout.py        where the nodes of a graph stand
    graphs.py        the graph as SVG
    stepping.py      the backward pass step by step, as text and as a control
    explanations.py  mg.explain and what it returns
"""
from minigrad.explanation.explanations import Explanation, explain
from minigrad.explanation.records import Edge, Step

__all__ = ["Edge", "Explanation", "Step", "explain"]
