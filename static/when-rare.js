// What few questionnaires call: days as they are written, parts of texts, mathematics. After when.js.
when.learn(({ days, iso, number, text, finite, words }) => {
  const moment = (value) => iso(Math.floor(number(value) * 86400 + 0.5) * 1e3);
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

  const calls = {
    "boolean-from-string": (a) => ["true", "1"].includes(text(a).toLowerCase()),
    floor: (a) => Math.floor(number(a)),
    ceiling: (a) => Math.ceil(number(a)),
    pi: () => Math.PI,
    "count-non-empty": (...all) => all.filter((a) => text(a)).length,
    "selected-at": (a, b) => words(a)[Math.floor(number(b))] ?? "",
    join: (sign, ...all) => all.map(text).join(text(sign)),
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
    date: (a) => moment(a).slice(0, 10),
    "date-time": (a) => moment(a).slice(0, 19),
    "format-date": format,
    "format-date-time": format,
    "decimal-date-time": number,
    "decimal-time": (a) => {
      const clock = days(`1970-01-01T${text(a)}`), since = Number.isNaN(clock) ? number(a) : clock;
      return since - Math.floor(since);
    },
  };
  for (const name of ["abs", "pow", "sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"]) {
    calls[name] = (...all) => finite(Math[name](...all.map(number)));
  }
  return calls;
});
