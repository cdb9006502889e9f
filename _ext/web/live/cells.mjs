// The cells of a page: which have run, in which order they run, and the worker they run in.
import { Cell } from "./cell.mjs";
import { edit } from "./editing.mjs";

const MUTE = { start() {}, add() {}, finish() {} }; // takes what nobody is to see
const NEEDS = { tensorflow: "TensorFlow", processes: "other programs" };

class Stopped extends Error {}

/** Return an error whose text may be shown to readers as it is. */
function plainly(text) {
  return Object.assign(new Error(text), { plain: true });
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

class Page {
  constructor({ root, told, element }, json, boxes) {
    Object.assign(this, { root, told, element, json });
    this.cells = json.cells.map((cell) => new Cell(cell, boxes.get(cell.index), element));
    this.queue = [];
    this.worker = null;
    this.started = null; // promise: the interpreter is ready
    this.waiting = null; // for the end of the cell that runs: {cell, resolve, reject}
    this.target = null; // the cell whose button was pressed
    this.ids = 0;
  }

  tell(text) {
    this.told.textContent = text;
  }

  cell(index) {
    return this.cells.find((cell) => cell.index === index);
  }

  /* ---- what the buttons do ---- */

  async run(index) {
    const cell = this.cell(index);
    if (cell === this.target || this.queue.includes(cell)) return;
    this.queue.push(cell);
    cell.show(true);
    if (this.target) cell.say("Waits for the cell that is running");
    else await this.drain();
  }

  async edit(index) {
    const cell = this.cell(index);
    try {
      await edit(cell, { root: this.root, element: this.element, run: () => this.run(index) });
      cell.show(cell === this.target || this.queue.includes(cell));
    } catch (error) {
      cell.say(error.message);
      this.tell(error.message);
    }
  }

  reset(index) {
    const cell = this.cell(index);
    if (cell.editor) cell.editor.close();
    cell.editor = null;
    cell.output.clear();
    cell.show(false);
    cell.say("");
    this.tell(`Cell ${cell.number}: source and output are those of the book again`);
  }

  stop() {
    const stopped = this.waiting?.cell;
    const shown = [this.target, stopped, ...this.queue];
    if (stopped) stopped.halted = stopped.text;
    this.queue.length = 0;
    this.forget();
    const text = "Stopped. What the cells had computed is gone; the next Run starts afresh.";
    for (const cell of new Set(shown)) {
      cell?.show(false);
      cell?.say(text);
    }
    this.tell(text);
  }

  /* ---- one after the other ---- */

  async drain() {
    while (this.queue.length) {
      this.target = this.queue.shift();
      const cell = this.target;
      cell.show(true);
      try {
        await this.serve(cell);
      } catch (error) {
        if (!(error instanceof Stopped)) this.fail(cell, error);
      }
      cell.show(false);
      this.target = null;
    }
  }

  /** Run the cells above that have not run, then the cell itself. */
  async serve(cell) {
    cell.halted = null;
    const before = this.cells.filter((other) => other.index < cell.index);
    const above = before.filter((other) => !other.hasRun && other.runsByItself);
    const left = before.filter((other) => other.needs.length || (!other.hasRun && !other.runsByItself));
    await this.ready(cell, [...above, cell]);
    for (const [i, other] of above.entries()) {
      cell.say(`Cell ${other.number} first (${i + 1} of ${above.length} above) …`);
      const quiet = other.tags?.includes("remove-output"); // the page leaves it out, too
      const output = other.partly ? MUTE : other.output || cell.output.partOf(other);
      const { ok } = await this.execute(other, output, { quiet });
      if (!ok && !other.mayFail) {
        const where = other.output ? "" : ", which the page does not show";
        cell.say(`Not run: cell ${other.number} above failed${where}.`);
        this.tell(`Cell ${cell.number} was not run: cell ${other.number} above failed`);
        return;
      }
    }
    cell.say("Running …");
    this.tell(`Cell ${cell.number} is running`);
    const { ok, seconds } = await this.execute(cell, cell.output, {});
    const text = [ok ? `Ran in ${seconds.toFixed(2)} s` : "Ended with an error", ...this.remarks(above, left)].join("; ");
    cell.say(text);
    this.tell(`Cell ${cell.number}: ${text}`);
  }

  /** Say what ran before, and what was left out. */
  remarks(above, left) {
    const list = (cells) => `${cells.length > 1 ? "cells" : "cell"} ${cells.map((cell) => cell.number).join(", ")}`;
    const remarks = above.length ? [`${list(above)} ran first`] : [];
    const halted = left.filter((cell) => !cell.needs.length);
    if (halted.length) remarks.push(`${list(halted)} was stopped before and is left out`);
    for (const [need, word] of Object.entries(NEEDS)) {
      const needing = left.filter((cell) => cell.needs[0] === need);
      if (needing.length) remarks.push(`without ${list(needing)}: needs ${word}`);
    }
    return remarks;
  }

  fail(cell, error) {
    this.forget();
    cell.say(error.message);
    this.tell(error.message);
  }

  /* ---- the worker ---- */

  /** Forget the interpreter and all that is in it. */
  forget() {
    this.worker?.terminate();
    this.worker = null;
    this.started = null;
    for (const cell of this.cells) cell.ran = null;
    this.waiting?.reject(new Stopped());
    this.refuse?.(new Stopped());
    this.waiting = this.refuse = null;
  }

  /** Start an interpreter if there is none, with the packages that the first cells need. */
  ready(cell, cells) {
    if (this.started) return this.started;
    cell.say("Loading Python …");
    this.tell("Loading Python");
    this.loadingCell = cell;
    this.started = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.refuse = reject;
    });
    this.worker = new Worker(`${this.root}worker.mjs`, { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.hear({ type: "failed", text: event.message || "its script cannot be loaded from this site", during: "start" });
    };
    const packages = [...new Set(["numpy", ...cells.flatMap((one) => one.packages || [])])];
    this.worker.postMessage({ type: "start", root: this.root, page: this.place(), packages });
    return this.started;
  }

  /** What the worker has to know of the page. */
  place() {
    const { folder, files, recordings } = this.json;
    return { folder, files, recordings };
  }

  execute(cell, output, options) {
    const source = cell.text;
    const id = ++this.ids;
    output.start(options);
    this.worker.postMessage({ type: "run", id, index: cell.index, source, packages: cell.packages || [] });
    return new Promise((resolve, reject) => {
      this.waiting = { id, cell, output, source, resolve, reject };
    });
  }

  hear(data) {
    const { type } = data;
    const { waiting } = this;
    const working = this.target;
    if (type === "progress" && (!waiting || waiting.loading)) {
      const of = data.total > data.loaded ? ` of ${megabytes(data.total)}` : "";
      working?.say(`Loading ${waiting?.loading || "Python"}: ${megabytes(data.loaded)}${of} MB`);
    } else if (type === "ready") {
      working?.say(`Python ${data.python} with NumPy ${data.numpy} is ready`);
      this.tell("Python is ready");
      this.refuse = null;
      this.resolve();
    } else if (type === "failed") {
      const began = data.during === "start";
      const text = began ? `Python cannot be loaded: ${data.text}.` : `Python has ended: ${data.text}. What it had computed is gone.`;
      const end = waiting?.reject || this.refuse;
      this.waiting = this.refuse = null;
      end?.(plainly(text));
    } else if (waiting && data.id === waiting.id) {
      this.hearCell(data, waiting);
    }
  }

  hearCell(data, waiting) {
    const { cell, output, source, resolve } = waiting;
    if (data.type === "loading") {
      waiting.loading = data.packages.join(", ");
      this.target?.say(`Loading ${waiting.loading} …`);
    } else if (data.type === "loaded") {
      waiting.loading = null;
      this.target?.say("Running …");
    } else if (data.type === "again") output.start();
    else if (data.type === "done") {
      cell.ran = data.ok || cell.mayFail ? source : null;
      output.finish();
      if (cell !== this.target) cell.show(false);
      this.waiting = null;
      resolve(data);
    } else output.add(data);
  }
}

/** Read what the build knows of the page, and return what its buttons do. */
export async function open({ root, page, boxes, told, element }) {
  const response = await fetch(page).catch(() => null);
  if (!response?.ok) throw plainly("The cells of this page cannot be loaded from this site.");
  const found = new Page({ root, told, element }, await response.json(), boxes);
  return {
    run: (index) => found.run(index),
    edit: (index) => found.edit(index),
    reset: (index) => found.reset(index),
    stop: () => found.stop(),
  };
}
