// The condition language of surveys/expressions: the same trees, the same values. tests/surveys/expressions holds both.
// `when(tree, values, here, facts, at)`; `when.truth(value)`; `when.names(tree)`: the questions it asks about.
const when = (() => {
  const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
  const isText = (value) => typeof value === "string";
  const trim = (text) => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const truth = (value) => (isText(value) ? value !== "" : !!value);

  const days = (text) => {
    const [, day, hour, minute, second] = MOMENT.exec(trim(text)) || [];
    const since = Date.parse(`${day}T00:00:00Z`);
    return day > "0001" && iso(since).startsWith(day) ? since / 864e5 + (hour * 3600 + minute * 60 + +(second || 0) || 0) / 86400 : NaN;
  };
  const iso = (milliseconds) => (milliseconds >= -621355968e5 && milliseconds < 2534023008e5 ? new Date(milliseconds).toISOString() : "");
  const number = (value) => {
    if (!isText(value)) return +value;
    const text = trim(value);
    return /^-?(\d+(\.\d*)?|\.\d+)$/.test(text) ? +text : days(text);
  };

  const text = (value) => {
    const size = Math.abs(value);
    if (typeof value !== "number" || !size || size >= 1e-6 && size < 1e21) return `${value}`;
    return size < 1 ? value.toFixed(20).replace(/\.?0+$/, "") : Number.isFinite(value) ? `${BigInt(value)}` : `${value}`;
  };
  const equal = (left, right) => {
    if (left === !!left || right === !!right) return truth(left) === truth(right);
    return isText(left) && isText(right) ? left === right : number(left) === number(right);
  };

  const finite = (value) => (Number.isFinite(value) ? value : NaN);
  const words = (value) => text(value).match(/[^ \t\r\n]+/g) || [];
  const numbers = (values) => values.flatMap(words).map(number);
  const padded = (value) => ` ${text(value).replace(/^ +| +$/g, "")} `;
  const matches = (value, pattern) => {
    for (const flag of ["u", ""]) {
      try {
        return new RegExp(`^(?:${text(pattern)})$`, flag).test(text(value));
      } catch { /* stricter with "u": try without */ }
    }
    return false;
  };

  const calls = {
    true: () => true,
    false: () => false,
    not: (a) => !truth(a),
    boolean: truth,
    number,
    string: text,
    int: (a) => finite(Math.trunc(number(a))),
    round: (a, b = 0) => {
      const shift = Math.trunc(Math.max(-15, Math.min(15, finite(number(b)) || 0)));
      const power = +`1e${Math.abs(shift)}`;
      return shift < 0 ? Math.floor(number(a) / power + 0.5) * power : Math.floor(number(a) * power + 0.5) / power;
    },
    min: (...all) => (all = numbers(all), all.length ? Math.min(...all) : NaN),
    max: (...all) => (all = numbers(all), all.length ? Math.max(...all) : NaN),
    sum: (...all) => numbers(all).reduce((a, b) => a + b, 0),
    selected: (a, b) => padded(a).includes(padded(b)),
    "count-selected": (a) => words(a).length,
    coalesce: (...all) => all.find((a) => text(a)) ?? "",
    concat: (...all) => all.map(text).join(""),
    "string-length": (a) => [...text(a)].length,
    regex: matches,
    neg: (a) => -number(a),
    "=": equal,
    "!=": (a, b) => !equal(a, b),
    "<": (a, b) => number(a) < number(b),
    "<=": (a, b) => number(a) <= number(b),
    ">": (a, b) => number(a) > number(b),
    ">=": (a, b) => number(a) >= number(b),
    "+": (...all) => all.map(number).reduce((a, b) => a + b, 0),
    "*": (a, b) => number(a) * number(b),
    div: (a, b) => number(a) / number(b),
    mod: (a, b) => number(a) % number(b),
  };

  const when = (tree, values = {}, here = "", facts = {}, at = new Date()) => {
    const now = new Date(at - at.getTimezoneOffset() * 6e4).toISOString();
    const own = (known, key) => (Object.hasOwn(known, key) ? known[key] : "");
    const of = (node) => {
      if (!Array.isArray(node)) return node;
      const [name, ...parts] = node;
      switch (name) {
        case "$": return own(values, parts[0]);
        case "@": return own(facts, parts[0]);
        case ".": return here;
        case "or": return parts.some((part) => truth(of(part)));
        case "and": return parts.every((part) => truth(of(part)));
        case "if": return of(parts[truth(of(parts[0])) ? 1 : 2]);
        case "once": return text(here) ? here : of(parts[0]);
        case "today": return now.slice(0, 10);
        case "now": return now.slice(0, 19);
        default: return calls[name](...parts.map(of));
      }
    };
    const value = of(tree);
    if (isText(value)) return [...value].slice(0, 1e4).join("");
    return value === !!value || Number.isFinite(value) ? value : "";
  };
  when.truth = truth;
  when.learn = (more) => Object.assign(calls, more({ days, iso, number, text, finite, words })); // when-rare.js
  when.names = (tree) => (Array.isArray(tree) ? tree[0] === "$" ? [tree[1]] : tree.slice(1).flatMap(when.names) : []);
  return when;
})();
