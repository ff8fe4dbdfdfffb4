// What the printed mathematics calls besides Math: NumPy's conventions, and small matrices.

class MGError extends Error {}

// NumPy's sign of -0 is 0.
const sign = x => Math.sign(x) + 0;

// x**p. Math.pow is up to five units in the last place off; for whole p the product is kept
// as a sum of two floats (Dekker 1971) and rounded once.
const SPLIT = 134217729;                                    // 2**27 + 1
function product2(a, b) {
  const p = a*b, u = SPLIT*a, v = SPLIT*b;
  const ah = u - (u - a), al = a - ah, bh = v - (v - b), bl = b - bh;
  return [p, ((ah*bh - p) + ah*bl + al*bh) + al*bl];
}
function times2([a, b], [c, d]) {
  const [p, e] = product2(a, c), low = e + (a*d + b*c), high = p + low;
  return [high, low - (high - p)];
}
function pow(x, p) {
  if (p === 2) return x*x;
  if (p === 0.5 && x >= 0) return Math.sqrt(x);
  if (x === -1 && Math.abs(p) === Infinity) return 1;       // as in C
  const plain = Math.pow(x, p), size = Math.abs(plain);
  if (!Number.isInteger(p) || Math.abs(p) > 1e6 || !(size > 1e-250 && size < 1e250)
      || Math.abs(x) > 1e140 || Math.abs(x) < 1e-140) return p === 0 || x === 1 ? 1 : plain;
  let out = [1, 0], base = [x, 0];
  for (let n = Math.abs(p); n > 0; n = Math.floor(n/2)) {
    if (n % 2) out = times2(out, base);
    if (n > 1) base = times2(base, base);
  }
  if (p > 0) return out[0] + out[1];
  const q = 1/out[0], [r, e] = product2(q, out[0]);
  return q + q*(((1 - r) - e) - q*out[1]);
}
const keptInSingle = (t, p) =>
  Math.fround(1 - Math.fround(Math.pow(Math.fround(t), Math.fround(p))));

// A matrix is a Float64Array with .shape; a vector is one without.
const unpack = (phrases, text) => phrases.reduce(
  (all, [letter, phrase]) => all.split(letter).join(phrase), text).split("\n");
const floats = text => new Float64Array(
  Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
const vector = n => new Float64Array(n);
function shaped(data, shape) { data.shape = shape; return data; }
const shapeOf = x => typeof x === "number" ? [] : x.shape || [x.length];
const full = (value, shape) =>
  shaped(new Float64Array(shape.reduce((a, b) => a*b, 1)).fill(value), shape);
const identity = n => reshape(Float64Array.from(
  {length: n*n}, (_, k) => k % (n + 1) ? 0 : 1), [n, n]);
function sum(x) { let s = 0; for (const y of x) s += y; return s; }
const mean = x => sum(x)/x.length;
const last = x => x[x.length - 1];
function reshape(x, shape) { return shaped(Float64Array.from(x), shape); }
function transpose(x) {
  const [r, c] = x.shape, out = full(0, [c, r]);
  for (let i = 0; i < r; i++) for (let j = 0; j < c; j++) out[j*r + i] = x[i*c + j];
  return out;
}
function product(a, b) {
  const [r, k] = a.shape, c = b.shape[1], out = full(0, [r, c]);
  for (let i = 0; i < r; i++) for (let j = 0; j < c; j++) {
    let s = 0;
    for (let m = 0; m < k; m++) s += a[i*k + m]*b[m*c + j];
    out[i*c + j] = s;
  }
  return out;
}
// f of one entry of each, broadcast as NumPy does for at most two axes.
function zip(f, ...parts) {
  const shapes = parts.map(shapeOf), ndim = Math.max(...shapes.map(s => s.length));
  const grown = shapes.map(s => [...Array(2 - s.length).fill(1), ...s]);
  const [r, c] = [0, 1].map(k => Math.max(...grown.map(s => s[k])));
  const out = full(0, ndim < 2 ? [c] : [r, c]);
  for (let i = 0; i < r; i++) for (let j = 0; j < c; j++) {
    out[i*c + j] = f(...parts.map((x, k) => typeof x === "number" ? x :
      x[(grown[k][0] > 1 ? i : 0)*grown[k][1] + (grown[k][1] > 1 ? j : 0)]));
  }
  return out;
}
// The eigenvalues of a symmetric matrix, rising, and its eigenvectors: Jacobi's rotations.
function eigen(h) {
  const n = h.shape[0], a = Float64Array.from(h), v = full(0, [n, n]);
  for (let i = 0; i < n; i++) v[i*n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
      const b = a[p*n + q];
      if (Math.abs(b) <= 1e-18*Math.sqrt(Math.abs(a[p*n + p]*a[q*n + q]))) continue;
      off++;
      const z = (a[q*n + q] - a[p*n + p])/(2*b);
      const t = (z < 0 ? -1 : 1)/(Math.abs(z) + Math.sqrt(z*z + 1));
      const c = 1/Math.sqrt(t*t + 1), s = t*c;
      for (let k = 0; k < n; k++) {
        const x = a[k*n + p], y = a[k*n + q];
        a[k*n + p] = c*x - s*y; a[k*n + q] = s*x + c*y;
      }
      for (let k = 0; k < n; k++) {
        const x = a[p*n + k], y = a[q*n + k];
        a[p*n + k] = c*x - s*y; a[q*n + k] = s*x + c*y;
        const u = v[k*n + p], w = v[k*n + q];
        v[k*n + p] = c*u - s*w; v[k*n + q] = s*u + c*w;
      }
      a[p*n + q] = a[q*n + p] = 0;
    }
    if (!off) break;
  }
  const order = [...Array(n).keys()].sort((i, j) => a[i*n + i] - a[j*n + j]);
  const vectors = full(0, [n, n]);
  order.forEach((from, to) => {
    for (let k = 0; k < n; k++) vectors[k*n + to] = v[k*n + from];
  });
  return {values: Float64Array.from(order, i => a[i*n + i]), vectors};
}
const eigenvalues = h => eigen(h).values;
const eigenvectors = h => eigen(h).vectors;
