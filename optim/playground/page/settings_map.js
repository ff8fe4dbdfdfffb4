// Which settings hold: the same race for many learning rates, and for a second letter.

const COLS = 45, ROWS = 30, MAP_STEPS = 150;
const SECOND = ["mu", "rho", "beta1", "beta2"];
const map = {cells: null, next: 0, key: ""};

function mapAxes(rule) {
  const lr = rule.hyper.lr, name = SECOND.find(n => rule.hyper[n] && !rule.hyper[n].inert);
  if (!lr || now.ground.kind !== "plane") return null;
  return {name, lr: {low: Math.max(lr.low, 1e-5), high: lr.high*10, log: true},
    second: name ? {low: 0, high: Math.min(.995, rule.hyper[name].high), log: false} : null,
    rows: name ? ROWS : 1};
}

// Begin anew if the race is another one; the numbers of both axes do not count.
function resetMap() {
  const entry = now.s.runs[now.s.selected], axes = mapAxes(MG.rules[entry.rule]);
  const others = {...entry.hyper, lr: 0, ...(axes && axes.name ? {[axes.name]: 0} : {})};
  const key = JSON.stringify([now.s.landscape, now.s.text, now.s.start, now.s.steps, entry.rule, others]);
  if (key !== map.key) Object.assign(map, {key, axes, next: 0,
    cells: axes && new Float64Array(COLS*axes.rows).fill(NaN)});
  map.entry = entry;
  const words = now.ground.curvatures ? `Curvatures here: ${now.ground.curvatures.map(number).join(" and ")}. ` : "";
  const exact = axes && edgeOf(entry, axes) ? " The line is exact: a root of the step's matrix has size 1." : "";
  $("map-about").textContent = axes ? `${words}Blue: after ${Math.min(now.s.steps, MAP_STEPS)} steps the loss is lower, ` +
    `the deeper the better; orange with strokes: higher, or no number.${exact} The ring is here; tap to go elsewhere.`
    : now.ground.kind === "plane" ? "This rule has no learning rate." : "A map is drawn for landscapes in x and y.";
  $("map").hidden = !axes;
}

function workMap(deadline) {
  const {axes, cells, entry} = map;
  if (!axes || map.next >= cells.length || !map.visible) return false;
  const steps = Math.min(now.s.steps, MAP_STEPS), ground = now.ground, value = p => ground.value(...p);
  while (map.next < cells.length && performance.now() < deadline) {
    const k = map.next*73 % cells.length;               // all over, soon
    const hyper = {...entry.hyper, ...mapNumbers(axes, (k % COLS + .5)/COLS, (Math.floor(k/COLS) + .5)/axes.rows)};
    const run = new Run(ground, {rule: entry.rule, hyper, label: ""});
    run.advance(steps, Infinity);
    const floor = ground.lowest ?? Math.min(...run.value), last = value(run.theta[run.last]) - floor;
    cells[k] = run.lost !== null ? Infinity : Math.log10(Math.max(last, 1e-300)/Math.max(run.value[0] - floor, 1e-300));
    map.next++;
  }
  return true;
}
function mapNumbers({name, lr, second}, u, v) {
  return {lr: fromPlace(lr, 1000*u), ...(name ? {[name]: fromPlace(second, 1000*v)} : {})};
}

// Where the size of the largest root is 1, of rules that are linear on a quadratic.
function edgeOf(entry, axes) {
  const known = MG.stability[entry.rule], {curvatures} = now.ground;
  if (!known || !curvatures) return null;
  return (u, v) => {
    const numbers = {...entry.hyper, lr: exactPlace(axes.lr, u), ...(axes.name ? {[axes.name]: exactPlace(axes.second, v)} : {})};
    return Math.max(...curvatures.map(c => known.radius(numbers.lr*c, numbers))) - 1;
  };
}

