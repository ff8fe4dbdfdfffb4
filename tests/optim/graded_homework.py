"""Homework with known mistakes: what stands in it, what was changed, what that is called.

The mistakes are stated here once more, as edits of programs in students' styles and not of
our rules; the names are those of the catalogue.
"""
import ast
from pathlib import Path

STYLES_FILE = Path(__file__).with_name("homework_styles.py").read_text("utf-8")

PLAIN = {
    "gradient_descent": '''
import numpy as np
def gradient_descent(w, dw, lr=0.1):
    return w - lr*dw
''', "momentum": '''
import numpy as np
def momentum(w, dw, velocity, lr=0.01, mu=0.9):
    velocity = mu*velocity + lr*dw
    return w - velocity, velocity
''', "nag": '''
import numpy as np
def nag(w, dw, m, lr=0.01, mu=0.9):
    m = mu*m + lr*dw
    return w - (mu*m + lr*dw), m
''', "adagrad": '''
import numpy as np
def adagrad(w, dw, cache, lr=0.01, eps=1e-10):
    cache = cache + dw**2
    w = w - lr*dw/(np.sqrt(cache) + eps)
    return w, cache
''', "rmsprop": '''
import numpy as np
class RMSprop:
    def __init__(self, lr=0.001, decay_rate=0.9, eps=1e-8):
        self.lr, self.decay_rate, self.eps, self.cache = lr, decay_rate, eps, None
    def step(self, w, g):
        if self.cache is None:
            self.cache = np.zeros_like(w)
        self.cache = self.decay_rate*self.cache + (1 - self.decay_rate)*g*g
        return w - self.lr*g/(np.sqrt(self.cache) + self.eps)
''', "adadelta": '''
import numpy as np
def adadelta(x, g, e_g, e_x, rho=0.95, eps=1e-6):
    e_g = rho*e_g + (1 - rho)*g**2
    dx = np.sqrt(e_x + eps)/np.sqrt(e_g + eps)*g
    e_x = rho*e_x + (1 - rho)*dx**2
    return x - dx, e_g, e_x
''', "adam": '''
import numpy as np
def adam(w, dw, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*dw
    v = beta2*v + (1 - beta2)*dw**2
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    w = w - lr*m_hat/(np.sqrt(v_hat) + eps)
    return w, m, v
''', "adamax": '''
import numpy as np
def adamax(w, dw, m, u, t, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*dw
    u = np.maximum(beta2*u, np.abs(dw))
    return w - lr/(1 - beta1**t)*m/(u + eps), m, u
''', "nadam": '''
import numpy as np
class Nadam:
    def __init__(self, lr=0.002, mu=0.9, psi=0.004, beta2=0.999, eps=1e-8):
        self.lr, self.mu, self.psi, self.beta2, self.eps = lr, mu, psi, beta2, eps
        self.t, self.m, self.v, self.prod = 0, 0.0, 0.0, 1.0
    def step(self, w, g):
        self.t += 1
        now = self.mu*(1 - 0.5*0.96**(self.t*self.psi))
        nxt = self.mu*(1 - 0.5*0.96**((self.t + 1)*self.psi))
        self.prod = self.prod*now
        self.m = now*self.m + (1 - now)*g
        self.v = self.beta2*self.v + (1 - self.beta2)*g**2
        bar = nxt*self.m/(1 - self.prod*nxt) + (1 - now)*g/(1 - self.prod)
        vhat = self.v/(1 - self.beta2**self.t)
        return w - self.lr*bar/(np.sqrt(vhat) + self.eps)
''', "adamw": '''
import numpy as np
def adamw(w, dw, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, wd=1e-5):
    m = beta1*m + (1 - beta1)*dw
    v = beta2*v + (1 - beta2)*dw**2
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return w - lr*m_hat/(np.sqrt(v_hat) + eps) - wd*w, m, v
''', "amsgrad": '''
import numpy as np
def amsgrad(w, dw, m, v, v_max, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*dw
    v = beta2*v + (1 - beta2)*dw**2
    v_max = np.maximum(v_max, v)
    return w - lr*m/(np.sqrt(v_max) + eps), m, v, v_max
'''}

