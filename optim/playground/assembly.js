// The printed tables as the objects that the page uses.

for (const rule of Object.values(rules)) {
  rule.init = FUNCTION[rule.init];
  rule.step = FUNCTION[rule.step];
  rule.equations = rule.equations.map(([name, k]) => ({name, mathml: MATHML[k]}));
  for (const [name, [value, low, high, log]] of Object.entries(rule.hyper)) {
    const [meaning, symbol] = LEGEND[name];
    rule.hyper[name] = {value, low, high, log: Boolean(log), meaning, symbol,
      inert: rule.inert.includes(name)};
  }
}
for (const [name, landscape] of Object.entries(landscapes)) {
  landscape.curvatures = CURVATURES[name] || null;
}
const points = f => {
  const {x, labels} = network.data;
  let total = 0;
  for (let k = 0; k < labels.length; k++) total += f(x[2*k], x[2*k + 1], labels[k]);
  return total/labels.length;
};
network.logits = (p, x, y, activation) => POINT[activation].logits(p, x, y);
network.valueAndGradient = (p, activation) => {
  const gradient = new Float64Array(p.length), {add} = POINT[activation];
  const value = points((x, y, label) => add(p, x, y, label, gradient));
  return {value, gradient: gradient.map(g => g/network.data.labels.length)};
};
network.value = (p, activation) => network.valueAndGradient(p, activation).value;
network.gradient = (p, activation) => network.valueAndGradient(p, activation).gradient;
return {rules, landscapes, parse, network, stability, presets, MGError};
