"""A rule as one types it: "v = rho*v + (1 - rho)*g**2; theta - lr*g/(sqrt(v) + eps)".

Read by its syntax tree, which may hold numbers, letters, arithmetic, comparisons and the
functions below, and nothing else; then a rule like any other.
"""
import ast

from optim.lifting.rule_source import compiled
from optim.optimizers.signatures import Rule
from optim.rules import LEGEND

FUNCTIONS = ("sqrt", "abs", "sign", "exp", "log", "maximum", "minimum", "where")
PARTS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Load,
         ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd,
         ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq)
STATES = ("m", "v", "v_max", "v_delta", "mu_product", "g_mean", "g_prev", "size", "d_mean",
          "theta_mean", "step", "lr_now", "share", "zt")      # what the legend says moves
LONGEST, LARGEST = 1000, 1000               # letters of a formula; a number in a power


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


def checked(text: str, words: str) -> str:
    """The formula, if it holds nothing but what may stand in one."""
    try:
        if len(words) > LONGEST:
            raise ValueError
        nodes = [*ast.walk(ast.parse(text.strip(), mode="eval"))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text.strip()[:80]!r} is no formula; needed one such as "
                         "'theta - lr*g/(sqrt(v) + eps)'") from None
    names = [node.func for node in nodes if isinstance(node, ast.Call)]
    for node in nodes:
        called = getattr(getattr(node, "func", None), "id", None)
        if isinstance(node, ast.Call) and (called not in FUNCTIONS or node.keywords):
            raise ValueError(f"{called or ast.unparse(node)!r} is no function here; there "
                             f"are {', '.join(FUNCTIONS)}")
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if not isinstance(node, PARTS) or isinstance(node, ast.Constant) and not number:
            raise ValueError(f"{ast.unparse(node)[:80]!r} may not stand in a formula; "
                             "needed numbers, letters, + - * / **, and functions")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and any(
                not plain(part) for part in (node.left, node.right)):
            raise ValueError(f"{ast.unparse(node)[:80]!r} is too large a number")
        if isinstance(node, ast.Name) and node not in names and (
                node.id.startswith("_") or node.id in FUNCTIONS):
            raise ValueError(f"{node.id!r} is no letter of a formula; such as "
                             f"{', '.join([*LEGEND][:8])}")
    return text.strip()


def plain(e: ast.AST) -> bool:
    """Whether it has a letter, or is one number that is not large."""
    if any(isinstance(node, ast.Name) for node in ast.walk(e)):
        return True
    e = e.operand if isinstance(e, ast.UnaryOp) else e
    if isinstance(e, ast.BinOp) and isinstance(e.op, ast.Div):          # x**(1/2)
        return plain(e.left) and plain(e.right)
    return isinstance(e, ast.Constant) and isinstance(e.value, (int, float)) and (
        abs(e.value) <= LARGEST)
