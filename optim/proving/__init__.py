"""How optim.prover decides a goal, in reading order.

    domains.py    where a symbol lies: declare("lr", "> 0")
    verdicts.py   PROVED, REFUTED or UNDECIDED, and why
    intervals.py  the value of a formula at a rational point, exact or surely enclosed
    points.py     rational points that are often telling
    signs.py      which signs a polynomial can have on a domain, by certificates
    facts.py      what is known of signs in one case, and when to split it
    powers.py     powers and roots as rational functions of generators
    branches.py   formulas as rational functions of generators, in one case
    cases.py      one goal: points that refute it, cases that prove it
    limits.py     the time limit that really ends a proof
"""
