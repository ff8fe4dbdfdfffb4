// The picture: three canvases over one another, ground, trails and what moves.

const picture = {box: null, drawn: 0, lengths: [], info: null};

// Anew: the ground and the whole trails. After that, frames only add to the trails.
function drawPicture() {
  const {ground} = now;
  if (ground.kind === "plane") {
    picture.info = drawGround($("ground"), ground, now.s.view);
    picture.box = picture.info.box;
  } else if (ground.kind === "line") picture.info = drawLine($("ground"), ground);
  else picture.info = drawNetwork($("ground"));
  $("scale").textContent = scaleWords(ground, picture.info);
  clearTrails();
}
function clearTrails() {
  picture.drawn = 0;
  picture.lengths = now.runs.map(() => 0);
  picture.c = sized($("trails")).c;
}

function scaleWords(ground, {heights = []}) {
  if (ground.kind === "network") return "each line: where a network says 50 : 50";
  if (ground.kind === "line") return "the line: the best point";
  if (!heights.length) return "no heights to draw here";
  const ends = `${number(heights[0])} to ${number(heights[heights.length - 1])}`;
  const [first, last] = [heights[1] - heights[0], heights.at(-1) - heights.at(-2)];
  const how = last > 1.01*first ? "denser at the bottom" : "evenly spaced";
  return `${heights.length} contours, f = ${ends}, ${how}`;
}

const pixel = theta => now.ground.kind === "plane" ? picture.box.px(theta) : null;
function pointOf(run, t) {              // in pixels
  return now.ground.kind === "line" ? linePixel(Math.min(t, run.last), run.place(t)[0])
    : pixel(run.place(t));
}
const NEAR = 1e5;                       // pixels; what is farther is not drawn
const isNear = point => point && Math.abs(point[0]) < NEAR && Math.abs(point[1]) < NEAR;

// Add what was run since the last frame; a dash goes on where it ended.
function extendTrails(t) {
  if (now.ground.kind === "network") return;
  if (t < picture.drawn) clearTrails();
  const from = picture.drawn;
  if (t === from) return;
  now.runs.forEach((run, k) => {
    const end = Math.min(t, run.last), points = [];
    if (from > end) return;
    for (let i = from; i < end; i = Math.floor(i) + 1) points.push(pointOf(run, i));
    points.push(pointOf(run, end));
    const seen = points.slice(0, points.findIndex(p => !isNear(p)) + 1 || points.length).filter(isNear);
    if (seen.length < 2) return;
    const chosen = k === now.s.selected;
    picture.c.lineDashOffset = -picture.lengths[k];
    picture.c.globalAlpha = chosen ? 1 : .8;
    line(picture.c, now.looks[k], seen, chosen ? 3.5 : 2.25);
    picture.c.globalAlpha = 1;
    for (let i = 1; i < seen.length; i++)
      picture.lengths[k] += Math.hypot(seen[i][0] - seen[i - 1][0], seen[i][1] - seen[i - 1][1]);
  });
  picture.drawn = t;
}

function drawMoving(t) {
  if (now.ground.kind === "network") return drawBoundaries(Math.floor(t));
  extendTrails(t);
  const {c, width, height} = sized($("moving"));
  if (now.ghost) drawGhosts(c, t);
  drawStart(c);
  const order = now.runs.map((_, k) => k).filter(k => k !== now.s.selected);
  for (const k of [...order, now.s.selected]) {
    const point = pointOf(now.runs[k], t), chosen = k === now.s.selected;
    if (chosen && $("arrows").checked && now.ground.kind === "plane" && isNear(point))
      drawArrows(c, now.runs[k], t, point);
    if (isInside(point, width, height)) marker(c, now.looks[k], ...point, chosen ? 9 : 7);
    else if (point && point.every(x => !Number.isNaN(x)))
      drawGone(c, now.looks[k], point, width, height);
  }
}
const isInside = (p, width, height) => p && p[0] >= 0 && p[0] <= width && p[1] >= 0 && p[1] <= height;

// Who left the window: its marker at the border, with an arrow outwards.
function drawGone(c, look, [x, y], width, height) {
  const dx = Math.max(-1e9, Math.min(1e9, x - width/2)), dy = Math.max(-1e9, Math.min(1e9, y - height/2));
  const part = Math.min((width/2 - 26)/Math.abs(dx), (height/2 - 26)/Math.abs(dy));
  const at = [width/2 + part*dx, height/2 + part*dy], far = Math.hypot(dx, dy);
  arrow(c, at, [at[0] + 22*dx/far, at[1] + 22*dy/far], colourOf(look), 3);
  marker(c, look, ...at, 7);
}

