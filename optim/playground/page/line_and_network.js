// Two other pictures: of one variable, its place over the steps; of a network, its boundary.

const EDGE = {left: 44, right: 18, top: 18, bottom: 30};
const plot = {};

function drawLine(canvas, ground) {
  const {c, width, height} = sized(canvas), [[low, high]] = ground.window;
  const spare = .08*(high - low);
  Object.assign(plot, {width, height, low: low - spare, high: high + spare});
  c.fillStyle = theme.low;
  c.fillRect(0, 0, width, height);
  c.font = "13px system-ui, sans-serif";
  c.fillStyle = theme.soft;
  for (const x of nice(low, high, 5)) {
    const [, y] = linePixel(0, x);
    c.strokeStyle = theme.line; c.lineWidth = 1;
    follow(c, [[EDGE.left, y], [width - EDGE.right, y]]);
    c.textAlign = "right";
    c.fillText(number(x), EDGE.left - 6, y + 4);
  }
  c.textAlign = "center";
  for (const t of nice(0, now.s.steps, 6)) c.fillText(t, linePixel(t, low)[0], height - 10);
  c.textAlign = "left";
  c.fillText("x, over the steps", EDGE.left, 13);
  for (const [best] of ground.minima || []) {
    const [, y] = linePixel(0, best);
    c.strokeStyle = theme.ink; c.lineWidth = 2;
    follow(c, [[EDGE.left, y], [width - EDGE.right, y]]);
    trace(c, MARKERS["*"], width - EDGE.right, y, 10);
    c.fillStyle = theme.paper; c.fill(); c.stroke();
  }
  return {};
}
function linePixel(t, x) {
  const {width, height, low, high} = plot;
  return [EDGE.left + t/now.s.steps*(width - EDGE.left - EDGE.right),
    height - EDGE.bottom - (x - low)/(high - low)*(height - EDGE.top - EDGE.bottom)];
}
function lineAt(py) {
  const {height, low, high} = plot;
  return low + (height - EDGE.bottom - py)/(height - EDGE.top - EDGE.bottom)*(high - low);
}

// ------------------------------------------------------------------------------ network
const moons = {};

function drawNetwork(canvas) {
  const {c, width, height} = sized(canvas), {x} = MG.network.data;
  const xs = x.filter((_, k) => k % 2 === 0), ys = x.filter((_, k) => k % 2);
  const spare = .35;
  const window = [[Math.min(...xs) - spare, Math.max(...xs) + spare],
    [Math.min(...ys) - spare, Math.max(...ys) + spare]];
  moons.box = boxOf({window}, null, width, height);
  moons.drawn = null;
  return {};
}

// The difference of the two logits on a grid: above 0 is the second class.
function decided(run, t, count) {
  const {box} = moons, cell = box.width/count, rows = Math.ceil(box.height/cell) + 1;
  const cols = count + 1, values = new Float64Array(cols*rows), theta = run.theta[run.at(t)];
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < cols; i++) {
      const [a, b] = MG.network.logits(theta, ...box.at(i*cell, j*cell), now.s.activation);
      values[j*cols + i] = b - a;
    }
  return {values, cols, rows, cell};
}

// Redrawn after each whole step only. The chosen rule's opinion is the ground.
function drawBoundaries(k) {
  const chosen = now.runs[now.s.selected];
  if (moons.drawn === k && !now.stale) return;
  moons.drawn = k;
  const {c} = sized($("moving"));
  const {c: below} = sized($("ground")), grid = decided(chosen, k, 72);
  const [zero, one] = [rgb(theme.paper), [86, 180, 233]], two = [230, 159, 0];
  const image = new ImageData(grid.cols, grid.rows);
  grid.values.forEach((d, i) => {
    const p = Math.tanh(d/2)*.5;
    image.data.set([...between(zero, p < 0 ? one : two, Math.abs(p)), 255], 4*i);
  });
  const small = new OffscreenCanvas(grid.cols, grid.rows);
  small.getContext("2d").putImageData(image, 0, 0);
  below.drawImage(small, 0, 0, (grid.cols - 1)*grid.cell, (grid.rows - 1)*grid.cell);
  const {x, labels} = MG.network.data;
  labels.forEach((label, i) => {
    trace(c, label ? MARKERS["^"] : null, ...moons.box.px([x[2*i], x[2*i + 1]]), 5.5);
    c.fillStyle = label ? "#E69F00" : "#56B4E9"; c.strokeStyle = theme.ink;
    c.setLineDash([]); c.lineWidth = 1;
    c.fill(); c.stroke();
  });
  now.runs.forEach((run, i) => {
    const own = i === now.s.selected, here = own ? grid : decided(run, k, 40);
    const [path] = contours(here, [0]);
    stroke(c, {...now.looks[i], dash: []}, own ? 4 : 2);
    c.stroke(path);
    const point = crossing(here, (i + 1)/(now.runs.length + 1));
    if (point) marker(c, now.looks[i], ...point, own ? 9 : 7);
  });
}

// Where the boundary stands this far across the picture: there its marker is drawn.
function crossing({values, cols, rows, cell}, part) {
  const i = Math.round(part*(cols - 1));
  for (let j = 0; j + 1 < rows; j++) {
    const a = values[j*cols + i], b = values[(j + 1)*cols + i];
    if (a < 0 !== b < 0) return [i*cell, (j + a/(a - b))*cell];
  }
  return null;
}