# (rule, what was replaced, by what, the mistakes); several replacements stand in a tuple.
MISTAKES = [
    ("gradient_descent", "w - lr*dw", "w + lr*dw", "sign"),
    ("gradient_descent", "lr*dw", "dw", "no lr"),
    ("gradient_descent", "lr*dw", "lr*dw/2", None),
    ("momentum", "w - velocity", "w + velocity", "sign"),
    ("momentum", "mu*velocity + lr*dw", "velocity + lr*dw", "no decay of the old value"),
    ("momentum", "mu*velocity + lr*dw", "mu*velocity + (1 - mu)*lr*dw",
     "averages where it should accumulate"),
    ("momentum", "mu*velocity + lr*dw", "mu*velocity + dw", "no lr"),
    ("momentum", "mu*velocity + lr*dw", "mu*velocity - lr*dw", "sign of a term"),
    ("momentum", "mu*velocity + lr*dw", "(1 - mu)*velocity + lr*mu*dw", "beta reversed"),
    ("nag", "w - (mu*m + lr*dw)", "w - m", "no look ahead"),
    ("nag", "w - (mu*m + lr*dw)", "w - (mu*m - lr*dw)", "sign of a term"),
    ("nag", "w - (mu*m + lr*dw)", "w - (mu*m + dw)", "no lr"),
    ("nag", "w - (mu*m", "w - (m", "no decay of the old value"),
    ("adagrad", "dw**2", "np.abs(dw)", "|g| for g**2"),
    ("adagrad", "dw**2", "dw", "g for g**2"),
    ("adagrad", "np.sqrt(cache) + eps", "np.sqrt(cache + eps)", "eps inside the root"),
    ("adagrad", "np.sqrt(cache) + eps", "cache + eps", "root forgotten"),
    ("adagrad", "np.sqrt(cache) + eps", "np.sqrt(cache)", "no eps"),
    ("adagrad", "cache + dw**2", "0.9*cache + 0.1*dw**2",
     "averages where it should accumulate"),
    ("adagrad", "cache = cache + dw**2\n    w = w - lr*dw/(np.sqrt(cache) + eps)",
     "w = w - lr*dw/(np.sqrt(cache) + eps)\n    cache = cache + dw**2",
     "old state for new"),
    ("adagrad", "cache = cache + dw**2", "cache = dw**2", "forgets the past"),
    ("rmsprop", "g*g", "abs(g)", "|g| for g**2"),
    ("rmsprop", "(1 - self.decay_rate)*g*g", "g*g", "missing factor 1 - beta"),
    ("rmsprop", "self.decay_rate*self.cache + (1 - self.decay_rate)*g*g",
     "(1 - self.decay_rate)*self.cache + self.decay_rate*g*g", "beta reversed"),
    ("rmsprop", "self.decay_rate*self.cache + (1 - self.decay_rate)*g*g",
     "self.cache + g*g", "accumulates where it should average"),
    ("rmsprop", "np.sqrt(self.cache) + self.eps", "np.sqrt(self.cache + self.eps)",
     "eps inside the root"),
    ("rmsprop", "np.sqrt(self.cache) + self.eps", "self.cache + self.eps",
     "root forgotten"),
    ("adadelta", "e_x = rho*e_x + (1 - rho)*dx**2", "e_x = rho*e_x + (1 - rho)*g**2",
     "wrong quantity squared"),
    ("adadelta", "np.sqrt(e_x + eps)/np.sqrt(e_g + eps)",
     "(np.sqrt(e_x) + eps)/(np.sqrt(e_g) + eps)", "eps outside the root"),
    ("adadelta", "(1 - rho)*dx**2", "(1 - rho)*dx", "g for g**2"),
    ("adadelta", "np.sqrt(e_x + eps)/np.sqrt(e_g + eps)*g",
     "np.sqrt(e_x + eps)*np.sqrt(e_g + eps)*g", "product for quotient"),
    ("adam", "m_hat = m/(1 - beta1**t)", "m_hat = m", "no bias correction"),
    ("adam", "v_hat = v/(1 - beta2**t)", "v_hat = v", "no bias correction"),
    ("adam", "v_hat = v/(1 - beta2**t)", "v_hat = v/(1 - beta1**t)",
     "wrong decay in the bias correction"),
    ("adam", "m_hat = m/(1 - beta1**t)", "m_hat = m/(1 - beta1*t)", "product for power"),
    ("adam", "m_hat = m/(1 - beta1**t)", "m_hat = m/(1 - beta1)", "power t forgotten"),
    ("adam", "m_hat = m/(1 - beta1**t)", "m_hat = m/(1 - beta1)**t",
     "power of the difference"),
    ("adam", "m_hat = m/(1 - beta1**t)", "m_hat = m/(1 - beta1**(t + 1))", "t from 2"),
    ("adam", "v_hat = v/(1 - beta2**t)", "v_hat = v/(1 - beta2**t)**2", "corrected twice"),
    ("adam", "m_hat = m/", "m_hat = m*", "corrected by a product"),
    ("adam", ("beta1", "beta2", "bata2"), ("bata2", "beta1", "beta2"), "betas swapped"),
    ("adam", "beta1*m + (1 - beta1)*dw", "(1 - beta1)*m + beta1*dw", "beta reversed"),
    ("adam", "beta2*v + (1 - beta2)*dw**2", "beta1*v + (1 - beta1)*dw**2",
     "wrong beta in a moving mean"),
    ("adam", "beta2*v + (1 - beta2)*dw**2", "v + dw**2",
     "accumulates where it should average"),
    ("adam", "(1 - beta2)*dw**2", "(1 - beta2)*np.abs(dw)", "|g| for g**2"),
    ("adam", "(1 - beta2)*dw**2", "(1 - beta2)*dw", "g for g**2"),
    ("adam", "(1 - beta2)*dw**2", "(1 - beta2)*2*dw", "2g for g**2"),
    ("adam", "(1 - beta2)*dw**2", "(1 - beta2)*m**2", "wrong quantity squared"),
    ("adam", "(1 - beta2)*dw**2", "(1 - beta2)*(dw - m)**2", "squared difference"),
    ("adam", "np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)", "eps inside the root"),
    ("adam", "lr*m_hat/(np.sqrt(v_hat) + eps)",
     "lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)*m/(np.sqrt(v) + eps)", "eps-hat"),
    ("adam", "np.sqrt(v_hat) + eps", "np.sqrt(v_hat)", "no eps"),
    ("adam", "np.sqrt(v_hat) + eps", "v_hat + eps", "root forgotten"),
    ("adam", "np.sqrt(v_hat) + eps", "np.maximum(np.sqrt(v_hat), eps)", "eps as a floor"),
    ("adam", "w - lr*m_hat", "w + lr*m_hat", "sign"),
    ("adam", "lr*m_hat/(np.sqrt(v_hat)", "lr*v_hat/(np.sqrt(v_hat)", "m for v"),
    ("adam", "np.sqrt(v_hat)", "np.sqrt(np.abs(m_hat))", "m for v"),
    ("adam", "lr*m_hat", "lr*dw", "g for m"),
    ("adam", "np.sqrt(v_hat)", "np.sqrt(v)/(1 - beta2**t)",
     "corrected twice"),
    ("adam", ("m_hat = m/(1 - beta1**t)", "v_hat = v/(1 - beta2**t)"),
     ("m_hat = m", "v_hat = v"), "no bias correction"),
    ("adam", ("dw**2", "m_hat = m/(1 - beta1**t)"), ("np.abs(dw)", "m_hat = m"),
     "|g| for g**2 + no bias correction"),
    ("adam", ("np.sqrt(v_hat) + eps", "w - lr"), ("np.sqrt(v_hat + eps)", "w + lr"),
     "eps inside the root + sign"),
    ("adam", ("dw**2", "(1 - beta1)*dw\n"), ("dw", "dw\n"),
     "g for g**2 + missing factor 1 - beta"),
    ("adam", "np.sqrt(v_hat)", "np.cbrt(v_hat)", None),
    ("adamax", "np.abs(dw)", "dw**2", "g**2 for |g|"),
    ("adamax", "np.abs(dw)", "dw", "absolute value forgotten"),
    ("adamax", "np.maximum(beta2*u, np.abs(dw))", "beta2*u + np.abs(dw)",
     "sum for maximum"),
    ("adamax", "np.maximum", "np.minimum", "smallest for largest"),
    ("adamax", "lr/(1 - beta1**t)", "lr", "no bias correction"),
    ("nadam", "(1 - self.beta2)*g**2", "(1 - self.beta2)*np.abs(g)", "|g| for g**2"),
    ("nadam", "np.sqrt(vhat) + self.eps", "np.sqrt(vhat + self.eps)",
     "eps inside the root"),
    ("nadam", "w - self.lr", "w + self.lr", "sign"),
    ("nadam", "vhat = self.v/(1 - self.beta2**self.t)", "vhat = self.v",
     "no bias correction"),
    ("adamw", " - wd*w", " - lr*wd*w", "decay multiplied by lr"),
    ("adamw", (" - wd*w", "    m = "), ("", "    dw = dw + wd*w\n    m = "),
     "coupled decay"),
    ("adamw", " - wd*w", " + wd*w", "sign"),
    ("adamw", " - wd*w", " - wd", "decay without theta"),
    ("adamw", "np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)", "eps inside the root"),
    ("amsgrad", "np.maximum(v_max, v)", "v", "largest forgotten"),
    ("amsgrad", "lr*m/", "lr*m/(1 - 0.9**1)/", None),
    ("amsgrad", "np.sqrt(v_max) + eps", "np.sqrt(v_max + eps)", "eps inside the root"),
    ("amsgrad", "np.maximum(v_max, v)", "np.minimum(v_max, v)", "smallest for largest"),
]