function drawStart(c) {
  const point = now.ground.kind === "line" ? linePixel(0, now.s.start[0]) : pixel(now.s.start);
  c.setLineDash([]);
  for (const [colour, width] of [[theme.paper, 5], [theme.ink, 2]]) {
    trace(c, null, ...point, 14);
    c.strokeStyle = colour; c.lineWidth = width;
    c.stroke();
  }
}

// While a start or a number is being changed: where the race will go.
function drawGhosts(c, t) {
  now.runs.forEach((run, k) => {
    if (now.ghost === "chosen" && k !== now.s.selected) return;
    const points = [];
    for (let i = Math.floor(t); i <= run.last; i++) {
      const p = pointOf(run, i);
      if (!isNear(p)) break;
      points.push(p);
    }
    c.globalAlpha = .45;
    line(c, now.looks[k], points, 1.75);
    c.globalAlpha = 1;
  });
}

// ------------------------------------------------------------------------------ arrows
function arrow(c, [x, y], [a, b], colour, width, text) {
  const long = Math.hypot(a - x, b - y);
  if (!(long > 6)) return;
  const [u, v] = [(a - x)/long, (b - y)/long], head = 5 + 2*width;
  c.setLineDash([]);
  c.lineCap = "butt";
  for (const [paint, extra] of [[theme.paper, 3], [colour, 0]]) {
    c.strokeStyle = c.fillStyle = paint;
    c.lineWidth = width + extra;
    follow(c, [[x, y], [a - u*head*.8, b - v*head*.8]]);
    c.beginPath();
    c.moveTo(a + u*extra/2, b + v*extra/2);
    for (const s of [1, -1])
      c.lineTo(a - u*head - s*v*(head*.5 + extra/2), b - v*head + s*u*(head*.5 + extra/2));
    c.fill();
  }
  if (text) label(c, text, a + u*14, b + v*14, colour);
}
function label(c, text, x, y, colour) {
  c.font = "italic 600 15px Georgia, 'Times New Roman', serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.lineWidth = 4; c.lineJoin = "round";
  c.strokeStyle = theme.paper;
  c.strokeText(text, x, y);
  c.fillStyle = colour;
  c.fillText(text, x, y);
}

// Downhill, what is remembered, and the two divided: directions true, lengths compressed.
function drawArrows(c, run, t, point) {
  for (const {text, vector, most, width, colour} of arrowsOf(run, run.at(t))) {
    const size = Math.hypot(...vector);
    if (!(size > 0 && Number.isFinite(size))) continue;
    const long = 26 + 62*Math.min(1, size/most)**.25;
    arrow(c, point, [point[0] + vector[0]/size*long, point[1] - vector[1]/size*long],
      colour, width, text);
  }
}

function arrowsOf(run, t) {
  const {first, second} = run.rule, k = Math.min(t + 1, run.last);
  const found = [{text: "−g", of: i => run.grad[i].map(x => -x), at: t, width: 2, colour: theme.ink}];
  const states = i => run.state[Math.min(i, run.last)];
  const plain = name => name && states(k)[name] && states(k)[name].length === 2;
  if (plain(first)) {
    // Some libraries remember the way down, most the way up.
    const one = states(1)[first], g = run.grad[0];
    const sign = one[0]*g[0] + one[1]*g[1] < 0 ? 1 : -1, minus = sign < 0 ? "−" : "";
    found.push({text: `${minus}m`, of: i => Array.from(states(i)[first], x => sign*x), at: k,
      width: 4, colour: theme.accent});
    if (plain(second)) found.push({text: `${minus}m/√v`, at: k, width: 4, colour: theme.alarm,
      of: i => Array.from(states(i)[first], (x, j) => sign*x/Math.sqrt(states(i)[second][j]))});
  } else if (plain(second)) found.push({text: "−g/√v", at: k, width: 4, colour: theme.alarm,
    of: i => Array.from(run.grad[Math.max(0, i - 1)], (x, j) => -x/Math.sqrt(states(i)[second][j]))});
  for (const entry of found) {
    entry.vector = entry.of(entry.at);
    entry.most = 0;
    for (let i = 1; i <= run.last; i += 1 + (run.last >> 6)) {
      const size = Math.hypot(...entry.of(i));
      if (Number.isFinite(size)) entry.most = Math.max(entry.most, size);
    }
  }
  return found;
}
