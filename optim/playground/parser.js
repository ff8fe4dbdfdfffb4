// A function of x and y that somebody typed: read by a grammar, never run as a program.
// The names, the limits and each derivative come from tables that Python has printed.

const refuse = message => { throw new MGError(message); };
const quoted = text => JSON.stringify(text.trim().slice(0, 60));

// --- words: [kind, text, value, whether it is a whole number] ---------------------------
const DIGITS = String.raw`\d(?:_?\d)*`;
const NUMBER = new RegExp(String.raw`0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|`
  + String.raw`0[bB](?:_?[01])+|(?:${DIGITS}\.(?:${DIGITS})?|\.${DIGITS}|${DIGITS})`
  + String.raw`(?:[eE][+-]?${DIGITS})?`, "y");
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy, SIGN = /\*\*|\/\/|<<|>>|[-+*/(),^%@&|~]/y;

function words(text) {
  const out = [], wrong = what => refuse(`${quoted(text)} is not a formula (${what}); `
    + "write it as in x**2 + 10*y**2, with * for each product");
  const take = kind => { kind.lastIndex = at; const m = kind.exec(text); return m && m[0]; };
  let at = 0, open = 0;
  while (at < text.length) {
    const c = text[at];
    let found;
    if (c === " " || c === "\t" || c === "\f" || (open && (c === "\n" || c === "\r"))) at++;
    else if (c === "#") while (at < text.length && text[at] !== "\n") at++;
    else if (c === "\\" && text[at + 1] === "\n") at += 2;
    else if ((found = take(NUMBER))) {
      const plain = found.replace(/_/g, "");
      at += found.length;
      if (/^0\d*[1-9]\d*$/.test(plain)) wrong("a whole number does not begin with 0");
      if (at < text.length && /[\p{L}\p{N}_]/u.test(String.fromCodePoint(
        text.codePointAt(at)))) wrong(`${found} stands beside a letter`);
      out.push(["number", found, Number(plain), !/[.eE]/.test(plain) || /^0[xX]/.test(plain)]);
    } else if ((found = take(WORD))) {
      out.push(["name", found.normalize("NFKC")]);
      at += found.length;
    } else if ((found = take(SIGN))) {
      if (found === "(" && ++open > 199) refuse("the function is nested too deeply; needed "
        + `at most ${DEEPEST} parts within parts`);
      if (found === ")") open--;
      out.push(["sign", found]);
      at += found.length;
    } else wrong(`${JSON.stringify(c)} has no meaning in it`);
  }
  return {list: out, wrong};
}

// --- the tree: Python's grammar of sums, products, signs, powers and calls ---------------
function tree(text) {
  const {list, wrong} = words(text);
  let at = 0;
  const next = () => at < list.length && list[at][0] === "sign" ? list[at][1] : null;
  const has = sign => next() === sign && Boolean(++at);
  const FOREIGN = {"^": "this operator (^ is written **)", "//": "this operator",
    "%": "this operator", "@": "this operator", "&": "this operator", "|": "this operator",
    "<<": "this operator", ">>": "this operator"};
  function chain(part, signs) {
    let left = part();
    for (;;) {
      const sign = next();
      if (sign in FOREIGN) meaningless(FOREIGN[sign]);
      if (!(sign in signs)) return left;
      at++;
      left = {op: signs[sign], parts: [left, part()]};
    }
  }
  const sum = () => chain(term, {"+": "Add", "-": "Sub"});
  const term = () => chain(factor, {"*": "Mult", "/": "Div"});
  function factor() {
    if (next() === "~") meaningless("this operator");
    const signs = [];
    while (next() === "+" || next() === "-") signs.push(list[at++][1]);
    let part = power();
    while (signs.length) part = {op: signs.pop() === "-" ? "USub" : "UAdd", parts: [part]};
    return part;
  }
  function power() {
    const base = calls();
    return has("**") ? {op: "Pow", parts: [base, factor()]} : base;
  }
  function calls() {
    let part = atom();
    while (next() === "(") {
      const parts = [];
      at++;
      while (!has(")")) {
        parts.push(sum());
        if (!has(",") && next() !== ")") wrong("a bracket or a comma is missing");
      }
      if (part.name === undefined) meaningless("this call");
      part = {call: part.name, parts};
    }
    return part;
  }
  function atom() {
    if (at >= list.length) wrong("something is missing at its end");
    const [kind, word, value, whole] = list[at++];
    if (kind === "number") return {value, whole};
    if (kind === "name") {
      if (PYTHON.has(word)) wrong(`${word} is a word of Python's`);
      return {name: word};
    }
    if (word !== "(") wrong(`${word} stands where a number, x or y is needed`);
    const inner = sum();
    if (next() === ",") meaningless("a tuple");
    if (!has(")")) wrong("a bracket is missing");
    return inner;
  }
  const whole = sum();
  if (next() === ",") meaningless("a tuple");
  if (at < list.length) wrong(`${list[at][1]} stands where a sign is needed`);
  return whole;
}
const PYTHON = new Set(("False None True and as assert async await break class continue def "
  + "del elif else except finally for from global if import in is lambda nonlocal not or "
  + "pass raise return try while with yield").split(" "));
