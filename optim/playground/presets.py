"""What the page can begin with: the note's two animations, a fair race, Reddi's example."""
from typing import Any

from optim.optimizers.signatures import name_of
from optim.races.replays import LANDSCAPE, ORIGINAL, STEPS, replayed
from optim.rules import RULES


def run(label: str, rule: Any, own: dict[str, Any]) -> dict[str, Any]:
    """One method: its rule's key, and those hyperparameters that are not its defaults."""
    return {"label": label, "rule": name_of(rule), "hyper": own}


def presets() -> dict[str, dict[str, Any]]:
    """{name: {title, landscape, start, steps, runs}}."""
    fair = replayed("contours", lr="tuned")
    tuned = [run(label, rule, own | {"lr": float(fair[label].hyperparameters["lr"])})
             for label, (rule, own) in ORIGINAL["contours"].items()]
    titles = {"contours": "Six tuned runs on Beale's function",
              "saddle": "Six methods at a saddle"}
    found = {name: {"title": titles[name], "landscape": LANDSCAPE[name], "steps": STEPS,
                    "runs": [run(label, *x) for label, x in field.items()]}
             for name, field in ORIGINAL.items()}
    reddi = {"lr": 0.05, "beta1": 0, "beta2": 0.1}
    return found | {
        "fair": {"title": "A fair race: each with the best of the same learning rates",
                 "landscape": "beale", "steps": STEPS, "runs": tuned},
        "reddi": {"title": "Reddi's example: Adam goes to the worst point",
                  "landscape": "reddi", "steps": 600, "runs": [
                      run("Adam", RULES["adam"], reddi),
                      run("AMSGrad", RULES["amsgrad"], reddi)]}}
