/* The player: a custom element that carries its trace as JSON, runs a scene on it, and gives it
   buttons, a scrubber, controls, a caption and a table. Scenes register with Glass.scene(). */
(function () {
  "use strict";
  const Glass = globalThis.Glass;
  if (Glass.state) return;
  const { Panel, fill, format, handle, make, set } = Glass.draw;

  /** The text in a language, or in English; a plain value holds for all languages. */
  const inLanguage = (texts, language) =>
    texts?.[language] ?? texts?.[String(language).split("-")[0]] ?? texts?.en;

  /* ---- the state of a scene: no document is needed, so Node can test it ---- */

  class State {
    constructor(trace, language = "en") {
      this.trace = trace;
      this.scene = Glass.scenes[trace.scene];
      this.data = trace.static;
      this.words = { ...inLanguage(Glass.words, language), ...inLanguage(trace.strings, language) };
      this.language = language;
      this.step = 0;
      this.phase = 1; // how much of the present step is drawn; 1 unless it is being played
      this.values = Object.fromEntries(trace.controls.map((c) => [c.name, structuredClone(c.value)]));
    }

    /** Text of the trace by its key, with {names} filled in. */
    t(key, values) {
      return fill(this.words[key] ?? key, values);
    }

    text(field) {
      return inLanguage(this.trace[field], this.language);
    }

    get count() {
      return this.scene.count ? this.scene.count(this) : this.trace.frames.length;
    }

    get last() {
      return this.count - 1;
    }

    get frame() {
      return this.trace.frames[Math.min(this.step, this.trace.frames.length - 1)];
    }

    control(name) {
      return this.trace.controls.find((control) => control.name === name);
    }

    /** Set the value of a control, let the scene react, keep the step within its range. */
    change(name, value) {
      const before = this.values[name];
      this.values[name] = value;
      this.phase = 1;
      this.scene.change?.(this, name, before);
      this.step = Math.min(Math.max(this.step, 0), this.last);
    }

    caption() {
      return this.scene.caption(this);
    }

    rows() {
      return this.scene.rows(this);
    }
  }

  /* ---- the same with a place to draw: what a scene's setup() gets ---- */

  class View extends State {
    constructor(trace, language, player) {
      super(trace, language);
      this.player = player;
      this.colours = {};
    }

    panel(options) {
      return new Panel(this.player.stage, options);
    }

    handle(panel, name, scales, radius) {
      return handle(this, panel, name, scales, radius);
    }

    /** Let a click on an element set a control; the keyboard has the control itself. */
    pick(node, name, value) {
      node.classList.add("pick");
      node.addEventListener("click", () => this.change(name, value));
    }

    /** Let a click on an element go to a step; the keyboard has the scrubber. */
    pickStep(node, step) {
      node.classList.add("pick");
      node.addEventListener("click", () => this.player.go(typeof step === "function" ? step() : step));
    }

    change(name, value) {
      super.change(name, value);
      this.player.changed();
    }

    /** A colour of the style sheet as [red, green, blue], for canvases. */
    rgb(name) {
      if (!this.colours[name]) {
        const hex = getComputedStyle(this.player.app).getPropertyValue(`--${name}`).trim();
        this.colours[name] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
      }
      return this.colours[name];
    }
  }

  Glass.state = (trace, language) => new State(trace, language);
  Glass.words = Glass.words || {};

  /** Register a scene: {caption, rows, setup} and where needed {count, change, milliseconds, disabled}. */
  Glass.scene = (name, scene) => {
    if (Glass.scenes[name]) return;
    Glass.scenes[name] = scene;
    Glass.waiting.splice(0).forEach((player) => player.start());
  };

  /* A live widget takes the place of the static player with its key, as long as it is there. */
  const replaced = new Set();
  Glass.replace = (key, on) => {
    replaced[on ? "add" : "delete"](key);
    document.querySelectorAll(`glass-explorable[data-live="${key}"]`).forEach((node) => (node.hidden = on));
  };

  if (typeof HTMLElement === "undefined") return; // Node: mathematics and states only

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(Glass.css || "");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const ICONS = {
    restart: "M5 4v12M16 4l-8 6 8 6z",
    back: "M14 4l-8 6 8 6z",
    play: "M6 3l11 7-11 7z",
    pause: "M6 3v14M14 3v14",
    forward: "M6 4l8 6-8 6z",
  };

  class GlassExplorable extends HTMLElement {
    connectedCallback() {
      this.hidden = replaced.has(this.dataset.live);
      if (this.view) this.watchTheme();
      else if (this.trace || this.querySelector("script[type='application/json']")) this.start();
      else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
    }

    disconnectedCallback() {
      this.pause?.();
      this.theme?.disconnect();
    }

    /** Show another trace in the same place; the step and the controls stay where they can. */
    show(trace) {
      const { step, values } = this.view || { step: 0, values: {} };
      this.trace = trace;
      this.view = null;
      this.start();
      this.put(values, step);
    }

    /** Set controls and step without telling listeners: they know already. */
    put(values, step) {
      const { view } = this;
      if (!view) return;
      for (const [name, value] of Object.entries(values)) {
        const differs = JSON.stringify(value) !== JSON.stringify(view.values[name]);
        if (name in view.values && differs) State.prototype.change.call(view, name, value);
      }
      this.go(step, false);
    }

    start() {
      if (this.view || !this.isConnected) return;
      const holder = this.querySelector("script[type='application/json']");
      if (!this.trace && !holder) return;
      this.trace = this.trace || JSON.parse(holder.textContent);
      if (!Glass.scenes[this.trace.scene]) {
        if (!Glass.waiting.includes(this)) Glass.waiting.push(this);
        return;
      }
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.replaceChildren();
      this.app = make("div", { class: "app", role: "group" }, root);
      make("slot", {}, root); // the picture: shown in print
      const language = this.closest("[lang]")?.lang || "en";
      this.build(language);
      this.watchTheme();
      this.go(0, false);
      this.setAttribute("ready", "");
    }

    build(language) {
      const { app } = this;
      this.stage = make("div", { class: "stage" });
      const view = (this.view = new View(this.trace, language, this));
      set(app, { "aria-label": view.text("title") });
      make("p", { class: "title", text: view.text("title") }, app);
      make("p", { class: "hint", text: view.text("hint") }, app);
      app.append(this.stage);
      this.buildTransport();
      this.output = make("output", { class: "caption", "aria-live": "polite" }, app);
      this.controls = view.trace.controls.filter((c) => c.type !== "point").map((c) => this.buildControl(c));
      if (this.controls.length) make("div", { class: "controls" }, app).append(...this.controls.map((c) => c.node));
      this.buildTable();
      this.paint = view.scene.setup(view);
    }

    buildTransport() {
      const { view } = this;
      const bar = make("div", { class: "transport" }, this.app);
      const button = (name, action) => {
        const node = make("button", { type: "button", "aria-label": view.t(name), title: view.t(name), "data-action": name }, bar);
        const icon = make("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, node);
        node.shape = make("path", { d: ICONS[name] }, icon);
        node.addEventListener("click", action);
        return node;
      };
      button("restart", () => this.go(0));
      button("back", () => this.go(view.step - 1));
      this.playButton = button("play", () => (this.playing ? this.pause() : this.play()));
      button("forward", () => this.go(view.step + 1, true, true));
      this.scrubber = make("input", { type: "range", min: 0, step: 1, class: "scrubber", "aria-label": view.t("step") }, bar);
      this.scrubber.addEventListener("input", () => this.go(Number(this.scrubber.value)));
      this.counter = make("span", { class: "counter", "aria-hidden": "true" }, bar);
    }

    /** A labelled input for one control; update() shows the present value. */
    buildControl(control) {
      const { view } = this;
      const { name, type } = control;
      const node = make("label", { class: type });
      const title = make("span", { text: view.t(control.label) });
      if (type === "select") {
        const input = make("select", { name });
        control.options.forEach((option, i) => make("option", { value: i, text: view.t(option.label) }, input));
        input.addEventListener("change", () => view.change(name, control.options[input.value].value));
        node.append(title, input);
        const update = () => (input.value = control.options.findIndex((o) => o.value === view.values[name]));
        return { node, input, name, update };
      }
      if (type === "toggle") {
        const input = make("input", { type: "checkbox", name });
        input.addEventListener("change", () => view.change(name, input.checked));
        node.append(input, title);
        return { node, input, name, update: () => (input.checked = view.values[name]) };
      }
      const list = control.values;
      const range = list ? { min: 0, max: list.length - 1, step: 1 } : { min: control.min, max: control.max, step: control.step };
      const input = make("input", { type: "range", name, ...range });
      const shown = make("span", { class: "value", "aria-hidden": "true" });
      input.addEventListener("input", () => view.change(name, list ? list[input.value] : Number(input.value)));
      node.append(title, input, shown);
      const update = () => {
        const value = view.values[name];
        input.value = list ? list.indexOf(value) : value;
        const text = format(value, 4, true);
        set(shown, { text });
        set(input, { "aria-valuetext": text });
      };
      return { node, input, name, update };
    }

    buildTable() {
      const { view } = this;
      const details = make("details", { class: "numbers" }, this.app);
      make("summary", { text: view.t("numbers") }, details);
      const scroll = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": view.t("numbers_region") }, details);
      const table = make("table", {}, scroll);
      const head = make("tr", {}, make("thead", {}, table));
      for (const text of view.text("table")) make("th", { scope: "col", text }, head);
      this.body = make("tbody", {}, table);
      this.details = details;
      details.addEventListener("toggle", () => this.fillTable());
    }

    fillTable() {
      const rows = this.view.rows();
      while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
      rows.forEach(([label, ...values], r) => {
        const row = this.body.rows[r] || make("tr", {}, this.body);
        set(row.cells[0] || make("th", { scope: "row" }, row), { text: label });
        while (row.cells.length > values.length + 1) row.deleteCell(-1);
        values.forEach((value, i) => {
          const exact = typeof value === "number" ? String(value) : null;
          set(row.cells[i + 1] || make("td", {}, row), { text: format(value), "data-value": exact });
        });
      });
    }

    /* ---- steps ---- */

    get step() {
      return this.view ? this.view.step : 0;
    }

    set step(step) {
      this.go(step, false);
    }

    get playing() {
      return Boolean(this.clock);
    }

    /** Go to a step; `told` tells listeners, `tween` draws the way there. */
    go(step, told = true, tween = false) {
      const { view } = this;
      this.pause();
      const target = Math.min(Math.max(Math.round(step), 0), view.last);
      if (tween && target > view.step && !still.matches) {
        view.step = target;
        this.run(false);
      } else {
        view.step = target;
        view.phase = 1;
      }
      this.changed(told);
    }

    play() {
      const { view } = this;
      if (view.step >= view.last) view.step = 0;
      else view.step += 1;
      this.run(true);
      this.changed();
    }

    pause() {
      cancelAnimationFrame(this.clock);
      this.clock = null;
      if (!this.view) return;
      this.view.phase = 1;
      this.showPlaying(false);
    }

    /** Draw the present step as it comes about, and when `on` the ones after it. */
    run(on) {
      const { view } = this;
      let start = null;
      view.phase = still.matches ? 1 : 0;
      this.showPlaying(on);
      const tick = (now) => {
        start = start ?? now;
        const wanted = view.scene.milliseconds ? view.scene.milliseconds(view) : 700;
        const duration = still.matches ? Math.max(wanted, 500) : wanted;
        const passed = (now - start) / duration;
        if (passed >= 1 && (!on || view.step >= view.last)) {
          this.pause();
          this.changed();
          return;
        }
        if (passed >= 1) {
          view.step += 1;
          start = now;
        }
        view.phase = still.matches ? 1 : Math.min(passed >= 1 ? 0 : passed, 1);
        this.clock = requestAnimationFrame(tick);
        if (passed >= 1) this.tell();
        this.refresh();
      };
      this.clock = requestAnimationFrame(tick);
    }

    showPlaying(on) {
      const name = on ? "pause" : "play";
      set(this.playButton, { "aria-label": this.view.t(name), title: this.view.t(name) });
      set(this.playButton.shape, { d: ICONS[name] });
      set(this.output, { "aria-live": on ? "off" : "polite" });
    }

    /** Tell listeners of a change by the reader, and draw it with the next frame. */
    changed(told = true) {
      if (told) this.tell();
      if (this.pending) return;
      this.pending = requestAnimationFrame(() => {
        this.pending = null;
        this.refresh();
      });
    }

    tell() {
      const { step, values } = this.view;
      this.dispatchEvent(new CustomEvent("glass-change", { detail: { step, values } }));
    }

    refresh() {
      const { view } = this;
      if (!view) return;
      this.paint();
      const position = { step: view.step, last: view.last };
      set(this.scrubber, { max: view.last, "aria-valuetext": view.t("position", position) });
      this.scrubber.value = view.step;
      set(this.counter, { text: `${view.step} / ${view.last}` });
      set(this.output, { text: view.caption() });
      for (const { input, name, update } of this.controls) {
        update();
        input.disabled = Boolean(view.scene.disabled?.(view, name));
      }
      if (!this.playing || this.details.open) this.fillTable();
    }

    /** Light or dark follows the colour of the text around the player. */
    watchTheme() {
      const look = () => {
        const [r, g, b] = getComputedStyle(this).color.match(/[\d.]+/g).map(Number);
        this.toggleAttribute("dark", 0.299 * r + 0.587 * g + 0.114 * b > 128);
        if (!this.view) return;
        this.view.colours = {};
        this.changed(false);
      };
      look();
      this.theme?.disconnect();
      this.theme = new MutationObserver(() => requestAnimationFrame(look));
      const attributeFilter = ["class", "style", "data-theme", "data-mode", "data-jp-theme-light"];
      for (const node of [document.documentElement, document.body]) this.theme.observe(node, { attributes: true, attributeFilter });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(look));
    }
  }

  if (!customElements.get("glass-explorable")) customElements.define("glass-explorable", GlassExplorable);
})();
