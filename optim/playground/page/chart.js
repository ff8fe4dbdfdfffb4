// Lines over steps: axes, a line for each run, and what is still to come in pale.

function nice(low, high, count) {
  const raw = (high - low)/count, power = 10**Math.floor(Math.log10(raw));
  const step = power*[1, 2, 5, 10].find(m => m*power >= raw), found = [];
  for (let k = Math.ceil(low/step - 1e-9); k*step <= high + 1e-9*step; k++)
    found.push(Number((k*step).toPrecision(12)));
  return found;
}

// series: [{look, values}]; gives what a cursor needs. Values that do not fit leave the chart.
function drawChart(canvas, series, steps, {log, low, high}, t, chosen = -1) {
  const {c, width, height} = sized(canvas), edge = {left: 52, right: 12, top: 10, bottom: 24};
  const h = log ? Math.log10 : x => x, [a, b] = [h(low), h(high)];
  const x = k => edge.left + k/steps*(width - edge.left - edge.right);
  const y = v => height - edge.bottom - (h(v) - a)/(b - a)*(height - edge.top - edge.bottom);
  const ticks = !log ? nice(low, high, 4)
    : nice(Math.ceil(a), Math.floor(b), Math.min(5, Math.max(1, b - a))).filter(Number.isInteger).map(k => 10**k);
  if (log && ticks.length < 2) ticks.splice(0, 2, ...[1, 2, 5].flatMap(m => [-1, 0, 1].map(k => m*10**(Math.floor(a) + k)))
    .filter(v => v >= low && v <= high));
  c.font = "12px system-ui, sans-serif";
  c.fillStyle = theme.soft; c.strokeStyle = theme.line; c.lineWidth = 1;
  c.textAlign = "right";
  for (const v of ticks) {
    follow(c, [[edge.left, y(v)], [width - edge.right, y(v)]]);
    c.fillText(log && Number.isInteger(Math.log10(v)) ? powerWords(v) : number(v), edge.left - 6, y(v) + 4);
  }
  c.textAlign = "center";
  for (const k of nice(0, steps, 5)) c.fillText(k, x(k), height - 8);
  c.save();
  c.beginPath();
  c.rect(edge.left, edge.top - 6, width - edge.left - edge.right + 6, height - edge.top - edge.bottom + 8);
  c.clip();
  series.forEach(({look, values}, i) => {
    const points = [];
    const every = Math.max(1, Math.floor(values.length/600));
    for (let k = 0; k < values.length; k += every) {
      const v = log ? Math.max(values[k], low/10) : values[k];
      if (Number.isNaN(v)) break;
      points.push([x(k), Math.max(-1e4, Math.min(1e4, y(v)))]);
    }
    line(c, look, points, i === chosen ? 3 : 1.75);
    const at = Math.min(Math.floor(t), values.length - 1), v = Math.max(values[at], log ? low : -Infinity);
    const spot = [x(at), y(v)];
    if (isInside(spot, width, height)) marker(c, look, ...spot, i === chosen ? 6 : 5);
  });
  c.globalAlpha = .72;
  c.fillStyle = theme.paper;
  c.fillRect(x(t) + 7, 0, width, height - edge.bottom + 2);
  c.restore();
  return {step: px => Math.round((px - edge.left)/(width - edge.left - edge.right)*steps)};
}
const SUPER = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const powerWords = v => {
  const k = Math.round(Math.log10(v));
  return `10${k < 0 ? "⁻" : ""}${String(Math.abs(k)).replace(/\d/g, d => SUPER[d])}`;
};

// Above the lowest value that is known, on a logarithmic axis; else within the picture.
function lossScale(ground, runs, info) {
  if (ground.lowest !== null && ground.kind !== "line") {
    const all = runs.flatMap(run => run.value.map(v => v - ground.lowest)).filter(v => v > 0 && v < 1e300);
    const high = Math.min(Math.max(...all, 1e-12), 1e3*Math.max(...runs.map(r => r.value[0] - ground.lowest), 1e-12));
    return {log: true, low: Math.max(Math.min(...all, high/10), high*1e-16), high: high*1.3, from: ground.lowest};
  }
  const heights = info.heights && info.heights.length ? info.heights : null;
  const all = runs.flatMap(run => run.value).filter(Number.isFinite);
  const ends = heights ? [heights[0], heights[heights.length - 1]] : [-Infinity, Infinity];
  const low = Math.max(Math.min(...all), ends[0]), high = Math.min(Math.max(...all), ends[1]);
  const spare = .05*(high - low) || 1;
  return {log: false, low: low - spare, high: high + spare, from: 0};
}
function drawLoss(t) {
  const {ground, runs, looks} = now, scale = now.scale;
  const series = runs.map((run, k) => ({look: looks[k], values: now.losses[k]}));
  now.lossAxis = drawChart($("loss"), series, now.s.steps, scale, t, now.s.selected);
}
