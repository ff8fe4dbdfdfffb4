"""Record keras.json: what the installed Keras computes, in float64 on JAX.

    python tests/golden/record_keras.py             writes tests/golden/keras.json

Starting parameters and gradients are those of torch.json. Keras takes means in float32
here, whatever it is given (keras/src/backend/jax/numpy.py, mean); Adafactor alone asks for
means, and gets them in float64.
"""
import inspect
import json
import os
from pathlib import Path

HERE = Path(__file__).parent
CASES = {
    "SGD": [{}, {"learning_rate": 0.1, "weight_decay": 0.1},
            {"learning_rate": 0.1, "momentum": 0.9},
            {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.1},
            {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
            {"learning_rate": 0.1, "momentum": 0.5, "nesterov": True, "weight_decay": 0.1}],
    "Adagrad": [{}, {"learning_rate": 0.1, "initial_accumulator_value": 0.0,
                     "epsilon": 1e-3, "weight_decay": 0.1}],
    "Adadelta": [{}, {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-3,
                      "weight_decay": 0.1}],
    "RMSprop": [{}, {"learning_rate": 0.1, "rho": 0.5, "epsilon": 1e-3,
                     "weight_decay": 0.1}, {"learning_rate": 0.1, "momentum": 0.9},
                {"learning_rate": 0.1, "centered": True, "epsilon": 1e-3},
                {"learning_rate": 0.1, "centered": True, "momentum": 0.9,
                 "epsilon": 1e-3}],
    "Adam": [{}, {"learning_rate": 0.1, "epsilon": 1e-3},
             {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.6, "weight_decay": 0.1},
             {"learning_rate": 0.1, "amsgrad": True, "beta_2": 0.5}],
    "AdamW": [{}, {"learning_rate": 0.1, "weight_decay": 0.1, "amsgrad": True}],
    "Adamax": [{}, {"learning_rate": 0.1, "epsilon": 1e-3, "weight_decay": 0.1}],
    "Nadam": [{}, {"learning_rate": 0.1, "epsilon": 1e-3, "weight_decay": 0.1}],
    "Lion": [{}, {"learning_rate": 0.1, "beta_1": 0.5, "weight_decay": 0.1}],
    "Ftrl": [{}, {"learning_rate": 0.1, "learning_rate_power": -0.7, "beta": 0.1,
                  "l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2,
                  "l2_shrinkage_regularization_strength": 0.3}],
    "Lamb": [{}, {"learning_rate": 0.1, "weight_decay": 0.1}],
    "ScheduleFreeAdamW": [{}, {"learning_rate": 0.1, "warmup_steps": 3,
                               "weight_decay": 0.1}],
    "Adafactor": [{}, {"learning_rate": 0.5, "clip_threshold": 0.5, "weight_decay": 0.1}],
}


def recorded(name, kwargs, start, gradients):
    """The parameters after each step of keras.optimizers."name"."""
    import jax
    import keras
    p = keras.Variable(start, dtype="float64")
    opt = getattr(keras.optimizers, name)(**kwargs)
    opt.build([p])
    after = []
    for g in gradients:
        opt.apply([jax.numpy.asarray(g, "float64")], [p])
        after.append(p.numpy().tolist())
    return after


def record():
    """What keras.json holds."""
    os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported
    import jax
    import keras
    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    keras.src.ops.mean = jax.numpy.mean
    same = json.loads((HERE/"torch.json").read_text())
    of_all = {"self", "kwargs", *inspect.signature(keras.optimizers.Optimizer).parameters}
    cases = []
    for name, each in CASES.items():
        takes = inspect.signature(getattr(keras.optimizers, name)).parameters
        defaults = {n: p.default for n, p in takes.items()
                    if n not in of_all or n in ("learning_rate", "weight_decay")}
        for k, kwargs in enumerate(each):
            cases.append({
                "name": f"{name.lower()}_{k}", "optimizer": f"keras.optimizers.{name}",
                "kwargs": kwargs, "all_hyperparameters": defaults | kwargs,
                "params_after_step": recorded(name, kwargs, same["initial_params"],
                                              same["gradients"])})
    return {"library": f"keras {keras.__version__}", "jax": jax.__version__,
            "dtype": "float64",
            **{n: same[n] for n in ("gradient_sequence_description", "seed",
                                    "initial_params", "gradients", "n_steps", "precision")},
            "cases": cases}


if __name__ == "__main__":
    (HERE/"keras.json").write_text(json.dumps(record(), indent=1) + "\n")