# (style of homework_styles.py, rule, what was replaced in it, by what, the mistakes)
STYLE_MISTAKES = [
    ("config_made_inside", "adam", "*dw**2", "*np.abs(dw)", "|g| for g**2"),
    ("config_momentum", "momentum", "return w - v", "return w + v", "sign"),
    ("states_and_t", "adam", "v/(1 - beta2**t)", "v", "no bias correction"),
    ("t_given_back", "adam", "1 - beta2**t", "1 - beta1**t",
     "wrong decay in the bias correction"),
    ("given_back_by_name", "adam", "np.sqrt(v/(1 - beta2**t)) + eps",
     "np.sqrt(v/(1 - beta2**t) + eps)", "eps inside the root"),
    ("closure", "adam", "(1 - beta2)*g*g", "g*g", "missing factor 1 - beta"),
    ("attribute", "momentum", "w - lr*attribute.m", "w + lr*attribute.m", "sign"),
    ("in_globals", "momentum", "velocity = momentum*velocity + g",
     "velocity = momentum*velocity - g", "sign"),             # the same walk
    ("mutable_default", "adagrad", "g**2", "np.abs(g)", "|g| for g**2"),
    ("Params", "adam", "self.iter += 1", "self.iter += 1", "eps-hat"),
    ("Lists", "adam", "1 - b2**self.t", "1 - b2*self.t", "product for power"),
    ("Objects", "momentum", "v *= self.momentum", "v *= 1 - self.momentum", None),
    ("ById", "momentum", "p -= self.lr*m", "p += self.lr*m", "sign"),
    ("Called", "adam", "(1 - self.beta2)*g**2", "(1 - self.beta2)*g", "g for g**2"),
    ("OfClass", "momentum", "self.mu*OfClass.m + g", "OfClass.m + g",
     "no decay of the old value"),
    ("Inherited", "momentum", "self.momentum*self.m + g", "self.momentum*self.m - g", None),
    ("Data", "momentum", "self.mu*self.m + g", "self.mu*self.m + (1 - self.mu)*g",
     "averages where it should accumulate"),
    ("WarmUp", "warm_up", "w - (", "w + (", "sign"),
    ("masks", "cut_by_masks", "w - lr*d", "w + lr*d", "sign"),
    ("clip", "cut", "lr*np.clip", "np.clip", "no lr"),
    ("signs", "halved_signs", "w - lr", "w + lr", "sign"),
    ("one_number", "rmsprop", "math.sqrt(v) + eps", "math.sqrt(v + eps)",
     "eps inside the root"),
    ("one_root", "rmsprop", "(1 - decay_rate)*dx**2", "dx**2", "missing factor 1 - beta"),
    ("lists_given_back", "gradient_descent", "p - learning_rate*g", "p + learning_rate*g",
     "sign"),
    ("tuple_state", "two_states", "v + g*g", "v + abs(g)", "|g| for g**2"),
    ("needs_lr", "gradient_descent", "w - lr*dw", "w - dw", "no lr"),
    ("counted_from_1", "fading", 'g/state["t"]', "g", "missing divisor"),
    ("anchored", "anchor", "w - lr", "w + lr", "sign")]

