// What a cell has put out, in the place of the output that the book was built with. Texts become
// text nodes, HTML goes into a sandboxed frame; nothing here is ever read as markup of the page.
import { frame } from "./frames.mjs";

const CLASSES = { stdout: "output stream", stderr: "output stderr", text: "output text_plain" };

export class Output {
  constructor(cell, element) {
    this.cell = cell;
    this.element = element;
    this.saved = cell.box.saved;
    this.area = null;
    this.lent = new Map(); // identifiers of saved figures that live ones have
    this.start();
  }

  /** Begin a run; what stands there stays until something else takes its place. */
  start({ quiet = false } = {}) {
    this.fresh = true;
    this.quiet = quiet; // errors and warnings only
    this.figures = 0;
    this.stream = null;
  }

  /** Where errors of a cell go that the page does not show. */
  partOf(other) {
    return {
      start: () => this.start(),
      add: (message) => {
        if (message.type !== "error") return;
        this.add({ ...message, title: `${message.name} in cell ${other.number}, which the page does not show` });
      },
      finish: () => {},
    };
  }

  add(message) {
    const { type } = message;
    if (this.quiet && type !== "error" && type !== "warning") return;
    if (this.fresh) this.open();
    if (type === "clear") this.area.replaceChildren();
    else if (type in CLASSES) this.text(message);
    else if (type === "image") this.image(message);
    else if (type === "html") this.area.append(frame(message.html, this.cell.number, this.element));
    else if (type === "warning") this.box("warning", "Warning", message.text);
    else if (type === "error") this.box("error", message.title || message.name, message.text);
    if (type !== "stdout" && type !== "stderr") this.stream = null;
  }

  finish() {
    if (this.fresh && !this.quiet) this.open();
    if (!this.area) return;
    this.area.style.minHeight = "";
    for (const text of this.area.querySelectorAll("pre")) {
      if (text.scrollHeight > text.clientHeight || text.scrollWidth > text.clientWidth) text.tabIndex = 0;
    }
  }

  /** Take the saved output away, and make an empty place as high, so that nothing below moves. */
  open() {
    this.fresh = false;
    const old = this.area ? [this.area] : this.saved;
    const height = old.reduce((sum, node) => sum + node.getBoundingClientRect().height, 0);
    if (!this.area) {
      this.area = this.element("div", { class: "cell_output docutils container gn-live-output" });
      this.cell.box.node.append(this.area);
      for (const node of this.saved) node.hidden = true;
    }
    this.area.replaceChildren();
    this.area.style.minHeight = `${height}px`;
  }

  /** Bring the saved output back. */
  clear() {
    this.area?.remove();
    this.area = null;
    for (const [figure, id] of this.lent) figure.id = id;
    this.lent.clear();
    for (const node of this.saved) node.hidden = false;
    this.start();
  }

  text({ type, text }) {
    if (!this.stream || this.stream.type !== type || type === "text") {
      const pre = this.element("pre", {});
      const inside = this.element("div", { class: "highlight" }, pre);
      this.area.append(this.element("div", { class: `${CLASSES[type]} highlight-none notranslate` }, inside));
      this.stream = { type, pre, last: "" };
    }
    this.write(this.stream, text);
  }

  /** Append a text; a carriage return takes the last line back, as progress lines do. */
  write(stream, text) {
    const plain = text.replaceAll("\r\n", "\n");
    if (!plain.includes("\r")) {
      stream.pre.append(plain);
      return;
    }
    const lines = (stream.pre.textContent + plain).split("\n");
    stream.pre.textContent = lines.map((line) => line.split("\r").filter(Boolean).pop() || "").join("\n");
  }

  image({ data, mime }) {
    const pictures = this.saved.flatMap((node) => [...node.querySelectorAll("img")]);
    const saved = pictures[this.figures];
    this.figures += 1;
    const alt = this.cell.alt || saved?.alt || `Figure ${this.figures} of cell ${this.cell.number}`;
    const picture = this.element("img", { src: `data:${mime};base64,${data}`, alt });
    const figure = saved?.closest("figure");
    const caption = figure?.querySelector("figcaption")?.cloneNode(true);
    if (!caption) {
      this.area.append(this.element("div", { class: "output image_png" }, picture));
      return;
    }
    for (const node of [caption, ...caption.querySelectorAll("[id]")]) node.removeAttribute("id");
    const live = this.element("figure", { class: "align-default" }, picture, caption);
    if (figure.id) this.lent.set(figure, figure.id);
    figure.removeAttribute("id"); // links to the figure lead to the one that is seen
    if (this.lent.has(figure)) live.id = this.lent.get(figure);
    this.area.append(live);
  }

  box(kind, title, text) {
    const heading = this.element("p", {}, title);
    const pre = this.element("pre", {}, text);
    this.area.append(this.element("div", { class: `gn-live-${kind}` }, heading, pre));
  }
}
