"""How two expressions are decided to agree or not, in reading order.

    verdicts.py         PROVED, BY THEOREM, REFUTED or UNDECIDED, and why
    needs.py            what must hold for a cancelled formula to have a value
    decimals.py         a float is the decimal that it prints as
    intervals.py        numbers that are exact, or else surely enclosed
    comparisons.py      whether a condition holds, if it is known of each relation in it
    evaluator.py        the value of a formula at a rational point
    points.py           rational points that are often telling
    goals.py            one goal, and the points that refute it
    signs.py            signs, and the ranges that symbols lie in
    parametrised.py     polynomials on a domain, in numbers that are > 0, >= 0 or real
    certificates.py     why a polynomial has just these signs on a domain
    contradictions.py   several facts that cannot hold at once
    facts.py            what is known of signs in one case, and when to split it
    lemmas.py           textbook inequalities about functions that are no polynomials
    powers.py           powers and roots as products of generators
    functions.py        other functions as rational functions of generators
    branches.py         formulas as rational functions of generators, in one case
    thin.py             sets without a rational point, which a proof may leave out
    cases.py            a proof by cases that cover the domain
    inductions.py       a proof by induction on t
    decision.py         the verdict on a goal: points, then proofs
    limits.py           a time limit that really ends a computation
    expressions.py      two expressions: the goal, made and decided
"""
