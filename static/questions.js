// What is asked depends on what was answered: shown at once, decided by the server. Attributes: responses/_asked.html.
(() => {
  const form = document.getElementById("f");
  const all = (what) => [...form.querySelectorAll(what)];
  const tree = (element, name) => JSON.parse(element.dataset[name]);
  const groups = all("fieldset[id^='q-']");
  const isGiven = (field) => (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value.trim());
  const filled = (group) => [...group.querySelectorAll("input, textarea")].filter(isGiven);
  const digits = (text) => text.normalize("NFKC").replace(/\p{Nd}/gu, (sign) => {
    let zero = sign.codePointAt(0);
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && sign.codePointAt(0) - zero < 9) zero -= 1;
    return sign.codePointAt(0) - zero;
  });
  // As surveys/numerals reads it: 1.200 and 1,200 are thousands
  const figure = (text) => {
    const number = digits(text).replace(/\s/g, "").replace(/\u066c/g, ",").replace(/\u066b/g, ".").replace("\u2212", "-");
    return /^-?\d{1,3}([.,'\u2019]\d{3})+$/.test(number) ? number.replace(/[.,'\u2019]/g, "") : number.replace(",", ".");
  };
  const plain = (field) => (field.inputMode && +figure(field.value)) || field.value.trim();

  // As surveys/question_types says it to a condition
  const answer = (group) => {
    const given = filled(group);
    const own = given.filter((field) => field.name === group.id);
    const parts = given.map((field) => [field.name.slice(group.id.length + 1), plain(field)]).filter(([part]) => part);
    const part = Object.fromEntries(parts);
    if (part.other && !own.some((field) => field.value === "other")) return [...own.map(({ value }) => value), "other"].join(" ");
    if (own.length) return own.length > 1 ? own.map(({ value }) => value).join(" ") : plain(own[0]);
    if (part.now || part.then) return +part.now || "";
    if (group.querySelector(".ranks")) return parts.sort((one, two) => one[1] - two[1]).map(([name]) => name).join(" ");
    return parts.map(([name, value]) => `${name}:${value}`).join(" ");
  };
  const spoken = (group) => filled(group).filter((field) => !field.checked || field.value !== "other")
    .map((field) => (field.checked ? field.nextElementSibling.firstChild.data : field.value.trim())).join(", ");

  const key = (group) => group.id.slice(2);
  const settle = () => {
    const values = {};
    let before;
    let rounds = groups.length + 1; // a condition may wait for another
    do {
      before = JSON.stringify(values);
      for (const group of groups) values[key(group)] = group.hidden ? "" : answer(group);
      for (const one of all("[data-works-out]")) values[one.dataset.key] = one.dataset.when && !holds(one, values) ? "" : when(tree(one, "worksOut"), values);
      for (const one of all("[data-when]")) if (!one.dataset.worksOut) one.hidden = !holds(one, values);
      rounds -= 1;
    } while (rounds && JSON.stringify(values) !== before);
    for (const list of all("[data-filter]")) {
      const filter = tree(list, "filter");
      for (const label of list.children) {
        const tap = label.firstElementChild;
        label.hidden = !when.truth(when(filter, values, "", { name: tap.value, ...tree(label, "facts") }));
        if (label.hidden) tap.checked = false;
      }
    }
    for (const quote of all("[data-quotes]")) {
      const name = quote.dataset.quotes;
      const group = document.getElementById(`q-${name}`);
      if (!group && !Object.hasOwn(values, name)) continue; // only the server knows
      quote.textContent = (group ? !group.hidden && spoken(group) : `${values[name] ?? ""}`) || "…";
    }
  };
  const holds = (element, values) => when.truth(when(tree(element, "when"), values));

  for (const words of all("[data-depends]")) words.remove();
  form.addEventListener("input", settle, true);
  addEventListener("pageshow", settle);
  for (const when of ["settle", "put"]) form.addEventListener(when, settle); // before answers are counted; when some came back from this phone
  settle();

  for (const button of all("[data-here]")) {
    if (!("geolocation" in navigator)) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.here);
      const failed = () => { button.textContent = button.dataset.failed; };
      const found = ({ coords }) => {
        field.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      };
      navigator.geolocation.getCurrentPosition(found, failed, { timeout: 20000 });
    });
  }
})();
