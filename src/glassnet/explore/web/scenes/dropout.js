/* Dropout: masks drawn by the real layer, on a small trained network. Batch normalisation: the moving
   averages are those of the real layer; the values of one mini-batch are normalised here. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const UNITS = 6;

  const isNorm = (view) => view.values.view === "norm";
  const mean = (list) => M.sum(list) / list.length;
  const variance = (list) => mean(list.map((value) => (value - mean(list)) ** 2));

  const known = new WeakMap(); // what does not change with the steps, for each trace

  /** What the network says with each mask that was drawn, and on average over all there are. */
  function answers(data, rate) {
    if (!known.has(data)) known.set(data, {});
    const [, h, [whole]] = M.mlp(data.example, [data.first, data.last]);
    const output = (mask) => M.dense(mask.map((on, j) => (on * h[j]) / (1 - rate)), data.last.kernel, data.last.bias)[0];
    const average = () => M.sum(Array.from({ length: 2 ** UNITS }, (_, n) => {
      const mask = h.map((_, j) => (n >> j) & 1);
      const on = M.sum(mask);
      return (1 - rate) ** on * rate ** (UNITS - on) * output(mask);
    }));
    const masks = data.masks[rate].map((text) => [...text].map(Number));
    return (known.get(data)[rate] = { h, whole, masks, outputs: masks.map(output), all: average() });
  }

  /** The network with the mask of a batch; in use with all units. */
  function masked({ data, step, values: { rate, training } }) {
    const found = known.get(data)?.[rate] || answers(data, rate);
    const { h, whole, masks } = found;
    const outputs = found.outputs.slice(0, step + 1);
    const kept = training ? masks[step] : Array(UNITS).fill(1);
    const scale = training ? 1 / (1 - rate) : 1;
    return { ...found, outputs, kept, scale, passed: h.map((value, j) => kept[j] * value * scale), y: training ? outputs[step] : whole, so: mean(outputs) };
  }

  /** The values of a batch, normalised by their own mean and variance, or by the moving ones. */
  function normalised(view) {
    const { data, step, values: { training, momentum, gamma, beta } } = view;
    const x = data.batches[step];
    const [m, v] = [mean(x), variance(x)];
    const [mm, mv] = data.moving[momentum][step];
    const [centre, spread] = training ? [m, v] : [mm, mv];
    const hat = x.map((value) => (value - centre) / Math.sqrt(spread + data.epsilon));
    return { x, m, v, mm, mv, centre, spread, hat, passed: hat.map((value) => gamma * value + beta) };
  }

  Glass.scene("dropout", {
    count: (view) => view.data.batches.length,

    milliseconds: (view) => (view.step < 4 ? 1000 : 450),

    disabled: (view, name) => (isNorm(view) ? name === "rate" : ["momentum", "gamma", "beta"].includes(name)),

    caption(view) {
      const n = view.step + 1;
      const { training } = view.values;
      if (isNorm(view)) {
        const f = normalised(view);
        return view.t(training ? "say_norm" : "say_use", { ...f, n, hm: mean(f.hat), hv: variance(f.hat) });
      }
      const { kept, scale, y, so, whole } = masked(view);
      return view.t(training ? "say_drop" : "say_whole", { n, off: UNITS - M.sum(kept), scale, y, mean: so, whole });
    },

    rows(view) {
      const plain = (key, value) => [view.t(key), value, "", ""];
      if (isNorm(view)) {
        const { x, hat, passed, m, v, mm, mv } = normalised(view);
        const all = view.data.batches.flat();
        return x.map((value, i) => [view.t("example", { j: i + 1 }), value, hat[i], passed[i]]).concat([
          plain("batch_mean", m), plain("batch_variance", v), plain("moving_mean", mm), plain("moving_variance", mv),
          plain("data_mean", mean(all)), plain("data_variance", variance(all)),
        ]);
      }
      const { h, kept, passed, y, so, all, whole } = masked(view);
      return view.data.example.map((value, i) => [view.t("x", { j: i + 1 }), value, "", ""])
        .concat(h.map((value, j) => [view.t("unit", { j: j + 1 }), value, kept[j], passed[j]]))
        .concat([plain("output", y), plain("so_far", so), plain("all_masks", all), plain("whole", whole)]);
    },

    setup(view) {
      const { data } = view;
      const last = data.batches.length;
      const middle = { "text-anchor": "middle" };

      /* dropout: the network, and its outputs */
      const net = view.panel({ width: 360, height: 330, title: view.t("net") });
      const at = [data.example.map((_, i) => [40, 110 + 100 * i]), Array.from({ length: UNITS }, (_, j) => [170, 32 + 53 * j]), [[300, 160]]];
      const edges = [data.first.kernel, data.last.kernel].flatMap((kernel, l) => kernel.flatMap((row, i) => row.map((w, j) => ({
        unit: l ? i : j,
        node: net.add("line", {
          x1: at[l][i][0], y1: at[l][i][1], x2: at[l + 1][j][0], y2: at[l + 1][j][1],
          stroke: w < 0 ? "var(--cool)" : "var(--warm)", "stroke-width": D.clamp(1.7 * Math.abs(w), 0.7, 6), "stroke-dasharray": w < 0 ? "5 4" : null,
        }),
      }))));
      const nodes = at.map((list) => list.map(([cx, cy]) => ({
        back: net.add("circle", { cx, cy, r: 21, fill: "var(--paper)" }),
        disc: net.add("circle", { cx, cy, r: 21, stroke: "currentColor", "stroke-width": 1.4 }),
        cross: net.add("path", { d: `M${cx - 13} ${cy - 13}l26 26m0-26l-26 26`, stroke: "currentColor", "stroke-width": 2.5 }),
        value: net.text(cx, cy + 4.5, "", { ...middle, class: "mid" }),
        was: net.text(cx + 26, cy - 14, "", { class: "small soft", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" }),
      })));

      const chart = (title, height, y, ylabel, end, top, bottom, panel = view.panel({ width: 330, height, title })) => {
        const { sx, sy, layer } = panel.plot({ x: [0, last + 1], y, xlabel: bottom < 100 ? view.t("batch_axis") : "", ylabel, left: 48, top, bottom });
        return {
          panel, sx, sy,
          said: panel.text(sx.range[1], 0, end, { "text-anchor": "end", class: "mid", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" }),
          goal: panel.add("path", { stroke: "var(--c1)", "stroke-width": 2, "stroke-dasharray": "6 4" }, layer),
          dots: panel.add("path", { stroke: "var(--c0)", "stroke-width": 6, "stroke-opacity": 0.45, "stroke-linecap": "round" }, layer),
          line: panel.add("path", { fill: "none", stroke: "var(--c0)", "stroke-width": 2.2 }, layer),
          now: panel.add("circle", { r: 5, fill: "var(--c0)", stroke: "var(--paper)" }),
        };
      };
      /** Draw the single values, what they come to on the way, and where that should lead. */
      const trace = ({ sx, sy, goal, said, dots, line, now }, single, path, end) => {
        const place = (value, i) => [sx(i + 1), sy(value)];
        D.set(dots, { d: single.map((value, i) => `M${place(value, i)}h0`).join("") });
        D.set(line, { d: D.path(path.map(place)) });
        D.set(said, { y: sy(end) - 6 });
        D.set(goal, { d: D.path([[sx(0), sy(end)], [sx(last + 1), sy(end)]]) });
        const [cx, cy] = place(path[path.length - 1], path.length - 1);
        D.set(now, { cx, cy });
      };
      const outputs = chart(view.t("outputs"), 330, [-14, 8], view.t("output_axis"), view.t("whole"), 10, 40);

      /* batch normalisation: three lines of values, and the averages */
      const strip = view.panel({ width: 360, height: 330, title: view.t("values") });
      const { sx } = strip.plot({ x: [-7, 10], y: [0, 1], left: 14, bottom: 26, yticks: [] });
      const heights = [70, 165, 260];
      const threads = data.batches[0].map(() => ({
        path: strip.add("path", { fill: "none", stroke: "var(--edge)", "stroke-opacity": 0.5 }),
        dots: heights.map((cy, i) => strip.add("circle", { cy, r: 5.5, fill: `var(--c${i && 2 * i - 1})`, "fill-opacity": 0.75, stroke: "var(--paper)" })),
      }));
      const names = ["raw", "hat", "passed"].map((key, i) => {
        strip.add("line", { x1: 14, x2: 350, y1: heights[i], y2: heights[i], class: "grid" });
        return strip.text(16, heights[i] - 22, view.t(key), { class: "bold", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" });
      });
      const used = strip.add("path", { stroke: "currentColor", "stroke-width": 2.5, fill: "none" });
      const means = chart(view.t("averages"), 330, [-0.5, 5.5], view.t("mean_axis"), view.t("all_values"), 10, 190);
      const variances = chart("", 0, [0, 10.5], view.t("variance_axis"), view.t("all_values"), 168, 40, means.panel);
      const stats = data.batches.map((batch) => [mean(batch), variance(batch)]);
      const all = data.batches.flat();

      const pale = (value) => ({ fill: D.signed(value).fill, "fill-opacity": D.clamp(Math.abs(value) / 4, 0, 0.5) });
      const round = (value) => D.format(Number(value.toFixed(2)), 3, true);

      function drawNet(phase) {
        const { h, kept, passed, y, whole, scale, outputs: single } = masked(view);
        const { training } = view.values;
        const shown = [data.example, phase < 0.5 ? h : passed, [y]];
        const fade = D.clamp(2 * phase, 0, 1); // first units go off, then the output comes
        const come = D.ease(D.clamp(2 * phase - 1, 0, 1));
        nodes.forEach((list, l) => list.forEach(({ disc, cross, value, was }, j) => {
          const off = l === 1 && !kept[j];
          D.set(disc, { ...pale(shown[l][j] * (off ? 1 - fade : l === 2 ? come : 1)), "stroke-dasharray": off ? "3 3" : null });
          D.set(cross, { "stroke-opacity": off ? fade : 0 });
          D.set(value, { text: off ? "" : round(shown[l][j]), "fill-opacity": l === 2 ? come : 1 });
          D.set(was, { text: l === 1 && training && !off ? `× ${D.format(scale, 3, true)}` : "", "fill-opacity": fade });
        }));
        for (const { unit, node } of edges) D.set(node, { "stroke-opacity": kept[unit] ? 0.8 : D.mix(0.8, 0.12, fade) });
        const path = single.map((_, i) => mean(single.slice(0, i + 1)));
        const end = single.length - 1;
        if (end) [single, path].forEach((list) => (list[end] = D.mix(path[end - 1], list[end], come)));
        trace(outputs, single, path, whole);
      }

      function drawNorm(phase) {
        const { step, values: { momentum, gamma, beta } } = view;
        const { x, centre, spread, hat, passed } = normalised(view);
        threads.forEach(({ path, dots }, i) => {
          const goals = [x[i], D.mix(x[i], hat[i], D.clamp(2 * phase, 0, 1)), D.mix(hat[i], passed[i], D.clamp(2 * phase - 1, 0, 1))];
          const points = goals.map((value, k) => [sx(D.clamp(value, -7, 10)), heights[k]]);
          const count = phase < 0.5 ? 2 : 3;
          D.set(path, { d: D.path(points.slice(0, count)) });
          dots.forEach((dot, k) => D.set(dot, { cx: points[k][0], visibility: k < count ? null : "hidden" }));
        });
        D.set(names[2], { text: `${view.t("passed")} = ${round(gamma)} x̂ ${beta < 0 ? "−" : "+"} ${round(Math.abs(beta))}` });
        const [a, b] = [centre - Math.sqrt(spread), centre + Math.sqrt(spread)].map(sx);
        D.set(used, { d: `M${a} 84v10H${b}v-10M${sx(centre)} 80v14` });
        const moving = data.moving[momentum].slice(0, step + 1);
        [means, variances].forEach((panel, k) =>
          trace(panel, stats.slice(0, step + 1).map((each) => each[k]), moving.map((each) => each[k]), k ? variance(all) : mean(all)));
      }

      return function draw() {
        const norm = isNorm(view);
        for (const panel of [net, outputs.panel]) D.set(panel.node, { hidden: norm ? "" : null });
        for (const panel of [strip, means.panel]) D.set(panel.node, { hidden: norm ? null : "" });
        (norm ? drawNorm : drawNet)(view.phase);
      };
    },
  });
})();
