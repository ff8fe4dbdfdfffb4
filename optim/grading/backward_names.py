"""What students call arguments and gradients, besides our names."""
from optim.grading.backward_exercises import Exercise
from optim.hints import squeezed

UPSTREAM = """dout dy dz dl da dx_out g grad grad_out grad_output upstream delta out_grad
    output_grad output_gradient grad_z grad_y d_out d_output d_y gradient dh dloss dscores
    top_grad grad_outputs dlogits douts accum_grad dvalues dupstream upstream_grad
    upstream_gradient grads error dl_dy dl_dout dl_dz dnext"""

# What students call an argument, besides its own name.
SYNONYMS = {
    "x": "input inputs inp data features images xin input_data",
    "w": "weight weights kernel filter filters theta table embeddings emb matrix",
    "b": "bias biases", "gamma": "scale weight w g", "beta": "shift bias b offset",
    "eps": "epsilon", "mask": "m keep drop_mask dropout_mask", "p": "keep_prob keep rate q",
    "stride": "s strides step", "pad": "padding p pads",
    "tall": "hh pool_height pool_h kernel_h kernel_height filter_height fh ph kh f k hf "
            "pool_size size kernel_size pool ksize",
    "wide": "ww pool_width pool_w kernel_w kernel_width filter_width fw pw kw wf",
    "y": "target targets labels label t ytrue true ground_truth expected",
    "dout": UPSTREAM}
BEFORE = {"x": "a aprev act activations h hidden"}
SYNONYMS_OF = {
    **dict.fromkeys("affine affine_images linear conv max_pool average_pool batch_norm "
                    "layer_norm dropout".split(), BEFORE),
    "cross_entropy": {"x": "logits scores z pred predictions yhat ypred"},
    "softmax": {"x": "logits scores z"}, "relu": {"x": "z"}, "tanh": {"x": "z"},
    "sigmoid": {"x": "z"},
    "mse": {"x": "pred preds prediction predictions yhat ypred output outputs out"},
    "embedding": {"x": "idx ids index indices tokens ix token_ids"}}


def meaning(name: str, asked: Exercise) -> str | None:
    """Which argument of the exercise a student's name is, or None."""
    own = [*asked.shapes, *asked.extra, "dout"]
    key = squeezed(name)
    for argument in own:
        if key == squeezed(argument):
            return argument
    for argument in own:
        words = f"{SYNONYMS_OF.get(asked.name, {}).get(argument, '')} " \
                f"{SYNONYMS.get(argument, '')}"
        if key in map(squeezed, words.split()):
            return argument
    return None


def gradient_of(name: str, asked: Exercise) -> str | None:
    """Which argument a student's name of a gradient belongs to: dW, grad_w, w_grad."""
    key = squeezed(name)
    for ends in ("gradof", "grad", "dl", "dj", "d", "g", "delta", ""):
        for rest in {key.removeprefix(ends), key.removesuffix(ends) if ends else key}:
            argument = meaning(rest, asked) if rest and (rest != key or not ends) else None
            if argument in asked.wanted:
                return argument
    return None
