"""How optim.prover decides whether two sides agree, in reading order.

    domains.py       where a symbol lies: declare("lr", "> 0")
    verdicts.py      PROVED, REFUTED or UNDECIDED, and why
    needs.py         what must hold for a cancelled formula to have a value
    intervals.py     the value of a formula at a rational point, exact or surely enclosed
    points.py        rational points that are often telling
    goals.py         one goal, and the points that refute it
    signs.py         signs, and the ranges that symbols lie in
    certificates.py  why a polynomial has just these signs on a domain
    facts.py         what is known of signs in one case, and when to split it
    powers.py        powers and roots as products of generators
    branches.py      formulas as rational functions of generators, in one case
    thin.py          sets without a rational point, which a proof may leave out
    cases.py         a proof by cases that cover the domain
    inductions.py    a proof by induction on t
    limits.py        points and proofs, within a time limit that really ends them
    expressions.py   two expressions: the goal, made and decided
    optimizers.py    an optimizer as the prover sees it, and several goals as one
    simulations.py   two optimizers: the same updates, or one seen through a map
    conditions.py    the change of letters that makes two optimizers one
"""
