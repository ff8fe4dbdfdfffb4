"""Each layer forward, which the engine differentiates, and its gradients written by hand.

The gradients by hand are here only to be spoiled: backward_mistakes.txt makes of each what
a student might have written. They are held against the engine in the tests, and nobody's
homework is held against them.
"""
import numpy as np

from minigrad.primitives.stable import softmax as softmax_of


# ------------------------------------------------------------------ dense and elementwise
def affine(x, w, b):                            # (n, d), (d, m), (m,) -> (n, m)
    return x @ w + b


def affine_slopes(x, w, b, dout):
    dx = dout @ w.T
    dw = x.T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db


def affine_images(x, w, b):                     # x (n, ...), whose rows are flattened
    return np.reshape(x, (len(x), -1)) @ w + b


def affine_images_slopes(x, w, b, dout):
    rows = np.reshape(x, (len(x), -1))
    dx = np.reshape(dout @ w.T, x.shape)
    dw = rows.T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db


def linear(x, w, b):                            # as PyTorch has it: w is (m, d)
    return x @ w.T + b


def linear_slopes(x, w, b, dout):
    dx = dout @ w
    dw = dout.T @ x
    db = np.sum(dout, axis=0)
    return dx, dw, db


def relu(x):
    return np.maximum(x, 0)


def relu_slopes(x, dout):
    dx = dout*(x > 0)
    return dx,


def sigmoid(x):
    return 1/(1 + np.exp(-x))


def sigmoid_slopes(x, dout):
    out = 1/(1 + np.exp(-x))
    dx = dout*(out*(1 - out))
    return dx,


def tanh(x):
    return np.tanh(x)


def tanh_slopes(x, dout):
    out = np.tanh(x)
    dx = dout*(1 - out**2)
    return dx,


def softmax(x):
    return softmax_of(x, axis=1)


def softmax_slopes(x, dout):
    exps = np.exp(x)
    out = exps/np.sum(exps, axis=1, keepdims=True)
    dx = out*(dout - np.sum(dout*out, axis=1, keepdims=True))
    return dx,


# ------------------------------------------------------ losses, whose dout is one number
def cross_entropy(x, y):
    rows = np.log(np.sum(np.exp(x), axis=1)) - x[np.arange(len(x)), y]
    return np.mean(rows)


def cross_entropy_slopes(x, y, dout):
    exps = np.exp(x)
    out = exps/np.sum(exps, axis=1, keepdims=True)
    dx = dout*((out - np.eye(x.shape[1])[y])/len(x))
    return dx,


def mse(x, y):
    return np.mean((x - y)**2)


def mse_slopes(x, y, dout):
    dx = dout*(2*(x - y)/x.size)
    return dx,


# ------------------------------------------------------------------ normalization, dropout
def batch_norm(x, gamma, beta, eps):
    centred = x - np.mean(x, axis=0)
    return gamma*centred/np.sqrt(np.mean(centred**2, axis=0) + eps) + beta


def batch_norm_slopes(x, gamma, beta, eps, running_mean, running_var, dout):
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0)
    std = np.sqrt(var + eps)
    xhat = (x - mean)/std
    inner = dout*gamma
    dx = (inner - np.mean(inner, axis=0) - xhat*np.mean(inner*xhat, axis=0))/std
    dgamma = np.sum(dout*xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    return dx, dgamma, dbeta


def layer_norm(x, gamma, beta, eps):
    centred = x - np.mean(x, axis=1, keepdims=True)
    var = np.mean(centred**2, axis=1, keepdims=True)
    return gamma*centred/np.sqrt(var + eps) + beta


def layer_norm_slopes(x, gamma, beta, eps, dout):
    mean = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    xhat = (x - mean)/std
    inner = dout*gamma
    dx = (inner - np.mean(inner, axis=1, keepdims=True)
          - xhat*np.mean(inner*xhat, axis=1, keepdims=True))/std
    dgamma = np.sum(dout*xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    return dx, dgamma, dbeta


def dropout(x, mask):                           # the mask has its factor 1/p already
    return x*mask


def dropout_slopes(x, mask, p, dout):
    dx = dout*mask
    return dx,


# ------------------------------------------------------------------ images (n, c, h, w)
def windows(x, tall, wide, stride):
    """Each window that moves over the images, in rows: (n, c, tall, wide)."""
    for i in range((x.shape[2] - tall)//stride + 1):
        for j in range((x.shape[3] - wide)//stride + 1):
            yield x[:, :, i*stride:i*stride + tall, j*stride:j*stride + wide]


def assembled(parts, x, tall, wide, stride):
    """What came of each window, (n, c), as images."""
    high, across = ((x.shape[k] - size)//stride + 1 for k, size in ((2, tall), (3, wide)))
    return np.reshape(np.stack(parts, axis=2), (len(x), -1, high, across))


def conv(x, w, b, stride, pad):                 # w (f, c, tall, wide), b (f,)
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    size = (*w.shape[2:], stride)
    return assembled([np.sum(part[:, None]*w[None], axis=(2, 3, 4)) + b
                      for part in windows(x, *size)], x, *size)


def conv_slopes(x, w, b, stride, pad, dout):
    tall, wide = w.shape[2], w.shape[3]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    around = np.zeros(padded.shape)
    dw = np.zeros(w.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            ii, jj = i*stride, j*stride
            g = dout[:, :, i, j]
            old = around[:, :, ii:ii + tall, jj:jj + wide]
            part = padded[:, :, ii:ii + tall, jj:jj + wide]
            new = old + np.einsum("nf,fchw->nchw", g, w)
            around[:, :, ii:ii + tall, jj:jj + wide] = new
            dw = dw + np.einsum("nf,nchw->fchw", g, part)
    dx = around[:, :, pad:pad + x.shape[2], pad:pad + x.shape[3]]
    db = np.sum(dout, axis=(0, 2, 3))
    return dx, dw, db


def max_pool(x, tall, wide, stride):
    size = tall, wide, stride
    return assembled([np.max(part, axis=(2, 3)) for part in windows(x, *size)], x, *size)


def max_pool_slopes(x, tall, wide, stride, dout):
    dx = np.zeros(x.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            ii, jj = i*stride, j*stride
            g = dout[:, :, i:i + 1, j:j + 1]
            old = dx[:, :, ii:ii + tall, jj:jj + wide]
            part = x[:, :, ii:ii + tall, jj:jj + wide]
            mask = part == np.max(part, axis=(2, 3), keepdims=True)
            dx[:, :, ii:ii + tall, jj:jj + wide] = old + mask*g
    return dx,


def average_pool(x, tall, wide, stride):
    size = tall, wide, stride
    return assembled([np.mean(part, axis=(2, 3)) for part in windows(x, *size)], x, *size)


def average_pool_slopes(x, tall, wide, stride, dout):
    dx = np.zeros(x.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            ii, jj = i*stride, j*stride
            g = dout[:, :, i:i + 1, j:j + 1]
            old = dx[:, :, ii:ii + tall, jj:jj + wide]
            dx[:, :, ii:ii + tall, jj:jj + wide] = old + g/(tall*wide)
    return dx,


# ------------------------------------------------------------------ embedding
def embedding(x, w):                            # x: whole numbers, of any shape
    return w[x]


def embedding_slopes(x, w, dout):
    dw = np.zeros(w.shape)
    np.add.at(dw, x, dout)
    return dw,
