// The same rule as another library computes it: formulas side by side, and the distance.

const paperOf = key => MG.rules[key].group === "paper" ? key : MG.rules[key].paper;

function relatives(key) {
  const paper = paperOf(key);
  return paper ? Object.keys(MG.rules).filter(k => k !== key && paperOf(k) === paper) : [];
}
const textOf = (rule, name) => rule.equations.find(e => e.name === name)?.mathml;
function unequal(a, b) {
  return a.equations.filter(e => textOf(b, e.name) !== e.mathml).map(e => e.name);
}
const titleOf = key => ["paper", "animation"].includes(MG.rules[key].group)
  ? `${MG.rules[key].title} (${MG.rules[key].group})` : key;

// What the other is run with: the chosen rule's numbers where it has the same letters.
function matched(key, entry) {
  const usual = defaults(key);
  return Object.fromEntries(Object.entries(usual).map(([n, x]) => [n, own(entry.hyper, n) ? entry.hyper[n] : x]));
}

function showLibraries() {
  const entry = now.s.runs[now.s.selected], known = relatives(entry.rule), place = $("beside");
  now.other = null;
  if (!known.length)
    return place.replaceChildren(element("p", {class: "soft", text: `No library here has ${entry.label} in another form.`}));
  const differing = known.filter(k => unequal(MG.rules[entry.rule], MG.rules[k]).length);
  const usual = differing.find(k => !k.includes("(")) || differing[0] || known[0];
  const key = known.includes(now.s.other) ? now.s.other : usual;
  now.s.other = key;
  const [a, b] = [MG.rules[entry.rule], MG.rules[key]], hyper = matched(key, entry);
  now.other = new Run(now.ground, {rule: key, hyper, label: key});
  const select = element("select", {"aria-label": "Hold it against", children: known.map(k =>
    element("option", {value: k, text: titleOf(k)}))});
  select.value = key;
  select.addEventListener("change", () => { now.s.other = select.value; showLibraries(); wake(); });
  const [mine, theirs] = [unequal(a, b), unequal(b, a)];
  const only = Object.keys(hyper).filter(n => !own(entry.hyper, n) && !b.hyper[n].inert)
    .map(n => `${n} = ${number(hyper[n])}`);
  const lost = Object.keys(entry.hyper).filter(n => !own(hyper, n) && !a.hyper[n].inert);
  const words = [mine.length + theirs.length ? "A double bar marks what differs." : "Equation by equation the same.",
    only.length ? `Its own: ${only.join(", ")}.` : "", lost.length ? `It has no ${lost.join(", ")}.` : "",
    b.note || ""];
  place.replaceChildren(
    element("div", {class: "row", children: [element("span", {class: "soft", text: `${entry.label} against`}), select,
      element("button", {type: "button", text: "Let both race", onclick: () => add(key, hyper),
        ...(now.runs.length >= MOST.runs ? {disabled: ""} : {})})]}),
    element("p", {class: "soft", text: words.filter(Boolean).join(" ")}),
    element("div", {class: "two", children: [[entry.label, a, mine], [titleOf(key), b, theirs]].map(([title, rule, marks]) =>
      element("div", {children: [element("h3", {text: title}),
        element("div", {class: "formula scroll", tabindex: 0, "aria-label": `Formula of ${title}`,
          children: equationsOf(rule, marks)})]}))}),
    element("p", {id: "distance-about", class: "soft"}),
    element("canvas", {id: "distance", class: "chart", role: "img", "aria-labelledby": "distance-about"}));
}

const apartOf = {};                     // distances are worked out once for two runs
function drawDistance(t) {
  if (!now.other) return;
  const run = now.runs[now.s.selected], until = Math.min(run.last, now.other.last);
  if (apartOf.run !== run || apartOf.other !== now.other || apartOf.until !== until)
    Object.assign(apartOf, {run, other: now.other, until, apart: distances(run, now.other)});
  const {apart} = apartOf;
  const above = apart.filter(x => x > 0 && Number.isFinite(x)), most = Math.max(...above, 0);
  const at = apart[Math.min(Math.floor(t), apart.length - 1)];
  $("distance-about").textContent = most === 0
    ? "Distance of the two, from the same start with the same numbers: 0 at every step."
    : `Distance of the two, from the same start with the same numbers: ${said(at)} at step ${Math.floor(t)}, ${number(most)} at most${
      most < 1e-9 ? ": rounding, no more" : ""}.`;
  $("distance").hidden = most < 1e-9;
  if (most < 1e-9) return;
  const look = {...now.looks[now.s.selected], dash: []};
  drawChart($("distance"), [{look, values: apart}], now.s.steps,
    {log: true, low: Math.max(Math.min(...above)/2, most*1e-17), high: most*2}, t, 0);
}
