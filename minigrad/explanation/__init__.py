"""What a backward pass did, and what is wrong with it.

In reading order:

    wrong_on_purpose.py  four engines that are wrong, to be switched on
    wrong_programs.py    the smallest programs on which each errs
"""
from minigrad.explanation.wrong_on_purpose import wrong_engine
from minigrad.explanation.wrong_programs import wrong_engines

__all__ = ["wrong_engine", "wrong_engines"]
