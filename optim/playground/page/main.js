// The page's controls, each to what it does; then the first race.

function showWhere() {
  const {s} = now, plane = s.start.length === 2;
  $("landscape").value = s.landscape;
  $("own").hidden = s.landscape !== "own";
  $("activations").hidden = s.landscape !== "network";
  $("activation").value = s.activation;
  if (document.activeElement !== $("text")) $("text").value = s.text;
  $("wrong").hidden = true;
  const about = s.landscape === "network" ? "2 inputs, 16 hidden units, 2 outputs; 82 numbers, trained on all 200 points in every step."
    : s.landscape === "own" ? "" : MG.landscapes[s.landscape].about.replaceAll("`", "");
  $("about").replaceChildren(s.landscape === "own" ? mathml(MG.parse(s.text).mathml) : about);
  $("corner").hidden = !plane;
  showHint();
  $("startx").parentElement.hidden = s.landscape === "network";
  $("starty").hidden = !plane;
  $("whole").disabled = !s.view;
  $("steps").value = s.steps;
  $("steps").max = s.landscape === "network" ? MOST.networkSteps : MOST.steps;
  $("speed").value = s.speed;
  $("arrows").parentElement.hidden = !plane;
  $("picture").setAttribute("aria-label", `The race on ${s.landscape === "own" ? s.text : s.landscape}; arrow keys move the start`);
  showStart();
}
function showHint() {
  const hidden = now.touched || now.ground && now.ground.kind === "network" || now.playing && now.t > 40;
  if ($("hint").hidden !== hidden) $("hint").hidden = hidden;
}
function showStart() {
  now.s.start.forEach((x, k) => { const field = $(k ? "starty" : "startx"); if (document.activeElement !== field) field.value = x; });
}

function use(s, playing) {
  now.s = s; now.t = s.t; now.runs = [];
  changed("all");
  showPlaying();
  if (playing && !calm.matches) play(); else if (now.playing) pause();
}
function begin(name) {
  for (const button of $("presets").children)
    button.setAttribute("aria-pressed", button.dataset.name === name);
  message("");
  use(ofPreset(name), true);
  if (name !== "saddle") fit();
}
function message(text, wrong = false) {
  $("message").hidden = !text;
  $("message").textContent = text;
  $("message").classList.toggle("alarm", wrong);
}
function custom() { for (const button of $("presets").children) button.setAttribute("aria-pressed", false); }

function choose(k) {
  if (k >= now.s.runs.length) return;
  now.s.selected = k;
  now.s.other = "";
  changed("field");
}
function add(rule, hyper = {}) {
  if (now.s.runs.length >= MOST.runs) return;
  const label = MG.rules[rule].title, like = now.s.runs.filter(r => r.label.startsWith(label)).length;
  now.s.runs.push(runOf(rule, hyper, like ? `${label} (${like + 1})` : label));
  choose(now.s.runs.length - 1);
}
function remove(k) {
  if (now.s.runs.length < 2) return;
  now.s.runs.splice(k, 1);
  if (now.s.selected >= k) now.s.selected = Math.max(0, now.s.selected - 1);
  choose(now.s.selected);
}

function takeLandscape(name) {
  custom();
  const s = now.s;
  s.landscape = name; s.view = null; s.start = startOf(name);
  if (name === "network") s.steps = Math.min(s.steps, MOST.networkSteps);
  use({...s, t: 0}, true);
}
// The last good function stays while another is being written.
function takeText() {
  try {
    MG.parse($("text").value);
  } catch (error) {
    $("wrong").textContent = `${error.message}. The function before it stays.`;
    $("wrong").hidden = false;
    return;
  }
  now.s.text = $("text").value;
  now.runs = [];
  changed("all");
}
function takeSteps() {
  const x = Number($("steps").value), most = Number($("steps").max);
  const count = Math.min(most, Math.max(1, Math.round(x) || 1));
  if (count !== x) message(`Steps: needed a whole number from 1 to ${most}; it is ${count} now.`, true);
  now.s.steps = count;
  $("steps").value = count;
  changed("numbers");
  now.ghost = null;
}

