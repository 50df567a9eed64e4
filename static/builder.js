// The order of questions by mouse or finger; the buttons beside each do the same. Without it everything works.
(() => {
  const list = document.querySelector("[data-builder] .qlist");
  if (!list) return;
  const rows = () => [...list.querySelectorAll("[data-question]")];
  let moved = null;
  let before = [];

  const place = (y) => {
    const next = rows().find((row) => row !== moved && y < row.getBoundingClientRect().top + row.offsetHeight / 2);
    if (next) next.before(moved);
    else rows().at(-1).after(moved);
  };

  const back = () => {
    moved.classList.remove("moving");
    moved = null;
    list.append(...before); // the headings too
  };

  const put = () => {
    const row = moved;
    const to = rows().indexOf(row);
    if (before.filter((one) => one.matches("[data-question]"))[to] === row) return back();
    moved = null;
    row.classList.remove("moving");
    const form = row.querySelector("[data-move]");
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "to", value: String(to) });
    form.append(field);
    form.submit();
  };

  for (const row of rows()) {
    const handle = document.createElement("span");
    handle.className = "handle";
    handle.setAttribute("aria-hidden", "true");
    row.prepend(handle);
    handle.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      [moved, before] = [row, rows()];
      row.classList.add("moving");
    });
  }

  // Not on the handle: whoever holds the pointer loses it when its row is moved in the page
  addEventListener("pointermove", (event) => moved && place(event.clientY));
  addEventListener("pointerup", () => moved && put());
  addEventListener("pointercancel", () => moved && back());

  // What was typed and not saved
  let typed = false;
  const editor = document.querySelector("#editor form");
  if (editor) {
    editor.addEventListener("input", () => { typed = true; });
    addEventListener("submit", () => { typed = false; });
    addEventListener("beforeunload", (event) => typed && event.preventDefault());
  }
})();
