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
  const moment = (value) => iso(Math.floor(number(value) * 86400 + 0.5) * 1e3);

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
  const place = (value, length) => {
    const wanted = number(value);
    return Math.trunc(Math.max(0, Math.min(length, wanted < 0 ? wanted + length : wanted))) || 0;
  };
  const between = (value, sign, side) => {
    const whole = text(value), mark = text(sign), at = whole.indexOf(mark);
    if (at < 0) return "";
    return side ? whole.slice(at + mark.length) : whole.slice(0, at);
  };
  const format = (value, wanted) => {
    const at = moment(value);
    if (!at) return "";
    const [Y, m, d, H, M, S] = at.match(/\d+/g);
    const [a, , b] = new Date(at).toUTCString().split(/\W+/); // Sun, 22 Nov 2026
    const signs = { Y, y: Y.slice(2), m, n: +m, b, d, e: +d, a, H, h: +H, M, S, 3: "000" };
    return text(wanted).replace(/%(.)/gu, (_, sign) => signs[sign] ?? sign);
  };
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
    "boolean-from-string": (a) => ["true", "1"].includes(text(a).toLowerCase()),
    number,
    string: text,
    int: (a) => finite(Math.trunc(number(a))),
    floor: (a) => Math.floor(number(a)),
    ceiling: (a) => Math.ceil(number(a)),
    round: (a, b = 0) => {
      const shift = Math.trunc(Math.max(-15, Math.min(15, finite(number(b)) || 0)));
      const power = +`1e${Math.abs(shift)}`;
      return shift < 0 ? Math.floor(number(a) / power + 0.5) * power : Math.floor(number(a) * power + 0.5) / power;
    },
    pi: () => Math.PI,
    min: (...all) => (all = numbers(all), all.length ? Math.min(...all) : NaN),
    max: (...all) => (all = numbers(all), all.length ? Math.max(...all) : NaN),
    sum: (...all) => numbers(all).reduce((a, b) => a + b, 0),
    "count-non-empty": (...all) => all.filter((a) => text(a)).length,
    selected: (a, b) => padded(a).includes(padded(b)),
    "count-selected": (a) => words(a).length,
    "selected-at": (a, b) => words(a)[Math.floor(number(b))] ?? "",
    coalesce: (...all) => all.find((a) => text(a)) ?? "",
    concat: (...all) => all.map(text).join(""),
    join: (sign, ...all) => all.map(text).join(text(sign)),
    "string-length": (a) => [...text(a)].length,
    substr: (a, start, end = Infinity) => {
      const all = [...text(a)];
      return all.slice(place(start, all.length), place(end, all.length)).join("");
    },
    "substring-before": (a, b) => between(a, b, 0),
    "substring-after": (a, b) => between(a, b, 1),
    contains: (a, b) => text(a).includes(text(b)),
    "starts-with": (a, b) => text(a).startsWith(text(b)),
    "ends-with": (a, b) => text(a).endsWith(text(b)),
    "normalize-space": (a) => words(a).join(" "),
    translate: (a, from, to) => {
      const old = [...text(from)], fresh = [...text(to)];
      return [...text(a)].map((sign) => (old.includes(sign) ? fresh[old.indexOf(sign)] ?? "" : sign)).join("");
    },
    regex: matches,
    date: (a) => moment(a).slice(0, 10),
    "date-time": (a) => moment(a).slice(0, 19),
    "format-date": format,
    "format-date-time": format,
    "decimal-date-time": number,
    "decimal-time": (a) => {
      const clock = days(`1970-01-01T${text(a)}`), since = Number.isNaN(clock) ? number(a) : clock;
      return since - Math.floor(since);
    },
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
  for (const name of ["abs", "pow", "sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"]) {
    calls[name] = (...all) => finite(Math[name](...all.map(number)));
  }

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
  when.names = (tree) => (Array.isArray(tree) ? tree[0] === "$" ? [tree[1]] : tree.slice(1).flatMap(when.names) : []);
  return when;
})();
