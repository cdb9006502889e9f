/* What scenes draw with: panels of SVG with a canvas below it, scales, axes, colours, handles. */
(function () {
  "use strict";
  const Glass = globalThis.Glass;
  if (Glass.draw) return;

  /* ---- numbers as text ---- */

  /** Four significant digits and a true minus sign; the trailing zeros stay unless `short`. */
  function format(value, digits = 4, short = false) {
    if (typeof value !== "number") return String(value);
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    let text;
    if (Number.isInteger(value) && size < 1e6) text = String(value);
    else if (size >= 1e6 || size < 1e-4) text = value.toExponential(digits - 1);
    else text = short ? String(Number(value.toPrecision(digits))) : value.toPrecision(digits);
    if (text.includes("e") && size < 1e6 && size >= 1e-4) text = String(Number(text));
    return text.replace(/-/g, "−").replace("e+", "e");
  }

  /** Fill {name} in a text; numbers are formatted. */
  const fill = (text, values = {}) =>
    text.replace(/\{(\w+)\}/g, (all, name) =>
      name in values ? format(values[name], 4, true) : all);

  /* ---- scales ---- */

  /** A linear map from [d0, d1] to [r0, r1], with its inverse. */
  function scale([d0, d1], [r0, r1]) {
    const map = (value) => r0 + ((value - d0) / (d1 - d0)) * (r1 - r0);
    map.invert = (place) => d0 + ((place - r0) / (r1 - r0)) * (d1 - d0);
    map.domain = [d0, d1];
    map.range = [r0, r1];
    return map;
  }

  /** Round numbers inside [low, high], about `count` of them. */
  function ticks([low, high], count = 4) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  }

  const mix = (a, b, share) => a + (b - a) * share;
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const ease = (p) => (p < 0.5 ? 2 * p * p : 1 - 2 * (1 - p) ** 2);

  /** Colour and opacity of a signed number: warm above zero, cool below, faint when small. */
  const signed = (value, largest = 1) => ({
    fill: value < 0 ? "var(--cool)" : "var(--warm)",
    "fill-opacity": Number(clamp(Math.abs(value) / largest, 0, 1).toFixed(3)),
  });

  /* ---- elements ---- */

  const SVG = "http://www.w3.org/2000/svg";

  /** Set attributes; one that has the value already is left alone, and null removes it. */
  function set(node, attributes) {
    const known = (node.glassKnown = node.glassKnown || {});
    for (const [name, value] of Object.entries(attributes)) {
      if (known[name] === value) continue;
      known[name] = value;
      if (name === "text") node.textContent = value;
      else if (value === null) node.removeAttribute(name);
      else node.setAttribute(name, typeof value === "number" ? Number(value.toFixed(3)) : value);
    }
    return node;
  }

  function make(tag, attributes = {}, parent = null) {
    const svg = !/^(div|span|p|button|label|input|select|option|output|details|summary|table|caption|thead|tbody|tr|th|td|canvas|slot)$/.test(tag);
    const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    if (parent) parent.append(node);
    return set(node, attributes);
  }

  /** One drawing; panels stand side by side where there is room, else one below the other. */
  class Panel {
    constructor(stage, { width = 320, height = 260, label = "", title = "" }) {
      Object.assign(this, { width, height });
      this.node = make("div", { class: width > 360 ? "panel wide" : "panel" }, stage);
      this.node.style.flexGrow = width;
      this.node.style.flexBasis = `${Math.round(width * 0.8)}px`;
      this.node.style.maxWidth = `${Math.round(width * 1.35)}px`;
      if (title) make("div", { class: "panel-title", text: title }, this.node);
      this.frame = make("div", { class: "frame" }, this.node);
      this.svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label || title }, this.frame);
    }

    /** Add an SVG element, to the panel or to a parent in it. */
    add(tag, attributes = {}, parent = this.svg) {
      return make(tag, attributes, parent);
    }

    text(x, y, text, attributes = {}, parent = this.svg) {
      return make("text", { x, y, text, ...attributes }, parent);
    }

    /** Axes around a rectangle of the panel; returns the two scales and a clipped layer. */
    plot({ x, y, xlabel = "", ylabel = "", left = 44, right = 10, top = 10, bottom = 40, xticks, yticks, grid = false, square = false }) {
      let [x0, x1, y0, y1] = [left, this.width - right, this.height - bottom, top];
      if (square) { // the same length of a unit along both axes
        const unit = Math.min((x1 - x0) / (x[1] - x[0]), (y0 - y1) / (y[1] - y[0]));
        x1 = x0 + unit * (x[1] - x[0]);
        y1 = y0 - unit * (y[1] - y[0]);
      }
      const sx = scale(x, [x0, x1]);
      const sy = scale(y, [y0, y1]);
      const axes = this.add("g", { class: "axes" });
      for (const tick of xticks || ticks(x)) {
        if (grid) this.add("line", { class: "grid", x1: sx(tick), x2: sx(tick), y1: y0, y2: y1 }, axes);
        this.text(sx(tick), y0 + 16, format(tick, 4, true), { "text-anchor": "middle" }, axes);
      }
      for (const tick of yticks || ticks(y)) {
        if (grid) this.add("line", { class: "grid", x1: x0, x2: x1, y1: sy(tick), y2: sy(tick) }, axes);
        this.text(x0 - 6, sy(tick) + 4, format(tick, 4, true), { "text-anchor": "end" }, axes);
      }
      this.add("path", { class: "axis", d: `M${x0} ${y1}V${y0}H${x1}` }, axes);
      this.text((x0 + x1) / 2, y0 + 33, xlabel, { "text-anchor": "middle", class: "name" }, axes);
      const turn = `translate(${x0 - left + 12} ${(y0 + y1) / 2}) rotate(-90)`;
      this.text(0, 0, ylabel, { "text-anchor": "middle", class: "name", transform: turn }, axes);
      const id = `clip-${(Glass.draw.clips = (Glass.draw.clips || 0) + 1)}`;
      const clip = this.add("clipPath", { id });
      this.add("rect", { x: x0, y: y1, width: x1 - x0, height: y0 - y1 }, clip);
      return { sx, sy, layer: this.add("g", { "clip-path": `url(#${id})` }) };
    }

    /** A picture of small cells below the drawing, smoothed; paint(f) asks for [r, g, b, alpha]. */
    field({ sx, sy }, columns = 48, rows = columns) {
      const canvas = make("canvas", { width: columns, height: rows, "aria-hidden": "true" });
      this.frame.prepend(canvas);
      const part = (place, whole) => `${(100 * place) / whole}%`;
      canvas.style.left = part(sx.range[0], this.width);
      canvas.style.width = part(sx.range[1] - sx.range[0], this.width);
      canvas.style.top = part(sy.range[1], this.height);
      canvas.style.height = part(sy.range[0] - sy.range[1], this.height);
      const context = canvas.getContext("2d");
      const image = context.createImageData(columns, rows);
      const xs = Array.from({ length: columns }, (_, i) => mix(...sx.domain, (i + 0.5) / columns));
      const ys = Array.from({ length: rows }, (_, i) => mix(...sy.domain, 1 - (i + 0.5) / rows));
      return (f) => {
        let at = 0;
        for (const y of ys) {
          for (const x of xs) {
            image.data.set(f(x, y), at);
            at += 4;
          }
        }
        context.putImageData(image, 0, 0);
      };
    }
  }

  /** Points as the `d` of a path; those that are not finite are left out. */
  const path = (points) =>
    points.filter((p) => p.every(Number.isFinite)).map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

  /** A point that can be dragged, or moved by the arrow keys: the control `name` of type "point". */
  function handle(view, panel, name, { sx, sy }, radius = 8) {
    const { x, y, label } = view.control(name);
    set(panel.svg, { role: "group" });
    const node = make("g", { class: "handle", tabindex: 0, role: "slider", "data-control": name, "aria-label": view.t(label) }, panel.svg);
    make("circle", { class: "touch", r: radius + 12 }, node);
    make("circle", { class: "dot", r: radius }, node);
    const moved = (px, py) => {
      const fit = (axis, value) => clamp(Math.round(value / axis.step) * axis.step, axis.min, axis.max);
      const tidy = (value) => Number(value.toPrecision(12));
      view.change(name, [tidy(fit(x, px)), tidy(fit(y, py))]);
    };
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      node.focus({ preventScroll: true });
      event.preventDefault();
    });
    node.addEventListener("pointermove", (event) => {
      if (!node.hasPointerCapture(event.pointerId)) return;
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(panel.svg.getScreenCTM().inverse());
      moved(sx.invert(place.x), sy.invert(place.y));
    });
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    node.addEventListener("keydown", (event) => {
      if (!keys[event.key]) return;
      const [dx, dy] = keys[event.key].map((d) => d * (event.shiftKey ? 10 : 1));
      const [px, py] = view.values[name];
      moved(px + dx * x.step, py + dy * y.step);
      event.preventDefault();
    });
    return {
      node,
      /** Put the handle where its value is; call it from draw(). */
      update(shown = true) {
        const [px, py] = view.values[name];
        set(node, {
          transform: `translate(${sx(px).toFixed(2)} ${sy(py).toFixed(2)})`,
          "aria-valuenow": px, "aria-valuemin": x.min, "aria-valuemax": x.max,
          "aria-valuetext": `${view.t(x.label)} ${format(px)}, ${view.t(y.label)} ${format(py)}`,
          tabindex: shown ? 0 : -1,
          visibility: shown ? null : "hidden",
        });
      },
    };
  }

  Glass.draw = { Panel, clamp, ease, fill, format, handle, make, mix, path, scale, set, signed, ticks };
})();
