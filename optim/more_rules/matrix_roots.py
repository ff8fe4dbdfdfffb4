"""Rules that take a parameter as a matrix: Adafactor, Shampoo, Muon.

What a formula of theirs names: the mean of each row and of each column, a matrix times its
transpose, the inverse root of one, and the matrix of singular values 1 near another.
"""
import numpy as np

from optim.more_rules.norms import named, norm, of_whole_parameters, rms


# --- Adafactor -----------------------------------------------------------------------
@named
def row_means(x):
    """The mean of each row, as a column; of a vector itself."""
    return np.mean(x, -1, keepdims=True) if x.ndim > 1 else x


@named
def column_means(x):
    """The mean of each column, as a row; 1 for a vector, whose v is not factored."""
    return np.mean(x, -2, keepdims=True) if x.ndim > 1 else 1.0


@named
def mean_of_rows(x):
    """The mean of what row_means gives; 1 for a vector."""
    return np.mean(x, -2, keepdims=True) if x.ndim > 1 else 1.0


@named
def at_most_1(x):
    """1/max(1, x)."""
    return 1/max(1, x)


@named
def largest(x, y):
    return max(x, y)


@named
def least(x, y):
    return min(x, y)


@of_whole_parameters
def adafactor(theta, g, v_row=lambda theta: 0*row_means(theta),
              v_col=lambda theta: 0*column_means(theta), *, t, lr=0.01, decay=-0.8,
              eps=1e-30, eps_theta=1e-3, clip=1):
    """RMSprop that keeps of the v of a matrix only its means over rows and columns.

    Shazeer & Stern 2018, Algorithms 4 and 5: the rate falls as 1/sqrt(t) from lr on, times
    the size of theta; a step whose root mean square is above clip is shortened.
    """
    kept, squares = 1 - t**decay, g**2 + eps
    v_row = kept*v_row + (1 - kept)*row_means(squares)              # ψ
    v_col = kept*v_col + (1 - kept)*column_means(squares)
    step = g/(np.sqrt(v_row/mean_of_rows(v_row))*np.sqrt(v_col))    # each is no subnormal
    size = largest(eps_theta, rms(theta))*least(lr, t**(-1/2))
    return theta - size*at_most_1(rms(step)/clip)*step, v_row, v_col


# --- Shampoo -------------------------------------------------------------------------
def as_matrix(x):
    """The array as a matrix: a number or a vector as a column. ValueError above two axes.
    """
    if x.ndim > 2:
        raise ValueError(f"came a parameter of shape {x.shape}; needed one of at most two "
                         "axes: give this one to another optimizer")
    return x if x.ndim == 2 else x.reshape(-1, 1)


@named
def gram_left(x):
    """x xᵀ."""
    return as_matrix(x) @ as_matrix(x).T


@named
def gram_right(x):
    """xᵀ x."""
    return as_matrix(x).T @ as_matrix(x)


@named
def identity_left(x):
    return np.eye(len(as_matrix(x)), dtype=x.dtype)


@named
def identity_right(x):
    return np.eye(as_matrix(x).shape[1], dtype=x.dtype)


@named
def inverse_root(h, order):
    """h**(-1/order), of a symmetric positive matrix."""
    values, vectors = np.linalg.eigh(h)
    least_value = values[-1]*np.finfo(h.dtype).eps
    return (vectors*np.maximum(values, least_value)**(-1/order)) @ vectors.T


@named
def between(left, x, right):
    """left x right, in the shape of x."""
    return (left @ as_matrix(x) @ right).reshape(x.shape)


@of_whole_parameters
def shampoo(theta, g, left=lambda theta, eps: eps*identity_left(theta),
            right=lambda theta, eps: eps*identity_right(theta), *, t, lr=0.1, eps=1e-4):
    """Adagrad of a matrix: divided from the left and from the right by a fourth root.

    Gupta, Koren & Singer 2018, Algorithm 1. A vector is a matrix of one column here.
    """
    left = left + gram_left(g)
    right = right + gram_right(g)
    return theta - lr*between(inverse_root(left, 4), g, inverse_root(right, 4)), left, right


# --- Muon ----------------------------------------------------------------------------
@named
def orthogonal(x):
    """Near the matrix of x's singular vectors, by five steps of an odd polynomial.

    Each singular value s becomes a s + b s**3 + c s**5, five times, which brings what was
    not near 0 near 1.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    y = as_matrix(x)
    tall = len(y) > y.shape[1]
    y = (y.T if tall else y)/(norm(y) + 1e-7)
    for _ in range(5):
        square = y @ y.T
        y = a*y + (b*square + c*square @ square) @ y
    return (y.T if tall else y).reshape(x.shape)


@named
def tallness(x):
    """max(1, rows/columns) of a matrix."""
    rows, columns = as_matrix(x).shape
    return max(1, rows/columns)


@of_whole_parameters
def muon(theta, g, m, *, t, lr=0.02, mu=0.95):
    """Nesterov's momentum, each step a matrix whose singular values are all near 1.

    Jordan et al. 2024. A vector is a matrix of one column here.
    """
    m = mu*m + g                                                    # φ
    return theta - lr*tallness(theta)**(1/2)*orthogonal(g + mu*m), m
