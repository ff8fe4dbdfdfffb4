"""Backward passes as students write them: right ones, and wrong ones with what was done."""
import numpy as np


# ------------------------------------------------------------------ right
def affine_tuple(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    return dx, dw, dout.sum(axis=0)


def affine_dict(d_out, cache):
    return {"db": np.einsum("nm->m", d_out), "dW": cache["X"].T @ d_out,
            "dX": np.dot(d_out, cache["W"].T)}


def affine_no_bias(x, w, dout):
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for n in range(x.shape[0]):
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                dx[n, i] += dout[n, j]*w[i, j]
                dw[i, j] += dout[n, j]*x[n, i]
    return dx, dw


def affine_own_order(w, b, x, grad_output):
    return x.T @ grad_output, np.sum(grad_output, 0), grad_output @ w.T


class DenseLayer:
    def __init__(self, input_dim, output_dim, rng=None):
        self.params = {"W": np.zeros((input_dim, output_dim)), "b": np.zeros(output_dim)}
        self.grads = {}

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.params["W"] + self.params["b"]

    def backward(self, grad):
        self.grads["W"] = self.inputs.T @ grad
        self.grads["b"] = grad.sum(axis=0)
        return grad @ self.params["W"].T


class TorchLinear:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias
        self.weight_grad = self.bias_grad = None

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad_output):
        self.weight_grad = grad_output.T @ self.x
        self.bias_grad = grad_output.sum(0)
        return grad_output @ self.weight


def relu_indexed(dout, cache):
    dx, x = None, cache
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx


def relu_where(x, upstream):
    return np.where(x > 0, upstream, 0)


class ReLU:
    def forward(self, x):
        self.mask = (x > 0).astype(float)
        return x*self.mask

    def backward(self, dout):
        return dout*self.mask


def sigmoid_of_output(dA, cache):
    Z = cache
    s = 1/(1 + np.exp(-Z))
    return dA*s*(1 - s)


def tanh_forward(x):
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, out):
    return (1 - np.square(out))*dout


def softmax_jacobian(x, dout):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e/e.sum(axis=1, keepdims=True)
    dx = np.empty_like(p)
    for i in range(len(p)):
        jacobian = np.diag(p[i]) - np.outer(p[i], p[i])
        dx[i] = jacobian @ dout[i]
    return dx


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    probs, n = np.exp(log_probs), x.shape[0]
    loss = -np.sum(log_probs[np.arange(n), y])/n
    dx = probs.copy()
    dx[np.arange(n), y] -= 1
    return loss, dx/n


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        self.p, self.labels = e/np.sum(e, axis=1, keepdims=True), labels
        return -np.mean(np.log(self.p[np.arange(len(labels)), labels]))

    def backward(self):
        hot = np.zeros_like(self.p)
        hot[np.arange(len(self.labels)), self.labels] = 1
        return (self.p - hot)/len(self.labels)


def mse_gradient(y_pred, y_true, dout=1.0):
    return dout*2*(y_pred - y_true)/np.prod(y_pred.shape)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mu, var = x.mean(axis=0), x.var(axis=0)
    inv = 1/np.sqrt(var + eps)
    xhat = (x - mu)*inv
    return gamma*xhat + beta, (xhat, inv, gamma)


def batchnorm_backward(dout, cache):
    xhat, inv, gamma = cache
    n = dout.shape[0]
    dgamma, dbeta = np.sum(dout*xhat, axis=0), np.sum(dout, axis=0)
    return gamma*inv/n*(n*dout - dbeta - xhat*dgamma), dgamma, dbeta


def batchnorm_graph(dout, cache):
    x, gamma, beta, eps = cache
    n = x.shape[0]
    mu = np.sum(x, axis=0)/n
    xmu = x - mu
    var = np.sum(xmu**2, axis=0)/n
    sqrtvar = np.sqrt(var + eps)
    ivar = 1./sqrtvar
    dxhat = dout*gamma
    divar = np.sum(dxhat*xmu, axis=0)
    dxmu1 = dxhat*ivar
    dsqrtvar = -1./(sqrtvar**2)*divar
    dvar = 0.5*1./np.sqrt(var + eps)*dsqrtvar
    dsq = 1./n*np.ones(dout.shape)*dvar
    dxmu2 = 2*xmu*dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1*np.sum(dxmu1 + dxmu2, axis=0)
    return dx1 + 1./n*np.ones(dout.shape)*dmu, np.sum(dout*xmu*ivar, 0), np.sum(dout, 0)


