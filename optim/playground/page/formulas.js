// Formulas as they are printed, and the controls of their letters.

// Elements of MathML and classes only, whatever the text: nothing else reaches the page.
const MATHML_ONLY = new Set(("math mrow mi mn mo mtext msub msup msubsup munder mover munderover mfrac " +
  "msqrt mroot mtable mtr mtd mspace merror mstyle mpadded").split(" "));
const PLAIN = new Set("class display displaystyle stretchy accent lspace rspace width mathvariant".split(" "));
function mathml(text) {
  const parsed = new DOMParser().parseFromString(text, "text/html").body;
  const copy = node => {
    if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
    if (!MATHML_ONLY.has(node.localName)) return document.createTextNode(node.textContent || "");
    const made = document.createElementNS("http://www.w3.org/1998/Math/MathML", node.localName);
    for (const {name, value} of node.attributes) if (PLAIN.has(name)) made.setAttribute(name, value);
    made.append(...[...node.childNodes].map(copy));
    return made;
  };
  const all = document.createDocumentFragment();
  all.append(...[...parsed.childNodes].map(copy));
  return all;
}

function element(name, {text, children = [], ...attributes} = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

function equationsOf(rule, differs = []) {
  return rule.equations.length ? rule.equations.map(({name, mathml: text}) =>
    element("div", {children: [mathml(text)], class: differs.includes(name) ? "unequal" : null}))
    : [element("p", {class: "soft", text: rule.note || "No formula of one entry."})];
}

let dimmer = 0;
function light(name, on) {
  clearTimeout(dimmer);
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (on) for (const part of document.querySelectorAll(
    `#formula .letter-${name}, #hyper [data-letter="${name}"] .name`)) part.classList.add("lit");
  if (on) dimmer = setTimeout(() => light(name, false), 1800);
}

// A slider has 1000 places; of a size they are even in its logarithm.
const toPlace = ({low, high, log}, x) => 1000*Math.min(1, Math.max(0, log
  ? Math.log(Math.max(x, low)/low)/Math.log(high/low) : (x - low)/(high - low)));
const exactPlace = ({low, high, log}, part) => log ? low*(high/low)**part : low + (high - low)*part;
const fromPlace = (ends, place) => Number(exactPlace(ends, place/1000).toPrecision(3));

function letterControl(name, hyper, value, change) {
  const [least, most] = range(hyper);
  const slider = element("input", {type: "range", min: 0, max: 1000, step: 1,
    "aria-label": `${name}: ${hyper.meaning}`, "aria-valuetext": value});
  slider.value = toPlace(hyper, value);
  const field = element("input", {type: "number", step: "any", min: least, max: most,
    "aria-label": `${name}, as a number`});
  field.value = value;
  const wrong = element("span", {class: "soft", text: hyper.meaning});
  const take = (x, typed) => {
    slider.setAttribute("aria-valuetext", x);
    if (typed) slider.value = toPlace(hyper, x); else field.value = x;
    wrong.textContent = hyper.meaning;
    wrong.className = "soft";
    light(name, true);
    change(name, x);
  };
  slider.addEventListener("input", () => take(fromPlace(hyper, Number(slider.value)), false));
  field.addEventListener("input", () => {
    const x = field.value.trim() === "" ? NaN : Number(field.value);
    if (x >= least && x <= most) return take(x, true);
    wrong.textContent = `needs a number from ${least} to ${most}; ${value} stays`;
    wrong.className = "alarm soft";
  });
  for (const input of [slider, field]) input.addEventListener("focus", () => light(name, true));
  return element("div", {class: "letter", "data-letter": name, children: [
    element("span", {class: "name", children: [mathml(hyper.symbol)]}), slider, field, wrong]});
}
