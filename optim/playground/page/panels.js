// Who runs, the chosen rule, and the numbers of this step.

const GROUPS = {paper: "As in the papers", animation: "As in the famous animations", torch: "PyTorch",
  optax: "optax", keras: "Keras", survey: "Ruder's survey"};

function fillChoices() {
  const add = $("add");
  add.append(element("option", {value: "", text: "+ Add a rule …"}));
  for (const [group, title] of Object.entries(GROUPS)) {
    const rules = Object.entries(MG.rules).filter(([, rule]) => rule.group === group);
    if (rules.length) add.append(element("optgroup", {label: title, children: rules.map(([key, rule]) =>
      element("option", {value: key, text: rule.title}))}));
  }
  const land = $("landscape");
  for (const [key, {title, start}] of Object.entries(MG.landscapes))
    land.append(element("option", {value: key, text: title + (start.length === 1 ? " (one variable)" : "")}));
  land.append(element("option", {value: "own", text: "your own f(x, y)"}),
    element("option", {value: "network", text: "a small network on two moons"}));
  for (const name of MG.network.activations)
    $("activation").append(element("option", {value: name, text: name}));
  for (const speed of SPEEDS) $("speed").append(element("option", {value: speed, text: speed}));
}

// Who is where, in words: the number, or what happened.
function fateOf(run, t) {
  const value = run.value[run.at(t)];
  if (run.lost !== null && t >= run.lost)
    return {text: `${said(value)} from step ${run.lost}: diverged`, bad: true};
  if (now.ground.kind === "plane" && Math.abs(value) > 1e12)
    return {text: `${number(value)}: runs away`, bad: true};
  if (now.ground.kind === "plane" && picture.box &&
      !isInside(pointOf(run, t), picture.box.width, picture.box.height))
    return {text: `${number(value)}, out of sight`, bad: false};
  return {text: now.ground.kind === "line" ? `x = ${number(run.place(t)[0])}` : number(value), bad: false};
}

function listRuns() {
  $("runs").replaceChildren(...now.runs.map((run, k) => {
    const lr = run.hyper.lr === undefined ? "" : `, lr ${number(run.hyper.lr)}`;
    return element("li", {children: [
      element("button", {type: "button", class: "pick", "aria-pressed": k === now.s.selected,
        onclick: () => choose(k), children: [keyOf(now.looks[k]),
          element("span", {class: "name", text: run.label, children: [
            element("span", {class: "soft", text: lr})]}),
          element("span", {class: "fate"})]}),
      element("button", {type: "button", class: "out", text: "×", "aria-label": `Remove ${run.label}`,
        title: `Remove ${run.label}`, onclick: () => remove(k),
        ...(now.runs.length === 1 ? {disabled: ""} : {})})]});
  }));
  $("count").textContent = `${now.runs.length} of at most ${MOST.runs}`;
  $("add").disabled = now.runs.length >= MOST.runs;
  showFates(now.t);
}
function showFates(t) {
  const spans = $("runs").querySelectorAll(".fate");
  now.runs.forEach((run, k) => {
    const {text, bad} = fateOf(run, t);
    if (spans[k].textContent !== text) spans[k].textContent = text;
    spans[k].classList.toggle("alarm", bad);
  });
}

function showChosen() {
  const entry = now.s.runs[now.s.selected], rule = MG.rules[entry.rule];
  $("h-chosen").textContent = entry.label === rule.title ? rule.title : `${entry.label} (${rule.title})`;
  $("rule-about").textContent = rule.about;
  $("formula").replaceChildren(...equationsOf(rule));
  $("hyper").replaceChildren(...Object.entries(rule.hyper).filter(([, h]) => !h.inert).map(([name, hyper]) =>
    letterControl(name, hyper, entry.hyper[name], (letter, x) => {
      entry.hyper[letter] = x;
      changed("numbers");
    })));
}

// Letters as in the formula's states; a network's 82 entries as their norm.
function showNumbers(t) {
  const run = now.runs[now.s.selected], k = Math.max(0, Math.min(run.at(t), run.last - 1));
  const next = Math.min(k + 1, run.last);
  const many = run.theta[0].length > 2;
  const rows = [["θ", run.theta[k]], ["g = ∇f(θ)", run.grad[k]],
    ...run.rule.states.map(name => [`new ${name}`, run.state[next][name]]), ["new θ", run.theta[next]]];
  const cells = x => !many ? Array.from(x && x.length ? x : [x], said)
    : [said(x && x.length ? Math.hypot(...x) : x)];
  const heads = many ? ["norm"] : now.ground.kind === "line" ? ["x"] : ["x", "y"];
  $("h-numbers").textContent = `${run.label}, from step ${k} to ${next}`;
  $("table").replaceChildren(
    element("thead", {children: [element("tr", {children: [element("th"), ...heads.map(text =>
      element("th", {scope: "col", text}))]})]}),
    element("tbody", {children: [...rows, ["f(θ)", [run.value[k]]]].map(([name, x]) =>
      element("tr", {children: [element("th", {scope: "row", text: name}),
        ...cells(x).map(text => element("td", {text}))]}))}));
}
