"""A rule as one types it: "v = rho*v + (1 - rho)*g**2; theta - lr*g/(sqrt(v) + eps)".

Of what formulas.typed_formulas reads, and nothing else; then a rule like any other.
"""
import ast

from optim.formulas.typed_formulas import FUNCTIONS, checked
from optim.lifting.rule_source import compiled
from optim.optimizers.signatures import Rule

STATES = ("m", "v", "v_max", "v_delta", "mu_product", "g_mean", "g_prev", "size", "d_mean",
          "theta_mean", "step", "lr_now", "share", "zt")      # what the legend says moves


def is_typed(words: str) -> bool:
    """Whether a text is arithmetic with theta in it."""
    return "theta" in words and any(sign in words for sign in "+-*/")


def typed_rule(words: str) -> Rule:
    """The rule that is typed: what each state becomes, in order, and then theta.

    States start at 0; a letter that is no state, and not theta, g or t, is a
    hyperparameter. Raises ValueError for what is none of that.

    >>> typed_rule("m = mu*m + lr*g; theta - m")(1., 2., 4., t=1, lr=.5, mu=.25)
    (-1.0, 2.0)
    """
    *lines, last = [part.strip() for part in words.split(";") if part.strip()]
    last = last.removeprefix("theta = ").removeprefix("theta=")
    made: dict[str, str] = {}
    for line in lines:
        name, equal, right = line.partition("=")
        name = name.strip()
        if not equal or not name.isidentifier() or name in (*FUNCTIONS, "theta", "g", "t"):
            raise ValueError(f"{line!r} came; needed what a state becomes, such as "
                             "'m = mu*m + lr*g'")
        made[name] = checked(right, words)
    step = checked(last, words)
    used = [n.id for e in (*made.values(), step) for n in ast.walk(ast.parse(e))
            if isinstance(n, ast.Name) and n.id not in FUNCTIONS]
    if missing := [n for n in dict.fromkeys(used) if n in STATES and n not in made]:
        raise ValueError(f"{words!r} does not say what {missing[0]} becomes; write "
                         f"'{missing[0]} = ...; theta - ...'")
    others = [n for n in dict.fromkeys(used) if n not in (*made, "theta", "g", "t")]
    given = ", ".join(["theta", "g", *made, "*", "t", *others])
    body = [f"    {name} = {e}" for name, e in made.items()]
    calls = {n: f"np.{n}" for n in FUNCTIONS}
    text = "\n".join([f"def typed({given}):", *body,
                      f"    return {', '.join([step, *made])}", ""])
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            node.func.id = calls[node.func.id]
    return compiled("typed", ast.unparse(tree) + "\n")
