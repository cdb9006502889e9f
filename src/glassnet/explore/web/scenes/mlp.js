/* A two-layer perceptron: signals forward, gradients back, weights that move, and the plane. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const STAGES = ["hidden", "output", "delta", "back", "update"];

  /** Everything about the present step, at rest; the numbers of the table and of the drawing. */
  function facts(view) {
    const { data, values } = view;
    const slow = values.stages && !values.probe;
    const k = Math.floor(view.step / (values.stages ? STAGES.length : 1));
    const stage = slow ? STAGES[view.step % STAGES.length] : values.probe ? "output" : "training";
    const f = view.trace.frames[k];
    const x = values.probe ? values.at : data.x[f.i];
    const [, h, [p]] = forward(f, x, data.activation);
    const y = values.probe ? null : data.y[f.i];
    return { f, k, stage, x, h, p, y, loss: y === null ? null : M.binaryCrossentropy(y, p) };
  }

  const forward = (f, x, activation) => M.mlp(x, [
    { kernel: f.w1, bias: f.b1, activation },
    { kernel: f.w2, bias: f.b2, activation: "sigmoid" },
  ]);

  /** All four arrays of weights moved by `share` from those of one step to others. */
  const between = (a, b, share) => {
    const move = (u, v) => (Array.isArray(u) ? u.map((e, i) => move(e, v[i])) : D.mix(u, v, share));
    return Object.fromEntries(["w1", "b1", "w2", "b2"].map((key) => [key, move(a[key], b[key])]));
  };

  const updated = (f, rate) => {
    const move = (w, g) => (Array.isArray(w) ? w.map((e, i) => move(e, g[i])) : w - rate * g);
    return { w1: move(f.w1, f.g1), b1: move(f.b1, f.d1), w2: move(f.w2, f.g2), b2: move(f.b2, f.d2) };
  };

  Glass.scene("mlp", {
    count: (view) => view.trace.frames.length * (view.values.stages ? STAGES.length : 1),

    change(view, name, before) { // keep the training step when the stages come or go
      if (name === "stages" && before !== view.values.stages) {
        view.step = view.values.stages ? view.step * STAGES.length : Math.floor(view.step / STAGES.length);
      }
    },

    milliseconds(view) { // slowly at first
      if (!view.values.stages || view.values.probe) return 350;
      return view.step < 15 ? 900 : view.step < 30 ? 500 : 250;
    },

    caption(view) {
      const { f, stage, x, p, y, loss } = facts(view);
      const numbers = { n: f.n, p, y, loss, delta: f.d2[0], rate: view.data.rate, mean: f.mean, x1: x[0], x2: x[1] };
      const key = view.values.probe ? "say_probe" : `say_${stage}`;
      return `${view.t("at", numbers)}. ${view.t(key, numbers)}`;
    },

    rows(view) {
      const { f, x, h, p, loss } = facts(view);
      const own = view.values.probe;
      const after = updated(f, view.data.rate);
      const weight = (label, key, g, ...at) => {
        const pick = (m) => at.reduce((part, i) => part[i], m);
        return [label, pick(f[key]), own ? "" : pick(f[g]), own ? "" : pick(after[key])];
      };
      const rows = [["x1", x[0], "", ""], ["x2", x[1], "", ""]];
      h.forEach((value, j) => rows.push([`h${j + 1}`, value, own ? "" : f.d1[j], ""]));
      rows.push(["p", p, own ? "" : f.d2[0], ""]);
      f.w1.forEach((row, i) => row.forEach((_, j) => rows.push(weight(`x${i + 1} → h${j + 1}`, "w1", "g1", i, j))));
      h.forEach((_, j) => rows.push(weight(`b → h${j + 1}`, "b1", "d1", j)));
      h.forEach((_, j) => rows.push(weight(`h${j + 1} → p`, "w2", "g2", j, 0)));
      rows.push(weight("b → p", "b2", "d2", 0));
      if (loss !== null) rows.push([view.t("loss"), loss, "", ""]);
      rows.push([view.t("mean"), f.mean, "", ""]);
      return rows;
    },

    setup(view) {
      const { data, trace } = view;
      const net = view.panel({ width: 430, height: 402, label: view.t("network") });
      const plane = view.panel({ width: 330, height: 340, label: view.t("plane") });

      /* the network: places, edges below, pulses, nodes on top */
      const column = (n, x) => Array.from({ length: n }, (_, i) => [x, 148 + (i - (n - 1) / 2) * Math.min(70, 280 / n)]);
      const places = [column(2, 46), column(data.units, 205), column(1, 340)];
      const edges = [];
      for (const [l, key, g] of [[0, "w1", "g1"], [1, "w2", "g2"]]) {
        places[l].forEach(([x1, y1], i) => places[l + 1].forEach(([x2, y2], j) => {
          const line = { x1, y1, x2, y2, "stroke-linecap": "round" };
          const pull = net.add("line", { ...line, stroke: "var(--gradient)", "stroke-opacity": 0.38 });
          edges.push({ l, i, j, key, g, x1, y1, x2, y2, pull, node: net.add("line", line) });
        }));
      }
      for (const edge of edges) edge.pulse = net.add("circle", { r: 4 });
      const names = [["x₁", "x₂"], places[1].map((_, j) => `h${"₁₂₃₄₅"[j]}`), ["p"]];
      const nodes = places.map((list, l) => list.map(([cx, cy], i) => {
        net.add("circle", { cx, cy, r: 20, fill: "var(--paper)" });
        const disc = net.add("circle", { cx, cy, r: 20, stroke: "currentColor", "stroke-width": 1.3 });
        const value = net.text(cx, cy + 4.5, "", { "text-anchor": "middle", class: "mid" });
        const name = net.text(cx - 28, cy + 4.5, names[l][i], { "text-anchor": "end", class: "soft" });
        if (l) D.set(name, { x: cx, y: cy - 26, "text-anchor": "middle" });
        const delta = net.text(cx, cy + 33, "", { "text-anchor": "middle", class: "mid bold", fill: "var(--gradient)" });
        delta.style.fill = "var(--gradient)";
        return { disc, value, delta };
      }));
      const target = net.text(374, 144, "", { class: "soft" });
      const cost = net.text(374, 162, "", { class: "soft" });

      /* the loss over training, below the network */
      const steps = trace.frames.map((f) => f.n);
      const highest = Math.max(...trace.frames.map((f) => f.mean));
      const curve = net.plot({
        x: [0, steps[steps.length - 1]], y: [0, highest * 1.08], top: 312, bottom: 38, left: 46, right: 20,
        xlabel: view.t("step_axis"), ylabel: view.t("loss_axis"), yticks: [0, Number(highest.toPrecision(1))],
      });
      const line = trace.frames.map((f) => [curve.sx(f.n), curve.sy(f.mean)]);
      net.add("path", { d: D.path(line), fill: "none", stroke: "var(--edge)", "stroke-width": 1.5 });
      const now = net.add("circle", { r: 5, fill: "currentColor" });

      /* the plane */
      const reach = [-data.reach, data.reach];
      const scales = plane.plot({ x: reach, y: reach, xlabel: view.t("x1"), ylabel: view.t("x2"), square: true, top: 6, xticks: [-1, 0, 1], yticks: [-1, 0, 1] });
      const paint = plane.field(scales, 56);
      data.x.forEach(([a, b], i) => {
        const [cx, cy] = [scales.sx(a), scales.sy(b)];
        const style = { fill: `var(--c${data.y[i]})`, stroke: "var(--paper)", "stroke-width": 1 };
        if (data.y[i]) plane.add("rect", { x: cx - 4.2, y: cy - 4.2, width: 8.4, height: 8.4, ...style });
        else plane.add("circle", { cx, cy, r: 4.8, ...style });
      });
      const ring = plane.add("circle", { r: 10, fill: "none", stroke: "currentColor", "stroke-width": 2.2 });
      const probe = view.handle(plane, "at", scales);
      let painted = null;

      return function draw() {
        const { f, k, stage, x, h, p, y, loss } = facts(view);
        const own = view.values.probe;
        const phase = D.ease(view.phase);
        const at = own ? -1 : STAGES.indexOf(stage);
        // weights on their way: within an update, or from the frame before
        let weights = f;
        if (stage === "update") weights = between(f, updated(f, data.rate), phase);
        else if (at < 0 && view.phase < 1 && k > 0) weights = between(trace.frames[k - 1], f, phase);

        const known = at < 0 ? 2 : Math.min(at + (view.phase < 0.75 && at < 2 ? 0 : 1), 2); // layers reached
        const shown = [x, h, [p]];
        nodes.forEach((list, l) => list.forEach((node, i) => {
          const seen = l <= known;
          const value = shown[l][i];
          D.set(node.disc, seen ? D.signed(l === 2 ? 2 * value - 1 : value, 1.6) : { fill: "none" });
          D.set(node.value, { text: seen ? value.toFixed(2).replace("-", "−") : "" });
          const delta = l === 2 ? f.d2 : l === 1 ? f.d1 : null;
          const due = delta && at >= 4 - l && (at > 4 - l || view.phase > 0.75);
          D.set(node.delta, { text: due ? `δ ${D.format(delta[i], 2, true)}` : "" });
        }));
        D.set(target, { text: own ? "" : view.t("target", { y }) });
        D.set(cost, { text: known === 2 && !own ? `${view.t("loss")} ${D.format(loss, 3, true)}` : "" });

        const strongest = Math.max(...f.g1.flat().concat(f.g2.flat()).map(Math.abs), 1e-9);
        for (const e of edges) {
          const w = weights[e.key][e.i][e.j];
          const g = f[e.g][e.i][e.j];
          D.set(e.node, {
            stroke: w < 0 ? "var(--cool)" : "var(--warm)", "stroke-dasharray": w < 0 ? "5 5" : null,
            "stroke-width": D.clamp(0.5 + 1.7 * Math.abs(w), 0.5, 9), "stroke-opacity": 0.85,
          });
          const pulled = e.l === 1 ? at >= 2 : at >= 3;
          const fade = stage === "update" ? 1 - phase : at === 2 + (1 - e.l) ? phase : 1;
          D.set(e.pull, { "stroke-width": pulled ? (16 * fade * Math.abs(g)) / strongest : 0 });
          const ahead = at === e.l;
          const back = (at === 2 && e.l === 1) || (at === 3 && e.l === 0);
          const moving = view.phase < 1 && (ahead || back);
          const share = back ? 1 - phase : phase;
          const signal = back ? Math.abs(g) / strongest : Math.abs(shown[e.l][e.i] * w);
          D.set(e.pulse, {
            cx: D.mix(e.x1, e.x2, share), cy: D.mix(e.y1, e.y2, share), visibility: moving ? null : "hidden",
            r: D.clamp(2 + 4 * Math.sqrt(signal), 2, 7), fill: back ? "var(--gradient)" : "currentColor",
          });
        }

        D.set(now, { cx: curve.sx(f.n), cy: curve.sy(f.mean) });
        const theme = view.rgb("c0") + view.rgb("c1");
        if (painted?.weights !== weights || painted.theme !== theme) {
          painted = { weights, theme };
          const [cold, hot] = [view.rgb("c0"), view.rgb("c1")];
          paint((a, b) => {
            const q = forward(weights, [a, b], data.activation)[2][0];
            return [...(q < 0.5 ? cold : hot), 20 + 190 * Math.abs(q - 0.5)];
          });
        }
        D.set(ring, { cx: scales.sx(x[0]), cy: scales.sy(x[1]), visibility: own ? "hidden" : null });
        probe.update(own);
      };
    },
  });
})();