# Right in any form: (style, rule).
RIGHT_STYLES = [
    ("config_made_inside", "adam"), ("states_and_t", "adam"), ("t_given_back", "adam"),
    ("given_back_by_name", "adam"), ("closure", "adam"), ("Lists", "adam"),
    ("Called", "adam"), ("config_momentum", "momentum"), ("Objects", "momentum"),
    ("attribute", "momentum"), ("in_globals", "momentum"), ("ById", "momentum"),
    ("OfClass", "momentum"), ("Inherited", "momentum"), ("Data", "momentum"),
    ("mutable_default", "adagrad"), ("one_number", "rmsprop"), ("one_root", "rmsprop"),
    ("lists_given_back", "gradient_descent"), ("needs_lr", "gradient_descent"),
    ("anchored", "anchor"), ("clip", "cut")]

# Right in other words: (rule, program).
RIGHT = [*PLAIN.items(), ("adam", '''
import numpy as np
def adam(w, dw, m, v, t):
    m = 0.9*m + (1 - 0.9)*dw
    v = 0.999*v + 0.001*dw**2
    return w - 0.001*(m/(1 - 0.9**t))/(np.sqrt(v/(1 - 0.999**t)) + 1e-8), m, v
'''), ("momentum", '''
def cs231n(x, dx, v, learning_rate=1e-2, mu=0.9):
    v = mu*v - learning_rate*dx
    x = x + v
    return x, v
'''), ("nag", '''
def cs231n(x, dx, v, lr=1e-2, mu=0.9):
    v_prev = v
    v = mu*v - lr*dx
    x = x + (-mu*v_prev + (1 + mu)*v)
    return x, v
'''), ("rmsprop", '''
import numpy as np
ALPHA = 0.9
def step(w, g, s, lr=0.001, delta=1e-8):
    s = s + (1 - ALPHA)*(g**2 - s)
    return w - lr*g*(1/(np.sqrt(s) + delta)), s
'''), ("adam", '''
import numpy as np
class Adam:
    def __init__(self, alpha=0.001, b1=0.9, b2=0.999, epsilon=1e-8):
        self.alpha, self.b1, self.b2, self.epsilon = alpha, b1, b2, epsilon
        self.first, self.second, self.k = 0, 0, 0
    def step(self, w, g):
        self.k = self.k + 1
        self.first = self.b1*self.first + (1 - self.b1)*g
        self.second = self.b2*self.second + (1 - self.b2)*np.square(g)
        rate = self.alpha*np.sqrt(1 - self.b2**self.k)/(1 - self.b1**self.k)
        return w - rate*self.first/(np.sqrt(self.second)
                                    + self.epsilon*np.sqrt(1 - self.b2**self.k))
'''), ("amsgrad", '''
import numpy as np
def amsgrad(w, g, state=None, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    state = {} if state is None else state
    m = state["m"] = beta1*state.get("m", 0) + (1 - beta1)*g
    v = state["v"] = beta2*state.get("v", 0) + (1 - beta2)*g**2
    h = state["h"] = np.where(v > state.get("h", np.zeros_like(w)), v, state.get("h", 0))
    return w - lr*m/(h**0.5 + eps), state
''')]


def changed(text, old, new):
    """The program with some of it replaced, each time it stands there; it has to."""
    pairs = [(old, new)] if isinstance(old, str) else zip(old, new)
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text


def style_file(style, old="", new=""):
    """homework_styles.py with a change in one of its functions or classes."""
    for node in ast.parse(STYLES_FILE).body:
        if getattr(node, "name", "") == style:
            part = ast.get_source_segment(STYLES_FILE, node)
            return STYLES_FILE.replace(part, changed(part, old, new) if old else part)
    raise ValueError(style)