const meaningless = what => refuse(`${what} has no meaning here; needed numbers, `
  + `${Object.keys(NAMES).join(", ")}, + - * / **, and ${Object.keys(FUNCTIONS).join(", ")}`);

// --- its meaning: numbers at once, what has x or y in it as lines of a tape --------------
function constant(value, whole) {
  if (!(Math.abs(value) <= LARGEST)) refuse(`a constant in it is ${value}; needed a real `
    + `number up to ${LARGEST}`);
  return {value: whole ? value + 0 : value, whole};         // -0 is 0 among whole numbers
}
function recorded(text) {
  const lines = [];                                         // [row of OPS, parts, powers]
  const own = (table, name) => Object.prototype.hasOwnProperty.call(table, name);
  function meaning(node, depth) {
    if (depth > DEEPEST) refuse(`the function is nested too deeply; needed at most `
      + `${DEEPEST} parts within parts`);
    if (node.value !== undefined) return constant(node.value, node.whole);
    if (node.name !== undefined) {
      if (!own(NAMES, node.name)) refuse(`${quoted(text)}: ${node.name} is no variable; `
        + (own(FUNCTIONS, node.name) ? `write ${node.name}(...)` : "needed x or y"));
      return NAMES[node.name] === null ? {at: node.name} : {value: NAMES[node.name]};
    }
    if (node.call !== undefined) {
      if (!own(FUNCTIONS, node.call)) refuse(`${quoted(text)}: no function is called `
        + `${node.call}; needed one of ${Object.keys(FUNCTIONS).join(", ")}`);
      if (node.parts.length !== FUNCTIONS[node.call]) refuse(`${quoted(text)}: ${node.call} `
        + `came with ${node.parts.length} arguments; needs ${FUNCTIONS[node.call]}`);
    }
    const parts = node.parts.map(part => meaning(part, depth + 1));
    const fixed = parts.every(part => part.value !== undefined);
    const p = node.op === "Pow" && parts[1].value;
    if (p !== undefined && Math.abs(p) > HIGHEST) refuse(`${quoted(text)}: the exponent `
      + `${p} is too high; needed up to ${HIGHEST}`);
    const row = OPS[node.op === "Pow" && p !== undefined ? "PowNumber" : node.op || node.call];
    if (fixed) {
      const values = parts.map(part => part.value);
      if ((node.op === "Div" && values[1] === 0) || (node.op === "Pow" && values[0] === 0
        && p < 0)) refuse(`${quoted(text)}: a constant in it cannot be worked out (division `
        + "by zero); needed a finite number");
      return constant(row.f(...values), node.op && node.op !== "Div" && parts.every(
        part => part.whole) && !(node.op === "Pow" && p < 0));
    }
    lines.push([row, parts]);
    return {at: lines.length - 1};
  }
  let end = meaning(tree(text), 0);
  if (end.value !== undefined) {                            // a constant is value + 0*x
    lines.push([OPS.Mult, [{value: 0}, {at: "x"}]]);
    lines.push([OPS.Add, [end, {at: lines.length - 1}]]);
    end = {at: lines.length - 1};
  }
  return {lines, end};
}

