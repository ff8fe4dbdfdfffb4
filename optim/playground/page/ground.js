// The background: a landscape's contours, drawn once for a landscape, view, size and theme.

const rgb = text => text.match(/[\d.]+/g).slice(0, 3).map(Number);
const between = (a, b, p) => a.map((x, i) => x + p*(b[i] - x));

// One scale in x and y, so that gradients stand at right angles to contours.
function boxOf(ground, view, width, height) {
  const [[x0, x1], [y0, y1]] = ground.window;
  let [cx, cy, half] = view || [(x0 + x1)/2, (y0 + y1)/2, null];
  const unit = half === null ? Math.max((x1 - x0)/width, (y1 - y0)/height)
    : 2*half/Math.min(width, height);
  return {cx, cy, unit, width, height, half: unit*Math.min(width, height)/2,
    px: ([x, y]) => [width/2 + (x - cx)/unit, height/2 - (y - cy)/unit],
    at: (px, py) => [cx + (px - width/2)*unit, cy - (py - height/2)*unit]};
}

// Values at the corners of square cells; coarser where the function is slow.
function sampled(value, box) {
  const begin = performance.now();
  for (let k = 0; k < 400; k++) value(...box.at(k, k));
  const each = (performance.now() - begin)/400;
  const area = box.width*box.height, cell = Math.max(3, Math.sqrt(each*area/80));
  const cols = Math.ceil(box.width/cell) + 1, rows = Math.ceil(box.height/cell) + 1;
  const values = new Float64Array(cols*rows);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < cols; i++) values[j*cols + i] = value(...box.at(i*cell, j*cell));
  return {values, cols, rows, cell};
}

// Heights for a function or a view that has none of its own: even, or even in the logarithm.
function heightsOf({values}) {
  const known = values.filter(Number.isFinite).sort();
  if (!known.length) return {heights: [], log: false};
  const low = known[0], high = known[known.length - 1], middle = known[known.length >> 1];
  const log = high - low > 20*(middle - low);
  const near = Math.max(known[known.length >> 5] - low, (high - low)*1e-9);
  const heights = Array.from({length: 16}, (_, k) => log
    ? low + near*((high - low)/near)**(k/15) : low + (high - low)*(k + 1)/17);
  return {heights: high > low ? [...new Set(heights)] : [], log};
}

function drawGround(canvas, ground, view) {
  const {c, width, height} = sized(canvas);
  const box = boxOf(ground, view, width, height), grid = sampled(ground.value, box);
  const {heights, log} = view || !ground.heights ? heightsOf(grid) : ground;
  shade(c, grid, heights);
  for (const [k, path] of contours(grid, heights).entries()) {
    c.strokeStyle = theme.contour;
    c.globalAlpha = k % 5 ? .45 : .8;
    c.lineWidth = 1;
    c.stroke(path);
  }
  c.globalAlpha = 1;
  for (const point of ground.minima || []) {
    trace(c, MARKERS["*"], ...box.px(point), 10);
    c.fillStyle = theme.paper; c.strokeStyle = theme.ink; c.lineWidth = 1.5;
    c.fill(); c.stroke();
  }
  return {box, heights, log};
}

// Darker is higher; where there is no number, the page shows through in stripes.
function shade(c, {values, cols, rows, cell}, heights) {
  const low = rgb(theme.low), high = rgb(theme.high), image = new ImageData(cols, rows);
  values.forEach((v, k) => {
    let i = 0;
    while (i < heights.length && heights[i] < v) i++;
    const part = i && i < heights.length ? (v - heights[i - 1])/(heights[i] - heights[i - 1]) : 0;
    const p = heights.length ? Math.min(1, Math.max(0, i - 1 + part)/heights.length) : 0;
    image.data.set([...between(low, high, p), Number.isNaN(v) ? 0 : 255], 4*k);
  });
  const small = new OffscreenCanvas(cols, rows);
  small.getContext("2d").putImageData(image, 0, 0);
  c.imageSmoothingEnabled = true;
  c.drawImage(small, 0, 0, cols*cell - cell, rows*cell - cell);
}

// Marching squares: one path for each height.
function contours({values, cols, rows, cell}, heights) {
  const paths = heights.map(() => new Path2D());
  for (let j = 0; j + 1 < rows; j++)
    for (let i = 0; i + 1 < cols; i++) {
      const k = j*cols + i;
      const v = [values[k], values[k + 1], values[k + cols + 1], values[k + cols]];
      const least = Math.min(...v), most = Math.max(...v);
      if (!(Number.isFinite(least) && Number.isFinite(most))) continue;
      for (let n = 0; n < heights.length; n++)
        if (heights[n] > least && heights[n] <= most) crossings(paths[n], v, heights[n], i, j, cell);
    }
  return paths;
}
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];
function crossings(path, v, height, i, j, cell) {
  const ends = [];
  for (let e = 0; e < 4; e++) {
    const f = (e + 1) % 4, a = v[e], b = v[f];
    if ((a < height) !== (b < height)) {
      const p = (height - a)/(b - a), [x, y] = between(CORNERS[e], CORNERS[f], p);
      ends.push([(i + x)*cell, (j + y)*cell]);
    }
  }
  for (let e = 0; e + 1 < ends.length; e += 2) {
    path.moveTo(...ends[e]);
    path.lineTo(...ends[e + 1]);
  }
}
