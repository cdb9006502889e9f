// One cell of a page: its source, whether it has run, its buttons and its output.
import { Output } from "./output.mjs";

export class Cell {
  constructor(json, box, element) {
    Object.assign(this, json);
    this.number = json.index + 1;
    this.box = box;
    this.saved = json.source;
    this.output = box ? new Output(this, element) : null;
    this.ran = null; // the source that has run in the present interpreter
    this.halted = null; // the source that was stopped; it is not run again by itself
    this.editor = null;
  }

  /** What is run: as long as the reader changes nothing, without what only TensorFlow can do. */
  get text() {
    const text = this.editor ? this.editor.text() : this.saved;
    return text === this.saved ? (this.browser ?? text) : text;
  }

  get hasRun() {
    return this.ran === this.text;
  }

  get runsByItself() {
    return (!this.needs.length || this.partly) && this.halted !== this.text;
  }

  /** Whether the cells below go on although this one fails. */
  get mayFail() {
    return this.partly || Boolean(this.tags?.includes("raises-exception"));
  }

  /** Whether some statements of a cell that cannot run may be run for what they define. */
  get partly() {
    return Boolean(this.needs.length && this.browser);
  }

  say(text) {
    if (this.box?.status) this.box.status.textContent = text;
  }

  /** Show the buttons that are of use now, and keep the keyboard's focus on one of them. */
  show(running) {
    const { buttons } = this.box || {};
    if (!buttons?.run) return;
    const held = Object.values(buttons).find((button) => button === document.activeElement);
    buttons.run.hidden = running;
    buttons.stop.hidden = !running;
    buttons.reset.hidden = running || !(this.editor || this.output.area);
    if (held?.hidden) (running ? buttons.stop : buttons.run).focus();
  }
}
