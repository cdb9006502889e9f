// Cells that run in the page: buttons below the code of a notebook's cells. Nothing else is loaded
// before the reader presses one; cells.mjs does the work then. Without scripts the page is whole.
(function () {
  "use strict";
  const place = document.getElementById("gn-live");
  if (!place) return;
  const root = new URL(place.dataset.root, document.baseURI).href;
  const page = new URL(place.dataset.page, document.baseURI).href;
  const NEEDS = { tensorflow: "TensorFlow", processes: "other programs" };
  const boxes = new Map(); // by index: what belongs to one cell
  let engine = null;

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // one region for the whole page says what a screen reader should hear
  const told = element("div", { class: "gn-live-told", role: "status" });

  function load() {
    if (location.protocol === "file:") {
      return Promise.reject(new Error("Cells run only in a page that is served: use `make serve`."));
    }
    engine ||= import(`${root}cells.mjs`)
      .then((module) => module.open({ root, page, boxes, told, element }))
      .catch((error) => {
        engine = null; // the next press tries again
        throw error.plain ? error : new Error("The scripts that run cells cannot be loaded from this site.");
      });
    return engine;
  }

  async function act(box, name) {
    try {
      const found = await load();
      found[name](box.index);
    } catch (error) {
      box.status.textContent = error.message;
      told.textContent = error.message;
    }
  }

  function build(node) {
    const index = Number(node.dataset.liveCell);
    const number = index + 1;
    const input = node.querySelector(".cell_input");
    const box = { index, node, input, buttons: {}, saved: [...node.querySelectorAll(".cell_output")] };
    boxes.set(index, box);
    if (!input) return;
    if (node.dataset.liveNeeds) {
      mark(box);
      return;
    }
    const bar = element("div", { class: "gn-live-bar", role: "group", "aria-label": `Cell ${number}` });
    const words = { run: "Run", stop: "Stop", edit: "Edit", reset: "Reset" };
    for (const [name, word] of Object.entries(words)) {
      const button = element("button", { type: "button", "aria-label": `${word} cell ${number}` }, word);
      button.hidden = name === "stop" || name === "reset";
      button.addEventListener("click", () => act(box, name));
      box.buttons[name] = button;
      bar.append(button);
    }
    box.status = element("span", { class: "gn-live-status" });
    bar.append(box.status, element("span", { class: "gn-live-number", "aria-hidden": "true" }, `cell ${number}`));
    put(box, bar);
  }

  // a bar stands where the style sheet kept its place
  function put(box, bar) {
    box.input.after(bar);
    box.node.classList.add("gn-live-on");
  }

  // a cell that cannot run here says why, and where it can
  function mark(box) {
    const what = NEEDS[box.node.dataset.liveNeeds.split(" ")[0]] || "more than a browser has";
    const text = element("span", { class: "gn-live-status" }, `Needs ${what}: run it locally`);
    const { binder } = place.dataset;
    if (binder) text.append(" or ", element("a", { href: binder }, "on Binder"));
    put(box, element("div", { class: "gn-live-bar gn-live-mark" }, text));
  }

  document.querySelectorAll("div.cell[data-live-cell]").forEach(build);
  document.body.append(told);
})();
