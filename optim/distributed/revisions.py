"""adaptive_revision: a rule that knows how late its gradients are."""
import numpy as np


def adaptive_revision(theta, g, v, v_max, *, t, g_since=0, lr=0.01, eps=1e-10):
    """Adagrad for gradients that come late, which takes back a part of the steps that were
    taken in the meantime, as if it had known.

    g_since is the sum of the gradients applied between the reading of theta that g belongs
    to and now; with none it is Adagrad. McMahan & Streeter 2014, AdaptiveRevision; v and
    v_max are their z and z', lr their alpha. eps is ours, outside the root as Adagrad's.
    """
    before = lr/(np.sqrt(v_max) + eps)
    v = v + g**2 + 2*g*g_since
    v_max = np.maximum(v, v_max)
    now = lr/(np.sqrt(v_max) + eps)
    return theta - now*g + (before - now)*g_since, v, v_max