function drawMap() {
  const {axes, cells, entry} = map;
  if (!axes) return;
  const {c, width, height} = sized($("map")), edge = {left: 52, right: 18, top: 8, bottom: 40};
  const w = width - edge.left - edge.right, h = height - edge.top - edge.bottom;
  const x = u => edge.left + u*w, y = v => edge.top + (1 - v)*h;
  const blue = [0, 114, 178], orange = [213, 94, 0], middle = rgb(theme.paper);
  for (let k = 0; k < cells.length; k++) {
    const i = k % COLS, j = Math.floor(k/COLS), value = cells[k], dx = w/COLS, dy = h/axes.rows;
    if (Number.isNaN(value)) continue;
    const p = value < 0 ? Math.min(1, .15 + -value/8) : .55;
    c.fillStyle = `rgb(${between(middle, value < 0 ? blue : orange, p).map(Math.round)})`;
    const [a, b] = [edge.left + i*dx, edge.top + h - (j + 1)*dy];
    c.fillRect(a, b, dx + .6, dy + .6);
    if (value >= 0) {
      c.strokeStyle = theme.ink; c.globalAlpha = .35; c.lineWidth = 1; c.setLineDash([]);
      for (let q = 0; q < dy; q += 12) follow(c, [[a, Math.min(b + dy, b + q + 8)], [a + dx*.8, b + q]]);
      c.globalAlpha = 1;
    }
  }
  const exact = edgeOf(entry, axes);
  if (exact && axes.rows > 1) {
    const grid = {cols: 91, rows: 61, cell: 1, values: new Float64Array(91*61)};
    for (let j = 0; j < 61; j++) for (let i = 0; i < 91; i++) grid.values[j*91 + i] = exact(i/90, 1 - j/60);
    const [path] = contours(grid, [0]), placed = new Path2D();
    placed.addPath(path, new DOMMatrix([w/90, 0, 0, h/60, edge.left, edge.top]));
    for (const [colour, size] of [[theme.paper, 4], [theme.ink, 2]]) {
      c.strokeStyle = colour; c.lineWidth = size; c.setLineDash([]);
      c.stroke(placed);
    }
  }
  mapWords(c, axes, x, y, height);
  const place = n => n === "lr" ? toPlace(axes.lr, entry.hyper.lr)/1000
    : axes.name ? (entry.hyper[axes.name] - axes.second.low)/(axes.second.high - axes.second.low) : .5;
  map.at = [place("lr"), Math.min(1, place())];
  marker(c, now.looks[now.s.selected], x(map.at[0]), y(map.at[1]), 7);
  trace(c, null, x(map.at[0]), y(map.at[1]), 13);
  c.strokeStyle = theme.ink; c.lineWidth = 2; c.stroke();
  map.from = (px, py) => [(px - edge.left)/w, 1 - (py - edge.top)/h].map(p => Math.min(1, Math.max(0, p)));
}
function mapWords(c, axes, x, y, height) {
  c.font = "12px system-ui, sans-serif";
  c.fillStyle = theme.soft; c.textAlign = "center"; c.setLineDash([]);
  const decades = Math.log10(axes.lr.high/axes.lr.low);
  for (let k = Math.ceil(Math.log10(axes.lr.low)); k <= Math.log10(axes.lr.high) + 1e-9; k++)
    c.fillText(powerWords(10**k), x((k - Math.log10(axes.lr.low))/decades), height - 24);
  c.fillText("lr: learning rate", x(.5), height - 6);
  c.textAlign = "right";
  if (axes.name) for (const v of nice(axes.second.low, axes.second.high, 4))
    c.fillText(number(v), x(0) - 6, y((v - axes.second.low)/(axes.second.high - axes.second.low)) + 4);
  if (axes.name) { c.textAlign = "left"; c.fillText(axes.name, 2, 16); }
}

function moveOnMap(u, v) {
  const numbers = mapNumbers(map.axes, Math.min(1, Math.max(0, u)), Math.min(1, Math.max(0, v)));
  Object.assign(map.entry.hyper, numbers);
  changed("numbers");
  showChosen();
}
