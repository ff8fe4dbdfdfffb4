// Colours, dashes and marker shapes: no two runs share all three, none is colour alone.

const $ = id => document.getElementById(id);

const probe = document.createElement("span");
probe.hidden = true;
function css(name) {                    // a colour of the style sheet, of the present theme
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}
let theme = {};
function readTheme() {
  theme.name = isDark() ? "dark" : "light";
  for (const name of "ink soft line paper panel accent alarm low high contour".split(" "))
    theme[name] = css(name);
}
const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark" ||
  !document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches;

// The look of each run: its rule's own if it is free, else the first that is.
function assignLooks(runs) {
  const taken = new Set(), found = [];
  const free = look => !taken.has(look.colour + look.dash);
  for (const {rule} of runs) {
    const paper = MG.rules[rule].paper || rule;
    const look = [LOOKS.rules[rule], LOOKS.rules[paper], ...LOOKS.spare].find(x => x && free(x));
    taken.add(look.colour + look.dash);
    found.push(look);
  }
  return found;
}
const colourOf = look => look.colour === "ink" ? theme.ink : look.colour;
const isPale = look => look.pale === theme.name;

function stroke(c, look, width = 2.5) {
  c.strokeStyle = colourOf(look);
  c.lineWidth = width;
  c.setLineDash(look.dash.map(x => x*width*.8));
  c.lineCap = look.dash.length ? "butt" : "round";
  c.lineJoin = "round";
}

// Points of each marker around (0, 0), of radius 1.
const star = (n, inner, turn = 0) => Array.from({length: 2*n}, (_, k) => {
  const r = k % 2 ? inner : 1, a = Math.PI*(k/n - .5) + turn;
  return [r*Math.cos(a), r*Math.sin(a)];
});
const polygon = (n, turn = 0) => star(n, Math.cos(Math.PI/n), turn);
const cross = star(4, .38);
const MARKERS = {
  o: null, s: polygon(4, Math.PI/4), D: polygon(4), "^": polygon(3), v: polygon(3, Math.PI),
  "<": polygon(3, -Math.PI/2), ">": polygon(3, Math.PI/2), P: cross, X: star(4, .38, Math.PI/4),
  h: polygon(6), H: polygon(6, Math.PI/6), p: polygon(5), d: polygon(4), "*": star(5, .45), "8": polygon(8)};

function trace(c, points, x, y, r) {
  c.beginPath();
  if (points) points.forEach(([a, b], k) => c[k ? "lineTo" : "moveTo"](x + r*a, y + r*b));
  else c.arc(x, y, r*.9, 0, 2*Math.PI);
  c.closePath();
}

function marker(c, look, x, y, r = 8) {
  trace(c, MARKERS[look.marker], x, y, r);
  c.setLineDash([]);
  c.lineJoin = "round";
  c.lineWidth = 3.5;
  c.strokeStyle = theme.paper;
  c.stroke();
  c.fillStyle = colourOf(look);
  c.fill();
  c.lineWidth = 1.25;
  c.strokeStyle = look.colour === "ink" ? theme.paper : theme.ink;
  c.stroke();
}

// A canvas at the resolution of the screen; gives its context, in CSS pixels.
function sized(canvas) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const [w, h] = [Math.round(width*ratio), Math.round(height*ratio)];
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  return {c, width, height};
}

function keyOf(look) {
  const canvas = document.createElement("canvas");
  canvas.className = "key";
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = 84; canvas.height = 40;
  const c = canvas.getContext("2d");
  c.scale(2, 2);
  line(c, look, [[1, 10], [41, 10]], 2.5);
  marker(c, look, 21, 10, 6.5);
  return canvas;
}

// A line of points; NaN breaks nothing that came before.
function line(c, look, points, width = 2.5) {
  if (isPale(look)) {
    stroke(c, {...look, colour: "ink"}, width + 1.6);
    c.globalAlpha *= .6;
    follow(c, points);
    c.globalAlpha /= .6;
  }
  stroke(c, look, width);
  follow(c, points);
}
function follow(c, points) {
  c.beginPath();
  points.forEach(([x, y], k) => c[k ? "lineTo" : "moveTo"](x, y));
  c.stroke();
}

const number = x => x === 0 ? "0" : Math.abs(x) >= 1e4 || Math.abs(x) < 1e-3
  ? x.toExponential(2).replace("e+", "e").replace("-", "−").replace("e-", "e−")
  : String(Number(x.toPrecision(4))).replace("-", "−");
const said = x => Number.isNaN(x) ? "not a number" : x === Infinity ? "beyond all numbers"
  : x === -Infinity ? "below all numbers" : number(x);
