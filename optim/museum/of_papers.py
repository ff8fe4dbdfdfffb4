"""Papers and a survey: bounds on the step, and rules as one paper quotes another's."""
from fractions import Fraction

import numpy as np

from optim.more_rules.averages import qhm
from optim.museum.exhibit import Bound, Exhibit
from optim.rules import adam, adamax

ADAM = "https://arxiv.org/abs/1412.6980"


def survey_adamax(theta, g, m, v, *, t, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    """The largest of beta2*v and |g|, where v is Adam's; eps is ours, as in adamax."""
    m = beta1*m + (1 - beta1)*g
    u = np.maximum(beta2*v, np.abs(g))
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(1 - beta1**t)/(u + eps), m, v


def quoted_adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """eps inside the root, and no bias correction."""
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/np.sqrt(v + eps), m, v


def qhm_that_adds(theta, g, m, *, t, lr=0.1, mu=0.999, nu=0.7):
    """The step is added."""
    m = mu*m + (1 - mu)*g
    return theta + lr*((1 - nu)*g + nu*m), m


EXHIBITS = (
    Bound("adam-bound-large", "Adam's step, where 1 - β1 > √(1 - β2)", "paper", ADAM,
          "The paper bounds every step by lr (1 - β1)/√(1 - β2). That is the step of one "
          "gradient after zeros. Gradients that grow make longer ones.",
          adam, lambda beta1, beta2: (1 - beta1)/np.sqrt(1 - beta2),
          (Fraction(1, 2), Fraction(4, 5)),
          tuple(Fraction(8, 5)**i for i in range(6)),
          ("bound", "growing", "supremum"), "first-case", version="v9, Section 2.1"),
    Bound("adam-bound-small", "Adam's step, where 1 - β1 ≤ √(1 - β2)", "paper", ADAM,
          "The paper bounds every step by lr. Two gradients already make a longer one. "
          "Ma & Yarats 2018, Appendix F, contradict the paper's bounds.",
          adam, lambda beta1, beta2: 1, (Fraction(9, 10), Fraction(99, 100)),
          (Fraction(10, 11), Fraction(1)),
          ("bound", "growing", "supremum"), "second-case", version="v9, Section 2.1"),
    Bound("adamax-bound", "AdaMax's step", "paper", ADAM,
          "The paper bounds every step by lr. Gradients that shrink as fast as v forgets "
          "make longer ones.",
          adamax, lambda beta1, beta2: 1, (Fraction(1, 2), Fraction(3, 4)),
          (Fraction(1), Fraction(3, 4)),
          ("bound", "shrinking", "supremum"), "papers-bound", version="v9, Section 7.1"),
    Exhibit("survey-adamax", "AdaMax in a survey", "paper",
            "https://arxiv.org/abs/1609.04747",
            "The survey takes the largest of β2 v(t-1) and |g|, with Adam's v, where the "
            "paper has the last result itself, u(t-1). The survey prints no eps.",
            survey_adamax, adamax, ("adamax",), date="2016"),
    Exhibit("quoted-adam", "Adam as a paper on AMSGrad quotes it", "paper",
            "https://arxiv.org/abs/1904.09237",
            "Equation (3) has eps inside the root, and no bias correction, and gives it as "
            "an update of Kingma & Ba, whose Algorithm 1 has eps outside and corrects both "
            "moments.", quoted_adam, adam, ("adam",), date="2018", version="eq. (3)"),
    Exhibit("qhm-sign", "QHM in its authors' package", "documentation",
            "https://github.com/facebookresearch/qhoptim",
            "The docstring adds the step; the paper and the package's code subtract it.",
            qhm_that_adds, qhm, ("qhm",)),
)