// --- the tape: values forward, cotangents back, the latest line first ---------------------
function played({lines, end}, x, y) {
  const values = [], leaves = {x, y};
  const value = part => part.at === undefined ? part.value :
    typeof part.at === "string" ? leaves[part.at] : values[part.at];
  const args = lines.map(([row, parts]) => {
    const given = parts.map(value);
    values.push(row.f(...given));
    return given;
  });
  return {result: value(end), values, args};
}
function slopes({lines, end}, x, y) {
  const {result, values, args} = played({lines, end}, x, y), summed = {[end.at]: 1};
  for (let k = lines.length - 1; k >= 0; k--) {
    const [row, parts] = lines[k], g = summed[k];
    if (g === undefined) continue;
    parts.forEach((part, i) => {
      if (part.at === undefined) return;
      let out = row.d[i](g, values[k], ...args[k]);
      // A cotangent of 0 that meets an infinite slope stays 0, as in minigrad.
      if (out !== out && g === 0 && Number.isFinite(result)
        && (values[k] === values[k] || args[k].some(a => a !== a))) out = 0;
      summed[part.at] = summed[part.at] === undefined ? out : summed[part.at] + out;
    });
  }
  return ["x", "y"].map(name => summed[name] === undefined ? 0 : summed[name]);
}

// --- how it is written -------------------------------------------------------------------
const mathTag = (name, ...children) => `<${name}>${children.join("")}</${name}>`;
const PARTS = {Add: [1, "+"], Sub: [1, "−"], Mult: [2, "⋅"], USub: [2, "−"], UAdd: [2, "+"]};
function mathml(node) {
  const rank = n => n.op === "Pow" ? 3 : n.op === "Div" ? 2 : n.op ? PARTS[n.op][0] : 4;
  const bracket = inner => mathTag("mrow", "<mo>(</mo>", inner, "<mo>)</mo>");
  const part = (n, least) => rank(n) < least ? bracket(mathml(n)) : mathml(n);
  if (node.value !== undefined) return mathTag("mn", String(node.value));
  if (node.name !== undefined) return mathTag("mi", node.name === "pi" ? "π" : node.name);
  const [a, b] = node.parts;
  if (node.call === "sqrt") return mathTag("msqrt", mathml(a));
  if (node.call === "square") return mathTag("msup", part(a, 4), "<mn>2</mn>");
  if (node.call) return mathTag("mrow", mathTag("mi", node.call),
    bracket(node.parts.map(mathml).join("<mo>,</mo>")));
  if (node.op === "Div") return mathTag("mfrac", mathml(a), mathml(b));
  if (node.op === "Pow") return mathTag("msup", part(a, 4), mathml(b));
  const [mine, sign] = PARTS[node.op];
  return b === undefined ? mathTag("mrow", mathTag("mo", sign), part(a, mine)) :
    mathTag("mrow", part(a, mine), mathTag("mo", sign), part(b, mine + 1));
}

// {value(x, y), gradient(x, y), mathml, text} of what was typed; MGError if it has no meaning.
function parse(text) {
  if (typeof text !== "string" || !text.trim()) refuse(
    "a function is missing; needed a text such as x**2 + 10*y**2");
  if ([...text].length > LONGEST) refuse(`a function of ${[...text].length} characters came;`
    + ` needed at most ${LONGEST}`);
  text = text.trim();
  const tape = recorded(text);
  return {text, value: (x, y) => played(tape, x, y).result,
    gradient: (x, y) => slopes(tape, x, y),
    mathml: mathTag("math", mathml(tree(text)))};
}
