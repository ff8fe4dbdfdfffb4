"""Questions about an array that are answered by plain values, never by a Tensor."""
import os
import sys

import numpy as np

NUMPY = os.path.dirname(np.__file__) + os.sep

PLAIN = {
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj,
    np.common_type, np.min_scalar_type, np.shares_memory, np.may_share_memory,
    np.array2string, np.array_repr, np.array_str, np.einsum_path,
    np.zeros_like, np.ones_like, np.empty_like,
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition,
    np.lexsort, np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero,
    np.searchsorted, np.digitize,
    np.any, np.all, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin,
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.isfinite, np.isnan, np.isinf, np.isposinf, np.isneginf, np.isreal, np.iscomplex,
    np.signbit, np.logical_and, np.logical_or, np.logical_not, np.logical_xor,
    np.linalg.matrix_rank, np.histogram_bin_edges, np.diag_indices_from, np.ix_,
    np.tril_indices_from, np.triu_indices_from, np.save, np.savez, np.savez_compressed,
    np.savetxt,
}

# Programs that give what a function without a derivative here would: Python expressions in
# its own argument names. A comment says for which arguments; tests run every one of them.
INSTEAD = {
    np.linalg.eig: "np.linalg.eigh(a)  # of a symmetric matrix",
    np.linalg.eigvals: "np.linalg.eigvalsh(a)  # of a symmetric matrix",
    np.put: "np.where(np.isin(np.arange(a.size), ind).reshape(a.shape), v, a)  # one v",
    np.place: "np.where(mask, vals, arr)  # one value",
    np.putmask: "np.where(mask, values, a)",
    np.copyto: "np.where(where, src, dst)",
    np.fill_diagonal: "np.where(np.eye(*a.shape, dtype=bool), val, a)",
    np.put_along_axis: "np.where(np.any(hit := np.expand_dims(indices, -1) == np.arange("
                       "arr.shape[-1]), -2), np.sum(np.expand_dims(values, -1)*hit, -2), "
                       "arr)  # along the last axis",
    np.i0: "np.mean(np.exp(np.expand_dims(x, -1)*np.cos(np.pi*(np.arange(100) + 0.5)/100))"
           ", axis=-1)",
    np.apply_over_axes: "functools.reduce(lambda x, axis: func(x, axis, keepdims=True), "
                        "axes, a)",
} | {       # complex numbers: the real and the imaginary parts
    f: f"(np.tensordot({a}, (F := np.{f.__module__[6:]}.{f.__name__}(np.eye({a}.size)."
       f"reshape(2*{a}.shape), axes=range({a}.ndim, 2*{a}.ndim))).real, {a}.ndim), "
       f"np.tensordot({a}, F.imag, {a}.ndim))" for a in ("a",) for f in (
           np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.rfft2,
           np.fft.rfftn, np.fft.irfft2, np.fft.irfftn)
} | {
    f: f"(a @ np.fft.{f.__name__}(np.eye(a.shape[-1])).real, a @ np.fft.{f.__name__}("
       "np.eye(a.shape[-1])).imag)" for f in (
           np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
}

# The same for methods of ufuncs,
OF_METHODS = {
    "reduce": "functools.reduce(ufunc, array)  # along the first axis",
    "accumulate": "np.stack(list(itertools.accumulate(array, ufunc)))  # along the first",
    "reduceat": "np.stack([ufunc.reduce(array[i:j]) for i, j in zip(indices, [*indices[1:],"
                " None])])  # rising indices, along the first axis",
    "at": "a + np.bincount(indices, b, len(a))  # of np.add, for vectors",
}
# and for those that look into lists, where NumPy asks tensors for their values.
OF_LISTS = {
    "array": "np.stack(parts)", "r_": "np.hstack(parts)", "c_": "np.column_stack(parts)",
    "full": "np.broadcast_to(fill_value, shape)",
    "vectorize": "np.stack([f(v) for v in x])",
}


def in_place_of_values() -> str:
    """What to write where a function of NumPy has asked a tensor for its values."""
    frame, outer = sys._getframe(2), None
    while frame.f_back and frame.f_back.f_code.co_filename.startswith(NUMPY):
        outer = frame = frame.f_back
    join = f"{OF_LISTS['array']} to join tensors"
    if outer is None:
        return join
    owner = type(outer.f_locals.get("self")).__name__
    name = {"RClass": "r_", "CClass": "c_"}.get(owner, owner)
    name = name if name in OF_LISTS else outer.f_code.co_name
    if not hasattr(np, name):
        if not hasattr(np.linalg, name):                    # one of NumPy's inner functions
            return join
        name = f"linalg.{name}"
    return f"{OF_LISTS.get(name, f'np.{name}(np.stack(parts))')} in place of np.{name}"
