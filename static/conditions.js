// Shows what the answers so far ask for. Loaded only where a question, a section or a choice has a condition;
// without it everything is shown, and the server leaves out what is not asked for.
(() => {
  const form = document.getElementById("f");
  const kindOf = (group) => group.dataset.kind;
  const groups = [...form.querySelectorAll("fieldset[data-kind]")];
  const keyOf = (group) => group.id.slice(2);
  const json = (element, name) => JSON.parse(element.dataset[name]);
  const conditional = [...form.querySelectorAll("[data-when]")].map((element) => [element, json(element, "when")]);
  const filtered = [...form.querySelectorAll("[data-filter]")].map((element) => [element, json(element, "filter")]);
  const computed = json(form, "computed");

  // A number as it is written, in any digits: 1,200 or ۱۲۰۰
  const number = (text) => {
    const digits = text.replace(/[٠-٩۰-۹]/g, (digit) => digit.charCodeAt(0) & 15).replace(/[\s,٬](?=\d{3}(?!\d))/g, "");
    return digits.trim() && Number.isFinite(+digits.replace(",", ".")) ? +digits.replace(",", ".") : text;
  };

  // What a condition sees of a question, as QuestionType.value tells it
  const valueOf = (group) => {
    const given = [...group.querySelectorAll("input, textarea, select")]
      .filter((field) => (/radio|checkbox/.test(field.type) ? field.checked : field.value.trim()))
      .map((field) => [field.name.split("~")[1], field.value.trim()]);
    switch (kindOf(group)) {
      case "number": case "scale": return given.length ? number(given[0][1]) : "";
      case "matrix": case "activities": return given.map(([item, choice]) => `${item}:${choice}`).join(" ");
      case "then_now": return given.filter(([item]) => item === "now").map(([, point]) => +point)[0] ?? "";
      case "ranking": return given.sort((a, b) => number(a[1]) - number(b[1])).map(([item]) => item).join(" ");
      default: return given.filter(([item]) => !item).map(([, text]) => text).join(" ");
    }
  };

  // The server knows a country by its code, this page by any of its names: what asks for one is left to the server
  const unknown = new Set(groups.filter((group) => kindOf(group) === "country").map(keyOf));
  for (const [key, tree] of computed) if (when.names(tree).some((name) => unknown.has(name))) unknown.add(key);
  const holds = (tree, values, facts) => when.names(tree).some((name) => unknown.has(name)) || when.truth(when(tree, values, "", facts));

  const settle = () => {
    const all = Object.fromEntries(groups.map((group) => [keyOf(group), valueOf(group)]));
    let before;
    for (let round = 0; round <= groups.length; round++) {
      const values = Object.fromEntries(groups.map((group) => [keyOf(group), group.hidden ? "" : all[keyOf(group)]]));
      for (const [key, tree] of computed) values[key] = when(tree, values);
      for (const [element, tree] of conditional) element.hidden = !holds(tree, values);
      for (const [taps, tree] of filtered) {
        for (const label of taps.children) {
          const tap = label.firstElementChild;
          label.hidden = !holds(tree, values, { ...json(label, "facts"), name: tap.value });
          if (label.hidden) tap.checked = false;
        }
      }
      const now = conditional.map(([element]) => +element.hidden).join("");
      if (now === before) break;
      before = now;
    }
  };

  for (const words of form.querySelectorAll("[data-depends]")) words.hidden = true;
  form.addEventListener("settle", settle);
})();
