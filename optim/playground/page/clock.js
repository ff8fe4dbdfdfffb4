// What is now: the setting, its ground and runs, the time; and the frames in which it moves.

const now = {s: null, ground: null, runs: [], looks: [], losses: [], t: 0, playing: false, ghost: null};
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let asked = 0, before = 0, slow = 0, rested = 0;

function wake() { if (!asked) asked = requestAnimationFrame(frame); }

function frame(stamp) {
  asked = 0;
  const passed = Math.max(0, Math.min(.1, (stamp - before)/1000)), begin = performance.now();
  before = stamp;
  const complete = workRuns(begin + 7);
  if (now.playing) goOn(passed);
  drawMoving(now.t);
  const step = Math.floor(now.t);
  if (step !== now.shown || !complete || now.stale) {
    $("now").textContent = step;
    showHint();
    $("time").value = step;
    drawLoss(now.t);
    now.shown = step;
  }
  slow += passed;
  if (slow > .12 || !now.playing) {
    slow = 0;
    showFates(now.t);
    showNumbers(now.t);
    if (now.other) drawDistance(now.t);
  }
  const mapping = workMap(begin + (now.playing ? 7 : 12));
  if (mapping || now.stale) drawMap();
  now.stale = false;
  if (now.playing || !complete || mapping) wake();
}

// True when every run has all its steps.
function workRuns(deadline) {
  const {steps} = now.s;
  const open = [...now.runs, ...(now.other ? [now.other] : [])].filter(run => run.lost === null && run.last < steps);
  if (!open.length) return true;
  now.stale = true;
  const least = Math.max(0, deadline - performance.now())/open.length;
  for (const run of open) run.advance(steps, performance.now() + least);
  measure();
  picture.drawn = Math.min(picture.drawn, now.t);
  return false;
}
function measure() {
  now.scale = lossScale(now.ground, now.runs, picture.info);
  now.losses = now.runs.map(run => run.value.map(v => v - now.scale.from));
}
const ready = () => Math.min(now.s.steps, ...now.runs.filter(r => r.lost === null).map(r => r.last));

function goOn(passed) {
  rested += passed;
  if (!calm.matches) now.t = Math.min(ready(), now.t + passed*now.s.speed);
  else if (rested >= .5) {                      // no gliding: a jump twice a second
    now.t = Math.min(ready(), Math.floor(now.t) + Math.max(1, Math.round(now.s.speed/2)));
    rested = 0;
  }
  if (now.t >= now.s.steps) pause();
}

function play() {
  if (now.t >= now.s.steps) goTo(0);
  now.playing = true; now.ghost = null;
  rested = 1; before = performance.now();
  showPlaying();
  wake();
}
function pause() {
  now.playing = false;
  now.t = Math.floor(now.t);
  showPlaying();
  tell();
  wake();
}
function showPlaying() {
  $("play").textContent = now.playing ? "❚❚ Pause" : now.t >= now.s.steps ? "↻ Again" : "▶ Play";
}
function goTo(t) {
  now.t = Math.min(now.s.steps, Math.max(0, Math.floor(t)));
  now.ghost = null;
  if (!now.playing) { showPlaying(); tell(); }
  wake();
}
function step(count) { if (now.playing) pause(); goTo(now.t + count); }

// For who does not see the picture.
function tell() {
  $("told").textContent = `Step ${Math.floor(now.t)} of ${now.s.steps}. ` +
    now.runs.map(run => `${run.label}: ${fateOf(run, now.t).text}`).join("; ");
}

// What changed decides what is done again: "all", "start", "numbers", "field" or "view".
function changed(what) {
  const {s} = now;
  if (what === "all") { readTheme(); showWhere(); }
  if (what === "all" || what === "start") now.ground = groundOf(s);
  const old = now.runs;
  now.runs = s.runs.map(entry => {
    const kept = old.find(r => r.ground === now.ground && r.key === entry.rule && r.label === entry.label &&
      Object.entries(entry.hyper).every(([n, x]) => r.hyper[n] === x));
    return kept || new Run(now.ground, entry);
  });
  now.looks = assignLooks(s.runs);
  now.ghost = what === "start" ? "all" : what === "numbers" && !now.playing ? "chosen" : null;
  if (what === "all" || what === "view") drawPicture(); else clearTrails();
  if (what === "numbers" && calm.matches) now.ghost = "chosen";
  if (what !== "view") {
    workRuns(performance.now() + 25);
    measure();
    listRuns();
    if (what !== "numbers" && what !== "start") showChosen();
    showLibraries();
    resetMap();
  }
  const {log, from} = now.scale;
  $("loss-about").textContent = now.ground.kind === "network" ? "Cross entropy over 200 points, logarithmic"
    : log ? from === 0 ? "f, logarithmic" : `f above its lowest value ${number(from)}, logarithmic` : "f";
  now.t = Math.min(now.t, s.steps);
  $("time").max = s.steps;
  now.stale = true;
  wake();
}