class BatchNormOwnEps:
    def __init__(self, num_features):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)

    def forward(self, x):
        self.std = np.sqrt(x.var(0) + 1e-5)
        self.xhat = (x - x.mean(0))/self.std
        return self.gamma*self.xhat + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout*self.xhat).sum(0), dout.sum(0)
        g = dout*self.gamma
        return (g - g.mean(0) - self.xhat*(g*self.xhat).mean(0))/self.std


def layernorm_backward(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    d = x.shape[1]
    g = dout*gamma
    dx = g - g.mean(1, keepdims=True) - xhat*(g*xhat).sum(1, keepdims=True)/d
    return dx/np.sqrt(var + eps), (dout*xhat).sum(0), dout.sum(0)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout*mask


def conv_loops(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    n, c, h, wide = x.shape
    f, _, hh, ww = w.shape
    xp = np.pad(x, ((0,), (0,), (p,), (p,)), mode="constant")
    dxp, dw, db = np.zeros_like(xp), np.zeros_like(w), np.zeros_like(b)
    for i in range(n):
        for k in range(f):
            db[k] += dout[i, k].sum()
            for y in range(dout.shape[2]):
                for z in range(dout.shape[3]):
                    here = np.s_[i, :, y*s:y*s + hh, z*s:z*s + ww]
                    dw[k] += dout[i, k, y, z]*xp[here]
                    dxp[here] += dout[i, k, y, z]*w[k]
    return dxp[:, :, p:p + h, p:p + wide], dw, db


def conv_plain(x, w, b, dout):
    n, c, h, wide = x.shape
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            for u in range(w.shape[2]):
                for v in range(w.shape[3]):
                    dw[:, :, u, v] += dout[:, :, i, j].T @ x[:, :, i + u, j + v]
                    dx[:, :, i + u, j + v] += dout[:, :, i, j] @ w[:, :, u, v]
    return dx, dw, dout.sum((0, 2, 3))


def max_pool_loops(dout, cache):
    x, pool_param = cache
    hh, ww, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    part = x[n, c, i*s:i*s + hh, j*s:j*s + ww]
                    mask = part == np.max(part)
                    dx[n, c, i*s:i*s + hh, j*s:j*s + ww] += mask*dout[n, c, i, j]
    return dx


def max_pool_two_by_two(x, dout):
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h//2, 2, w//2, 2)
    mask = blocks == blocks.max(axis=(3, 5), keepdims=True)
    return (mask*dout[:, :, :, None, :, None]).reshape(x.shape)


class AveragePool:
    def __init__(self, kernel_size, stride):
        self.k, self.stride = kernel_size, stride

    def forward(self, x):
        self.shape = x.shape
        rows = (x.shape[2] - self.k)//self.stride + 1
        columns = (x.shape[3] - self.k)//self.stride + 1
        out = np.zeros((*x.shape[:2], rows, columns))
        for i in range(rows):
            for j in range(columns):
                a, b = i*self.stride, j*self.stride
                out[:, :, i, j] = x[:, :, a:a + self.k, b:b + self.k].mean(axis=(2, 3))
        return out

    def backward(self, dout):
        dx = np.zeros(self.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                a, b = i*self.stride, j*self.stride
                share = dout[:, :, i:i + 1, j:j + 1]/self.k**2
                dx[:, :, a:a + self.k, b:b + self.k] += share
        return dx


def embedding_at(dout, cache):
    idx, table = cache
    grad = np.zeros_like(table)
    np.add.at(grad, idx, dout)
    return grad


def affine_lists(x, w, dout):
    return (dout @ w.T).tolist(), (x.T @ dout).tolist()


def relu_single_precision(x, dout):
    return (dout*(x > 0)).astype(np.float32)


RIGHT = {
    "affine": [affine_tuple, affine_dict, affine_no_bias, affine_own_order, DenseLayer,
               affine_lists],
    "linear": [TorchLinear],
    "relu": [relu_indexed, relu_where, ReLU, relu_single_precision],
    "sigmoid": [sigmoid_of_output], "tanh": [tanh_backward], "softmax": [softmax_jacobian],
    "cross_entropy": [softmax_loss, SoftmaxCrossEntropy], "mse": [mse_gradient],
    "batch_norm": [batchnorm_backward, batchnorm_graph, BatchNormOwnEps],
    "layer_norm": [layernorm_backward], "dropout": [dropout_backward],
    "conv": [conv_loops, conv_plain], "max_pool": [max_pool_loops, max_pool_two_by_two],
    "average_pool": [AveragePool], "embedding": [embedding_at]}


# ------------------------------------------------------------------ wrong
def affine_without_transpose(dout, cache):
    x, w, b = cache
    return dout @ w, x.T @ dout, dout.sum(0)


def affine_input_without_transpose(x, w, b, dout):
    return dout @ w.T, x @ dout, dout.sum(0)


def affine_weights_transposed(x, w, b, dout):
    return dout @ w.T, dout.T @ x, dout.sum(0)


def affine_bias_not_summed(x, w, b, dout):
    return dout.dot(w.T), x.T.dot(dout), dout


def affine_bias_over_features(x, w, b, dout):
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=1)


def affine_bias_to_a_number(x, w, b, dout):
    return dout.dot(w.T), x.T.dot(dout), dout.sum()


def affine_bias_kept_axis(x, w, b, dout):
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=0, keepdims=True)


def affine_swapped(x, w, b, dout):
    return x.T @ dout, dout @ w.T, dout.sum(0)


def affine_mean(x, w, b, dout):
    n = x.shape[0]
    return dout @ w.T, x.T @ dout/n, dout.sum(0)/n


def affine_sign(x, w, dout):
    return dout @ w.T, -(x.T @ dout)


def affine_twice(x, w, dout):
    dw = np.zeros_like(w)
    for _ in range(2):
        dw += x.T @ dout
    return dout @ w.T, dw


def relu_mask_of_dout(dout, cache):
    return np.where(dout > 0, dout, 0)


def relu_mask_in_place(dout, cache):
    dx = dout
    dx[cache < 0] = 0
    return dx


def relu_reversed(x, dout):
    dx = dout.copy()
    dx[x > 0] = 0
    return dx


def relu_no_chain(x, dout):
    return (x > 0).astype(float)


def relu_times_x(x, dout):
    return dout*np.maximum(0, x)


def sigmoid_of_input(x, dout):
    return dout*x*(1 - x)


def sigmoid_plus(x, dout):
    s = 1/(1 + np.exp(-x))
    return dout*s*(1 + s)


def sigmoid_local(x, dout):
    s = 1/(1 + np.exp(-x))
    return s*(1 - s)


def tanh_no_square(x, dout):
    return dout*(1 - np.tanh(x))


def tanh_of_input(x, dout):
    return (1 - x**2)*dout


def softmax_diagonal(x, dout):
    e = np.exp(x)
    p = e/e.sum(1, keepdims=True)
    return dout*p*(1 - p)


def softmax_sum_over_rows(x, dout):
    e = np.exp(x)
    p = e/e.sum(1, keepdims=True)
    return p*(dout - (dout*p).sum(axis=0, keepdims=True))


def loss_without_mean(x, y):
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[range(len(x)), y] -= 1
    return p


def loss_mean_over_classes(x, y):
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[range(len(x)), y] -= 1
    return p/x.shape[1]


def loss_sign(x, y):
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return (np.eye(x.shape[1])[y] - p)/len(y)


def loss_without_labels(x, y):
    p = np.exp(x - x.max(1, keepdims=True))
    return p/p.sum(1, keepdims=True)/len(y)


def loss_softmax_over_rows(x, y):
    p = np.exp(x)
    p /= p.sum(0, keepdims=True)
    p[range(len(x)), y] -= 1
    return p/len(y)


def mse_without_two(x, y):
    return (x - y)/x.size


def mse_rows(x, y):
    return 2*(x - y)/x.shape[0]


def mse_sum(pred, target):
    return 2*(pred - target)


def mse_sign(pred, target):
    return 2*(target - pred)/pred.size


def bn_no_variance(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    g = dout*gamma/np.sqrt(var + eps)
    return g - g.mean(0), (dout*xhat).sum(0), dout.sum(0)


def bn_no_mean(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    g = dout*gamma
    return (g - xhat*(g*xhat).mean(0))/np.sqrt(var + eps), (dout*xhat).sum(0), dout.sum(0)


def bn_constants(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    return dout*gamma/np.sqrt(var + eps), (dout*xhat).sum(0), dout.sum(0)


def bn_no_gamma(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    g = dout
    return ((g - g.mean(0) - xhat*(g*xhat).mean(0))/np.sqrt(var + eps),
            (dout*xhat).sum(0), dout.sum(0))


def bn_no_count(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    g = dout*gamma
    return ((g - g.sum(0) - xhat*(g*xhat).sum(0))/np.sqrt(var + eps),
            (dout*xhat).sum(0), dout.sum(0))


def bn_running(x, gamma, beta, running_mean, running_var, eps, dout):
    std = np.sqrt(running_var + eps)
    xhat = (x - running_mean)/std
    return dout*gamma/std, (dout*xhat).sum(0), dout.sum(0)


def bn_gamma_of_x(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    g = dout*gamma
    return ((g - g.mean(0) - xhat*(g*xhat).mean(0))/np.sqrt(var + eps),
            (dout*x).sum(0), dout.sum(0))


def ln_over_the_batch(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    g = dout*gamma
    dx = (g - g.mean(1, keepdims=True) - xhat*(g*xhat).mean(1, keepdims=True))
    return dx/np.sqrt(var + eps), (dout*xhat).sum(1), dout.sum(1)


def dropout_no_mask(dout, mask):
    return dout


def dropout_scaled_twice(dout, mask, p):
    return dout*mask/p


def dropout_no_scale(dout, mask):
    return dout*(mask != 0)


def conv_no_stride(x, w, b, stride, pad, dout):
    return conv_with(x, w, b, 1, pad, dout)


def conv_with(x, w, b, s, p, dout, add=True):
    tall, wide = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            here = np.s_[:, :, i*s:i*s + tall, j*s:j*s + wide]
            dw += np.tensordot(dout[:, :, i, j], xp[here], (0, 0))
            new = np.tensordot(dout[:, :, i, j], w, (1, 0))
            dxp[here] = dxp[here] + new if add else new
    return dxp[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, dout.sum((0, 2, 3))


def conv_last_only(x, w, b, stride, pad, dout):
    return conv_with(x, w, b, stride, pad, dout, add=False)


def conv_bias_over_batch(x, w, b, stride, pad, dout):
    dx, dw, _ = conv_with(x, w, b, stride, pad, dout)
    return dx, dw, dout.sum(0)


def conv_turned(x, w, b, stride, pad, dout):
    dx, _, db = conv_with(x, w[:, :, ::-1, ::-1], b, stride, pad, dout)
    return dx, conv_with(x, w, b, stride, pad, dout)[1], db


def conv_padded(x, w, b, stride, pad, dout):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return conv_with(xp, w, b, stride, 0, dout)


def max_pool_everywhere(x, tall, wide, stride, dout):
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            here = np.s_[:, :, i*stride:i*stride + tall, j*stride:j*stride + wide]
            dx[here] += dout[:, :, i:i + 1, j:j + 1]
    return dx


def max_pool_last_only(x, tall, wide, stride, dout):
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            here = np.s_[:, :, i*stride:i*stride + tall, j*stride:j*stride + wide]
            mask = x[here] == x[here].max((2, 3), keepdims=True)
            dx[here] = mask*dout[:, :, i:i + 1, j:j + 1]
    return dx


def average_pool_no_mean(x, tall, wide, stride, dout):
    return max_pool_everywhere(x, tall, wide, stride, dout)


def embedding_lost(dout, cache):
    idx, table = cache
    grad = np.zeros_like(table)
    grad[idx] += dout
    return grad


def two_mistakes(x, w, b, dout):
    return dout @ w.T, -(x.T @ dout)/len(x), dout.sum(1)


def two_at_once(x, y):
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return -(p - np.eye(x.shape[1])[y])


WRONG = [
    ("affine", affine_without_transpose, {"x": "missing transpose"}),
    ("affine", affine_input_without_transpose, {"w": "missing transpose"}),
    ("affine", affine_weights_transposed, {"w": "product transposed"}),
    ("affine", affine_bias_not_summed, {"b": "forgotten unbroadcast"}),
    ("affine", affine_bias_over_features, {"b": "sum over the wrong axis"}),
    ("affine", affine_bias_to_a_number, {"b": "sum over the wrong axis"}),
    ("affine", affine_bias_kept_axis, {"b": "axis kept"}),
    ("affine", affine_swapped, "order swapped"),
    ("affine", affine_mean, {"w": "mean for sum", "b": "mean for sum"}),
    ("affine", affine_sign, {"w": "wrong sign"}),
    ("affine", affine_twice, {"w": "accumulated twice"}),
    ("relu", relu_mask_of_dout, {"x": "mask of the wrong array"}),
    ("relu", relu_mask_in_place, "in-place change of the input"),
    ("relu", relu_reversed, {"x": "mask reversed"}),
    ("relu", relu_no_chain, {"x": "chain forgotten"}),
    ("relu", relu_times_x, {"x": "input for mask"}),
    ("sigmoid", sigmoid_of_input, {"x": "derivative of the wrong array"}),
    ("sigmoid", sigmoid_plus, {"x": "wrong sign inside"}),
    ("sigmoid", sigmoid_local, {"x": "chain forgotten"}),
    ("tanh", tanh_no_square, {"x": "square forgotten"}),
    ("tanh", tanh_of_input, {"x": "derivative of the wrong array"}),
    ("softmax", softmax_diagonal, {"x": "diagonal only"}),
    ("softmax", softmax_sum_over_rows, {"x": "sum over the wrong axis"}),
    ("cross_entropy", loss_without_mean, {"x": "missing mean"}),
    ("cross_entropy", loss_mean_over_classes, {"x": "mean over something else"}),
    ("cross_entropy", loss_sign, {"x": "wrong sign"}),
    ("cross_entropy", loss_without_labels, {"x": "one-hot forgotten"}),
    ("cross_entropy", loss_softmax_over_rows, {"x": "softmax over the wrong axis"}),
    ("mse", mse_without_two, {"x": "missing factor 2"}),
    ("mse", mse_rows, {"x": "mean over something else"}),
    ("mse", mse_sum, {"x": "missing mean"}),
    ("mse", mse_sign, {"x": "wrong sign"}),
    ("batch_norm", bn_no_variance, {"x": "chain through the variance forgotten"}),
    ("batch_norm", bn_no_mean, {"x": "chain through the mean forgotten"}),
    ("batch_norm", bn_constants, {"x": "chain through mean and variance forgotten"}),
    ("batch_norm", bn_no_gamma, {"x": "gamma forgotten"}),
    ("batch_norm", bn_no_count, {"x": "missing mean"}),
    ("batch_norm", bn_running, {"x": "running for batch statistics",
                                "gamma": "running for batch statistics"}),
    ("batch_norm", bn_gamma_of_x, {"gamma": "normalized for plain"}),
    ("layer_norm", ln_over_the_batch, {"gamma": "sum over the wrong axis",
                                       "beta": "sum over the wrong axis"}),
    ("dropout", dropout_no_mask, {"x": "mask forgotten"}),
    ("dropout", dropout_scaled_twice, {"x": "scaled twice"}),
    ("dropout", dropout_no_scale, {"x": "mask without its factor"}),
    ("conv", conv_no_stride, {"x": "wrong stride", "w": "wrong stride"}),
    ("conv", conv_last_only, {"x": "not accumulated"}),
    ("conv", conv_bias_over_batch, {"b": "sum over the wrong axis"}),
    ("conv", conv_turned, {"x": "filter turned"}),
    ("conv", conv_padded, {"x": "padding not taken off"}),
    ("max_pool", max_pool_everywhere, {"x": "mask forgotten"}),
    ("max_pool", max_pool_last_only, {"x": "not accumulated"}),
    ("average_pool", average_pool_no_mean, {"x": "missing mean"}),
    ("embedding", embedding_lost, {"w": "repeated indices lost"}),
    ("affine", two_mistakes, {"w": "mean for sum + wrong sign",
                              "b": "sum over the wrong axis"}),
    ("cross_entropy", two_at_once, {"x": "missing mean + wrong sign"})]
