// Runs: each rule from the same start, every step of it kept; worked out in small portions.

// A landscape as the runs need it. kind: "plane", "line" or "network".
function groundOf(s) {
  if (s.landscape === "network") {
    const {network} = MG;
    return {kind: "network", title: "two moons", start: () => Float64Array.from(network.start),
      both: theta => network.valueAndGradient(theta, s.activation), minima: null, lowest: 0};
  }
  const land = s.landscape === "own" ? ownLandscape(s.text) : MG.landscapes[s.landscape];
  const slope = land.sampledGradient
    ? (theta, t) => land.sampledGradient(...theta, t) : theta => land.gradient(...theta);
  const {minima} = land;
  return {...land, kind: s.start.length === 1 ? "line" : "plane", start: () => [...s.start],
    lowest: minima && minima.length ? Math.min(...minima.map(p => land.value(...p))) : null,
    both: (theta, t) => ({value: land.value(...theta), gradient: slope(theta, t)})};
}

function ownLandscape(text) {
  const {value, gradient, mathml} = MG.parse(text);
  return {title: "f(x, y)", about: "", value, gradient, mathml, window: [[-5, 5], [-5, 5]],
    minima: null, saddles: [], heights: null, log: true, curvatures: null};
}

// theta[t], grad[t], state[t], value[t] after t steps; lost: the first step without a number.
class Run {
  constructor(ground, {rule, hyper, label}) {
    Object.assign(this, {ground, rule: MG.rules[rule], key: rule, hyper: {...hyper}, label});
    this.theta = []; this.grad = []; this.state = []; this.value = []; this.lost = null;
    const theta = ground.start();
    this.keep(theta, this.rule.init(theta, this.hyper));
  }

  keep(theta, state) {
    const {value, gradient} = this.ground.both(theta, this.theta.length + 1);
    this.theta.push(theta); this.state.push(state);
    this.value.push(value); this.grad.push(gradient);
    if (!(Number.isFinite(value) && [...theta].every(Number.isFinite))) this.lost = this.last;
  }

  get last() { return this.theta.length - 1; }

  one() {
    const t = this.last;
    const {theta, state} = this.rule.step(
      this.theta[t], this.grad[t], this.state[t], t + 1, this.hyper);
    this.keep(this.ground.project ? this.ground.project(...theta) : theta, state);
  }

  // Whether all is there; at the deadline (performance.now) it stops and goes on later.
  advance(steps, deadline) {
    while (this.lost === null && this.last < steps) {
      if (performance.now() > deadline) return false;
      this.one();
    }
    return true;
  }

  at(t) { return Math.min(Math.floor(t), this.last); }

  // Between two steps: on the way from one to the next.
  place(t) {
    const k = this.at(t), a = this.theta[k], b = this.theta[Math.min(k + 1, this.last)];
    const part = k < this.last ? t - k : 0;
    return part ? a.map((x, i) => x + part*(b[i] - x)) : a;
  }
}

// The distance of two runs after each step.
function distances(a, b) {
  const found = [];
  for (let t = 0; t <= Math.min(a.last, b.last); t++)
    found.push(Math.hypot(...Array.from(a.theta[t], (x, i) => x - b.theta[t][i])));
  return found;
}
