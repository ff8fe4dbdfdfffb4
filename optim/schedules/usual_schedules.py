"""The schedules, each one function of t = 1, 2, ... and its numbers.

They hold beyond their steps as well: what was to end there keeps its last value, but for
the cosine, which rises again, as in PyTorch.
"""
import numpy as np

from optim.schedules.numbers_of_t import schedule


@schedule
def constant(t, start):
    """Always the same number."""
    return start


@schedule
def step(t, start, *, every, factor=0.1):
    """Times a factor after so many steps, again and again."""
    # As the floor of (t - 1)/every; this one is near no whole number, so rounding is safe.
    return start*factor**np.floor((t - 1/2)/every)


@schedule
def multi_step(t, start, *, at, factor=0.1):
    """Times a factor after each of these numbers of steps."""
    value = start
    for k, time in enumerate(at, 1):
        value = np.where(t > time, start*factor**k, value)
    return value


@schedule
def exponential(t, start, *, factor):
    """Times a factor in every step."""
    return start*factor**(t - 1)


@schedule
def polynomial(t, start, *, steps, end=0.0, power=1.0):
    """From start to end, as a power of the share of steps that is left: a line if it is 1.
    """
    return np.where(t > steps, end, falling(t, start, steps, end, power))


def falling(t, start, steps, end, power=1):
    """The same before its end."""
    return end + (start - end)*(1 - (t - 1)/steps)**power


@schedule
def cosine(t, start, *, steps, end=0.0):
    """From start to end along half a wave of the cosine.

    Loshchilov & Hutter 2017, equation 5. After so many steps it would rise again.
    """
    return end + (start - end)*(1 + np.cos(np.pi*(t - 1)/steps))/2


@schedule
def cosine_restarts(t, start, *, steps, growth=1, end=0.0):
    """Half waves of the cosine, each of them growth times as long as the last.

    Loshchilov & Hutter 2017, equation 5, with T_0 = steps and T_mult = growth.
    """
    if growth == 1:
        begin, length = steps*np.floor((t - 1/2)/steps), steps
    else:
        wave = np.floor(np.log(1 + (t - 1/2)*(growth - 1)/steps)/np.log(growth))
        length = steps*growth**wave
        begin = (length - steps)/(growth - 1)
    return cosine.rule(t - begin, start, steps=length, end=end)


@schedule
def one_cycle(t, peak, *, steps, rise=0.3, start=lambda peak: peak/25,
              end=lambda start: start/1e4, linear=False, three_phase=False):
    """Up to a peak and down again, further than where it began.

    rise: the share of the steps in which it rises. In three phases it falls to start in as
    many steps, then to end. Smith & Topin 2018; by the cosine, unless linear. With start
    and end above the peak it is the way of the momentum. Its phases are PyTorch's.
    """
    def along(t, start, steps, end):
        return (falling(t, start, steps, end) if linear else
                cosine.rule(t, start, steps=steps, end=end))

    top, last = rise*steps - 1, steps - 1               # the steps before them
    low, turn = (start, 2*top) if three_phase else (peak, top)
    down = np.where(t < steps, along(t - turn, low, last - turn, end), end)
    if three_phase:
        down = np.where(t - 1 < turn, along(t - top, peak, top, start), down)
    return np.where(t - 1 < top, along(t, start, top, peak), down)


@schedule
def inverse_square_root(t, peak, *, steps=1):
    """Up to the peak in so many steps, along a line; then by the root of t.

    Vaswani et al. 2017, equation 3, where the peak is 1/sqrt(d_model*warmup_steps).
    """
    return np.where(t < steps, peak*t/steps, peak*np.sqrt(steps/t))