function moveStart(point) {
  now.s.start = point.map(x => Number(Math.max(-MOST.place, Math.min(MOST.place, x)).toPrecision(6)));
  now.touched = true;
  showHint();
  now.t = 0;
  showStart();
  changed("start");
}
function zoom(factor) {
  if (now.ground.kind !== "plane") return;
  const {box} = picture, half = Math.min(1e6, Math.max(1e-5, box.half*factor));
  const at = pointOf(now.runs[now.s.selected], now.t);
  const middle = factor < 1 && isInside(at, box.width, box.height) ? box.at(...at) : [box.cx, box.cy];
  setView([...middle.map(x => Number(x.toPrecision(8))), Number(half.toPrecision(6))]);
}
// Where the race is: every path as far as it stays in the landscape's window, and the minima.
function fit() {
  if (now.ground.kind !== "plane") return;
  const {window, minima} = now.ground, inside = p => p.every((x, i) => x >= window[i][0] && x <= window[i][1]);
  const seen = [now.s.start, ...(minima || []), ...now.runs.flatMap(run => run.theta)].filter(inside);
  if (!seen.length) return;
  const ends = [0, 1].map(i => [Math.min(...seen.map(p => p[i])), Math.max(...seen.map(p => p[i]))]);
  const {width, height} = picture.box, least = Math.min(width, height);
  const half = Math.max(1e-5, ...ends.map(([a, b], i) => (b - a)/(i ? height : width)*least*.58));
  setView([...ends.map(([a, b]) => Number(((a + b)/2).toPrecision(6))), Number(half.toPrecision(6))]);
}
function setView(view) {
  now.s.view = view;
  $("whole").disabled = !view;
  changed("view");
}

