"""How two expressions are decided to agree or not, in reading order.

    verdicts.py         PROVED, BY THEOREM, REFUTED or UNDECIDED, and why
    needs.py            what must hold for a rewritten formula to have a value
    decimals.py         a float is the decimal that it prints as
    intervals.py        numbers that are exact, or surely enclosed, and functions of them
    comparisons.py      whether a condition holds, if it is known of each relation in it
    evaluator.py        the value of a formula at a rational point
    points.py           rational points that are often telling
    goals.py            one goal, and the points that refute it
    signs.py            signs
    parametrised.py     polynomials on a domain as polynomials in numbers >= 0
    certificates.py     why a polynomial has just these signs on a domain
    contradictions.py   facts that cannot hold at once
    generators.py       what stands for a root, a power, a function
    factors.py          the sign of a rational function, by its factors
    lemmas.py           textbook inequalities about functions, as facts
    facts.py            what is known of signs in one case, and when to split it
    powers.py           powers and roots as products of generators
    functions.py        exp, log, waves, floor as rational functions of generators
    choices.py          |x|, max, min and Piecewise, by signs
    branches.py         a formula as a rational function of generators, in one case
    thin.py             sets without a rational point, which a proof may leave out
    splitting.py        the cases of a split
    cases.py            a proof by cases that cover the domain
    inductions.py       a proof by induction on t
    decision.py         the verdict on a goal: points, then proofs
    limits.py           a verdict within a time limit that really ends the search
    expressions.py      two expressions: the goal, made and decided

What it decides is the algebra of rules and schedules. Out of its reach, and UNDECIDED:
inequalities between polynomials that need more than one square or an order (Motzkin's);
between functions that need more of a series than lemmas.py has (tanh x <= x, exp x >= e x,
(1 + 1/t)^t >= 2); floors of parts of one number (floor(t/2) + floor((t + 1)/2) = t);
roots within roots that no single square tells apart; more cases than there is time for.
"""
