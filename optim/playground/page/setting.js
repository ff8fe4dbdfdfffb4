// What is set: landscape, start, rules with their numbers. And the address that says so.

const MOST = {steps: 2000, networkSteps: 400, runs: 8, hash: 6000, place: 1e6};
const SPEEDS = [1, 2, 5, 10, 25, 60, 120];

class SettingError extends Error {}

const clipped = text => text.length > 40 ? `${text.slice(0, 40)}…` : text;

function finite(text, what, low, high) {
  const x = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (!(x >= low && x <= high))
    throw new SettingError(`${what}: ${clipped(text) || "nothing"} came; needed a number ` +
      `from ${low} to ${high}`);
  return x;
}

function whole(text, what, low, high) {
  const x = finite(text, what, low, high);
  if (!Number.isInteger(x)) throw new SettingError(`${what}: ${x} came; needed a whole number`);
  return x;
}

const own = (table, key) => Object.hasOwn(table, key);

// The numbers that a hyperparameter may have: a slider's ends; a size may be larger, or 0.
function range({value, low, high, log}) {
  return log ? [Math.min(0, value), Math.max(1000*high, value)]
    : [Math.min(low, value), Math.max(high, value)];
}

function defaults(rule) {
  return Object.fromEntries(Object.entries(MG.rules[rule].hyper).map(([n, h]) => [n, h.value]));
}

function runOf(rule, hyper = {}, label = "") {
  return {rule, label: label || MG.rules[rule].title, hyper: {...defaults(rule), ...hyper}};
}

const NETWORK = {title: "Train a network", landscape: "network", steps: 150, runs: [
  ["gradient_descent", 0.5], ["momentum", 0.05], ["rmsprop", 0.01], ["adam", 0.03]].map(
  ([rule, lr]) => ({label: MG.rules[rule].title, rule, hyper: {lr}}))};
const PRESETS = {...MG.presets, network: NETWORK};

const basic = {text: "x**2 + 10*y**2", selected: 0, t: 0, speed: 25, view: null,
  activation: MG.network.activations[0], other: ""};

function startOf(landscape) {
  return landscape === "own" ? [-4, 1.5] : landscape === "network" ? []
    : [...MG.landscapes[landscape].start];
}

function ofPreset(name) {
  const {landscape, start, steps, runs} = PRESETS[name];
  return {...structuredClone(basic), landscape, start: start ? [...start] : startOf(landscape),
    steps, runs: runs.map(run => runOf(run.rule, run.hyper, run.label)),
    selected: name === "reddi" ? 0 : Math.min(1, runs.length - 1)};
}

function toHash(s) {
  const words = new URLSearchParams({on: s.landscape, steps: s.steps, t: Math.round(s.t),
    speed: s.speed, chosen: s.selected + 1});
  if (s.landscape === "own") words.set("f", s.text);
  if (s.landscape === "network") words.set("activation", s.activation);
  else words.set("from", s.start.join(","));
  if (s.view) words.set("view", s.view.join(","));
  if (s.other) words.set("other", s.other);
  for (const {rule, label, hyper} of s.runs)
    words.append("run", [rule, label === MG.rules[rule].title ? "" : label,
      ...Object.entries(hyper).map(([n, x]) => `${n}=${x}`)].join(";"));
  return `#${words}`;
}

function runFrom(text) {
  const [rule, label = "", ...numbers] = text.split(";");
  if (!own(MG.rules, rule)) throw new SettingError(`no rule is called ${clipped(rule)}`);
  const hyper = {};
  for (const word of numbers) {
    const [name, number = ""] = word.split("=");
    if (!own(MG.rules[rule].hyper, name))
      throw new SettingError(`${rule} has no hyperparameter ${clipped(name)}`);
    hyper[name] = finite(number, `${name} of ${rule}`, ...range(MG.rules[rule].hyper[name]));
  }
  return runOf(rule, hyper, label.slice(0, 40));
}

function fromHash(hash) {
  if (hash.length > MOST.hash)
    throw new SettingError(`${hash.length} characters came; needed at most ${MOST.hash}`);
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const known = "on steps t speed chosen f activation from view other run".split(" ");
  for (const key of words.keys())
    if (!known.includes(key)) throw new SettingError(`${clipped(key)} is not known`);
  const say = (key, usual) => words.get(key) ?? String(usual);
  const landscape = say("on", "beale");
  if (landscape !== "own" && landscape !== "network" && !own(MG.landscapes, landscape))
    throw new SettingError(`no landscape is called ${clipped(landscape)}`);
  const s = {...structuredClone(basic), landscape, text: say("f", basic.text)};
  if (landscape === "own") MG.parse(s.text);
  s.activation = say("activation", s.activation);
  if (!MG.network.activations.includes(s.activation))
    throw new SettingError(`no activation is called ${clipped(s.activation)}`);
  const most = landscape === "network" ? MOST.networkSteps : MOST.steps;
  s.steps = whole(say("steps", 198), "steps", 1, most);
  s.t = whole(say("t", 0), "t", 0, s.steps);
  s.speed = finite(say("speed", 25), "speed", 1, 120);
  if (!SPEEDS.includes(s.speed)) throw new SettingError(`speed: needed one of ${SPEEDS}`);
  s.start = startOf(landscape);
  const numbers = (key, count, low) => {
    const parts = words.get(key).split(",");
    if (parts.length !== count) throw new SettingError(`${key}: needed ${count} numbers`);
    return parts.map(part => finite(part, key, low, MOST.place));
  };
  if (words.has("from") && s.start.length)
    s.start = numbers("from", s.start.length, -MOST.place);
  if (words.has("view")) {
    s.view = numbers("view", 3, -MOST.place);
    if (!(s.view[2] >= 1e-6)) throw new SettingError("view: its size must be positive");
  }
  const runs = words.getAll("run");
  if (runs.length > MOST.runs)
    throw new SettingError(`${runs.length} rules came; needed at most ${MOST.runs}`);
  s.runs = runs.length ? runs.map(runFrom) : ofPreset("contours").runs;
  s.selected = whole(say("chosen", 1), "chosen", 1, s.runs.length) - 1;
  s.other = say("other", "");
  if (s.other && !own(MG.rules, s.other))
    throw new SettingError(`no rule is called ${clipped(s.other)}`);
  return s;
}