// ----------------------------------------------------------------------------- pointers
function listen() {
  const on = (id, event, f) => $(id).addEventListener(event, f);
  const place = e => { const r = $("picture").getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
  const point = e => { const [x, y] = place(e);
    return now.ground.kind === "line" ? [Math.min(...[Math.max(lineAt(y), now.ground.window[0][0]), now.ground.window[0][1]])] : picture.box.at(x, y); };
  const nearRing = e => { const [x, y] = place(e), ring = now.ground.kind === "line" ? linePixel(0, now.s.start[0]) : pixel(now.s.start);
    return Math.hypot(x - ring[0], y - ring[1]) < 36; };
  let held = null;
  const free = e => now.ground.kind === "network" || e.target.closest("button");
  $("picture").addEventListener("touchstart", e => { if (!free(e) && nearRing(e.touches[0])) e.preventDefault(); }, {passive: false});
  on("picture", "pointerdown", e => {
    if (free(e) || e.button) return;
    held = {x: e.clientX, y: e.clientY, drag: e.pointerType === "mouse" || nearRing(e)};
    if (!held.drag) return;
    $("picture").setPointerCapture(e.pointerId);
    if (now.playing) pause();
    custom();
    moveStart(point(e));
  });
  on("picture", "pointermove", e => { if (held && held.drag) moveStart(point(e)); });
  on("picture", "pointercancel", () => { held = null; });
  on("picture", "pointerup", e => {
    if (!held) return;
    const tap = Math.hypot(e.clientX - held.x, e.clientY - held.y) < 10;
    if (!held.drag && tap) { custom(); moveStart(point(e)); }
    if (held.drag || tap) { if (!calm.matches) play(); }
    held = null;
  });

  on("play", "click", () => now.playing ? pause() : play());
  on("back", "click", () => step(-1));
  on("forth", "click", () => step(1));
  on("time", "input", () => { if (now.playing) pause(); goTo(Number($("time").value)); });
  on("steps", "change", takeSteps);
  on("speed", "change", () => { now.s.speed = Number($("speed").value); });
  on("landscape", "change", () => takeLandscape($("landscape").value));
  on("text", "input", takeText);
  on("activation", "change", () => { now.s.activation = $("activation").value; use({...now.s, t: 0}, true); });
  on("add", "change", () => { if ($("add").value) add($("add").value); $("add").value = ""; });
  on("arrows", "change", wake);
  for (const id of ["startx", "starty"]) on(id, "input", () => {
    const found = [$("startx"), $("starty")].slice(0, now.s.start.length).map(field => field.value.trim() === "" ? NaN : Number(field.value));
    if (found.every(x => Math.abs(x) <= MOST.place)) moveStart(found);
    else message(`Start: needed numbers up to ${MOST.place}; it stays at ${now.s.start.join(", ")}.`, true);
  });
  on("nearer", "click", () => zoom(.5));
  on("farther", "click", () => zoom(2));
  on("fit", "click", fit);
  on("whole", "click", () => setView(null));
  on("help", "click", () => $("keys").showModal());
  on("theme", "click", toggleTheme);
  on("share", "click", share);
  for (const id of ["loss"]) {
    let down = false;
    const scrub = e => { if (now.playing) pause(); goTo(now.lossAxis.step(e.offsetX)); };
    on(id, "pointerdown", e => { down = true; scrub(e); });
    on(id, "pointermove", e => { if (down) scrub(e); });
    addEventListener("pointerup", () => { down = false; });
  }
  on("map", "click", e => { if (map.from) moveOnMap(...map.from(e.offsetX, e.offsetY)); });
  document.addEventListener("keydown", key);
  addEventListener("hashchange", () => { if (!fromAddress()) begin("contours"); });
  new ResizeObserver(() => { if (now.s) changed("view"); }).observe($("picture"));
  new IntersectionObserver(seen => { map.visible = seen.some(e => e.isIntersecting); wake(); }).observe($("map"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

// ----------------------------------------------------------------------------- keyboard
function key(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open) return;
  const {target} = e, move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[e.key];
  if (target.matches("input:not([type=checkbox]), select, textarea")) return;
  if (target.id === "picture" && move && now.ground.kind !== "network") {
    const unit = (now.ground.kind === "line" ? .02 : picture.box.unit*4)*(e.shiftKey ? 10 : 1);
    const along = now.s.start.length === 1 ? [move[1]] : move;
    moveStart(now.s.start.map((x, i) => x + unit*along[i]));
  } else if (target.id === "map" && move && map.at) moveOnMap(map.at[0] + move[0]/COLS, map.at[1] + move[1]/ROWS);
  else if (e.key === " " && !target.matches("button, summary")) now.playing ? pause() : play();
  else if (move && move[0]) step(move[0]*(e.shiftKey ? 10 : 1));
  else if (e.key === "Home") { if (now.playing) pause(); goTo(0); }
  else if (e.key === "End") { if (now.playing) pause(); goTo(now.s.steps); }
  else if (/^[1-8]$/.test(e.key)) choose(Number(e.key) - 1);
  else if (e.key === "+" || e.key === "=") zoom(.5);
  else if (e.key === "-" || e.key === "−") zoom(2);
  else if (e.key === "0") setView(null);
  else if (e.key === "f") fit();
  else if (e.key === "a") { $("arrows").checked = !$("arrows").checked; wake(); }
  else if (e.key === "d") toggleTheme();
  else if (e.key === "?") $("keys").showModal();
  else return;
  e.preventDefault();
}

function toggleTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  repaint();
}
function repaint() {
  $("theme").setAttribute("aria-pressed", isDark());
  readTheme();
  changed("view");
  listRuns();
}

async function share() {
  now.s.t = Math.floor(now.t);
  history.replaceState(null, "", toHash(now.s));
  try {
    await navigator.clipboard.writeText(location.href);
    message("The link is copied. It keeps the landscape, the start, all rules and numbers, and this step.");
  } catch {
    message("The link is in the address bar now: copy it from there.");
  }
}

// Whether the address said what to show; what is wrong with it is said, and nothing of it used.
function fromAddress() {
  if (location.hash.length < 2) return false;
  try {
    const s = fromHash(location.hash);
    custom();
    message("");
    use(s, false);
    return true;
  } catch (error) {
    if (!(error instanceof SettingError || error instanceof MG.MGError)) throw error;
    begin("contours");
    message(`The link could not be read (${error.message}), so here is the first race.`, true);
    return true;
  }
}

const TITLES = {contours: "The famous contours", saddle: "The saddle", fair: "A fair race",
  reddi: "Where Adam fails", network: "Train a network"};
for (const [name, {title}] of Object.entries(PRESETS))
  $("presets").append(element("button", {type: "button", "data-name": name, text: TITLES[name] || title,
    title, "aria-pressed": false, onclick: () => begin(name)}));
readTheme();
fillChoices();
listen();
if (!fromAddress()) begin("contours");
$("theme").setAttribute("aria-pressed", isDark());
document.documentElement.dataset.ready = performance.now().toFixed(0);
