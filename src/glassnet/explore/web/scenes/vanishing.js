/* One backward pass, layer by layer from the last to the first. The trace holds by what factor the
   length of delta changes at each layer, recorded from real layers; here they are multiplied. */
(function () {
  "use strict";
  const { draw: D } = Glass;
  const LOW = -20;
  const HIGH = 3;

  /** Lengths of one run, the last layer first. */
  function lengths(view, activation, start) {
    const [factors, ratios] = view.data.runs[`${activation} ${start}`][view.values.depth];
    let delta = 1;
    return factors.map((factor, k) => {
      delta *= factor;
      return { n: factors.length - k, factor, delta, kernel: ratios[k] * delta };
    });
  }

  const present = (view) => lengths(view, view.values.activation, view.values.start);
  const options = (view, name) => view.control(name).options.map((option) => option.value);
  const power = (value) => Math.log10(Math.max(value, 1e-99));

  /** A length as text: a plain number near 1, else with its power of ten. */
  function tidy(value) {
    if (value > 1e-3 && value < 1000) return D.format(value, 2, true);
    const [digits, exponent] = value.toExponential(0).split("e");
    const raised = String(Number(exponent)).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    return `${digits === "1" ? "" : `${digits}·`}10${raised}`;
  }

  Glass.scene("vanishing", {
    count: (view) => view.values.depth,

    change(view, name, before) { // who has seen all of one network wants to see all of the next
      if (name === "depth" && view.step === before - 1) view.step = view.values.depth - 1;
    },

    milliseconds: (view) => (view.values.depth > 10 ? 300 : 700),

    caption(view) {
      const all = present(view);
      const { n, delta, factor, kernel } = all[view.step];
      const depth = all.length;
      if (view.values.what === "kernel") return view.t("said_kernel", { n, depth, kernel: D.format(kernel, 3), delta: D.format(delta, 3, true) });
      if (!view.step) return view.t("say_first", { n, depth });
      const mean = delta ** (1 / view.step);
      const verdict = mean < 0.85 ? "vanishes" : mean > 1.12 ? "explodes" : "level";
      const said = view.t("say", { n, depth, delta: D.format(delta, 3, true), factor: D.format(factor, 3), above: n + 1 });
      return `${said} ${view.t(`verdict_${verdict}`, { mean: D.format(mean, 3) })}`;
    },

    rows: (view) => present(view).slice(0, view.step + 1).map((l) => [view.t("layer", { n: l.n }), l.delta, l.factor, l.kernel]),

    setup(view) {
      const left = view.panel({ width: 420, height: 350, label: view.t("bars") });
      const right = view.panel({ width: 316, height: 264, label: view.t("grid") });
      const middle = { "text-anchor": "middle" };
      const [names, starts] = [options(view, "activation"), options(view, "start")];

      /* bars that hang from 1, or stand on it */
      const plot = left.plot({ x: [0, 1], y: [LOW, HIGH], xlabel: view.t("layer_axis"), ylabel: view.t("length_axis"), left: 58, top: 30, xticks: [], yticks: [] });
      for (const p of [-20, -15, -10, -5, 0]) {
        left.text(52, plot.sy(p) + 4, p ? tidy(10 ** p) : "1", { "text-anchor": "end", class: "mid soft" });
        left.add("line", { class: p ? "grid" : "axis", x1: 58, x2: 410, y1: plot.sy(p), y2: plot.sy(p) });
      }
      const heading = left.text(234, 18, "", { ...middle, class: "bold" });
      const purple = { fill: "var(--gradient)" };
      const most = Math.max(...view.control("depth").values);
      const marks = Array.from({ length: most }, (_, k) => {
        const bar = left.add("rect", { ...purple, "fill-opacity": 0.45 }, plot.layer);
        const dot = left.add("circle", { ...purple, r: 4.5 }, plot.layer);
        const below = left.add("path", { ...purple, d: "M-5 -9h10l-5 8z" }, plot.layer);
        const label = left.text(0, plot.sy(LOW) + 16, "", { ...middle, class: "mid soft" });
        view.pickStep(bar, k);
        return { bar, dot, below, label };
      });

      /* all pairs: what arrives at layer 1 */
      const wide = 61;
      right.text(68 + 2 * wide, 14, view.t("grid"), { ...middle, class: "bold" });
      starts.forEach((start, j) => right.text(68 + (j + 0.5) * wide, 40, view.t(start), { ...middle, class: "small" }));
      const cells = names.flatMap((name, i) => {
        right.text(60, 76 + 52 * i, view.t(name), { "text-anchor": "end" });
        return starts.map((start, j) => {
          const node = right.add("g");
          const place = { x: 68 + j * wide + 2, y: 48 + 52 * i, width: wide - 4, height: 46, rx: 4 };
          right.add("rect", { ...place, fill: "var(--paper)" }, node);
          const rect = right.add("rect", { ...place, stroke: "currentColor" }, node);
          const text = right.text(68 + (j + 0.5) * wide, 76 + 52 * i, "", middle, node);
          node.classList.add("pick");
          node.addEventListener("click", () => {
            view.change("activation", name);
            view.change("start", start);
          });
          return { name, start, rect, text };
        });
      });

      return function draw() {
        const { depth, activation, start, what } = view.values;
        const all = present(view);
        const share = view.step && view.phase < 1 ? D.ease(view.phase) : 1;
        const slot = 352 / depth;
        const level = plot.sy(0);
        const height = (value) => plot.sy(D.clamp(power(value), LOW - 2, HIGH));
        D.set(heading, { text: view.t(what) });
        marks.forEach(({ bar, dot, below, label }, k) => {
          const seen = k <= view.step && k < depth;
          const hide = { visibility: seen ? null : "hidden" };
          for (const node of [bar, dot]) D.set(node, hide);
          const x = k < depth ? 58 + (depth - k - 0.5) * slot : 0;
          const n = depth - k;
          D.set(label, { x, text: k < depth && (depth < 9 || n === 1 || n % 5 === 0 || (n === depth && n % 5 > 2)) ? String(n) : "" });
          D.set(below, { visibility: seen && power(all[k][what]) < LOW ? null : "hidden", transform: `translate(${x.toFixed(1)} ${plot.sy(LOW)})` });
          if (!seen) return;
          const to = height(all[k][what]);
          const y = k === view.step && k ? D.mix(height(all[k - 1][what]), to, share) : to;
          const grown = k === view.step ? share : 1;
          D.set(bar, { x: x - 0.36 * slot, width: 0.72 * slot, y: Math.min(y, level), height: Math.abs(y - level), "fill-opacity": 0.45 * grown });
          D.set(dot, { cx: k === view.step && k ? D.mix(x + slot, x, share) : x, cy: y, r: k === view.step ? 6 : depth > 16 ? 3.5 : 4.5 });
        });
        cells.forEach(({ name, start: begin, rect, text }) => {
          const run = lengths(view, name, begin);
          const value = run[run.length - 1][what];
          const own = name === activation && begin === start;
          const p = power(value);
          D.set(rect, { ...D.signed(p, 14), "stroke-width": own ? 3 : 0.5 });
          if (Math.abs(p) > 7) D.set(rect, { "fill-opacity": 0.5 });
          D.set(text, { text: tidy(value), class: own ? "mid bold" : "mid" });
        });
      };
    },
  });
})();
