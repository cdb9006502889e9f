/* A Gibbs chain. The bits were drawn by the package; probabilities and energies are worked out here
   from the weights. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const SIDE = 8;
  const COLUMNS = 4;

  const unpack = (text) => [...text].flatMap((c) => [8, 4, 2, 1].map((bit) => (parseInt(c, 16) & bit ? 1 : 0)));

  const freeEnergy = (data, v) =>
    -M.dot(data.visible_bias, v) - M.sum(M.dense(v, data.kernel, data.hidden_bias).map(M.softplus));

  const turned = new WeakMap(); // the kernel, transposed, of each trace

  /** Bits and probabilities after a step: 0 the start, then hidden units, pixels, hidden units ... */
  function moment(view, step = view.step) {
    const { data, values: { start, run, unit } } = view;
    const chain = data.chains[`${start} ${run}`];
    const v = unpack(chain.v[step >> 1]);
    const seen = (step - 1) >> 1; // of the pixels that the hidden units answer to
    if (!turned.has(data)) turned.set(data, M.transpose(data.kernel));
    const found = { v, h: null, chances: null, free: freeEnergy(data, v), pixels: v.map(Number) };
    if (!step) return found;
    const h = unpack(chain.h[seen]);
    const sums = M.dense(unpack(chain.v[seen]), data.kernel, data.hidden_bias);
    const pulls = M.dense(v, data.kernel);
    if (step > 1) {
      const drawn = M.dense(unpack(chain.h[(step >> 1) - 1]), turned.get(data), data.visible_bias).map(M.sigmoid);
      found.pixels = drawn.map((p, i) => (start === "half" && data.known[i] ? v[i] : p));
    }
    return {
      ...found, h, chances: sums.map(M.sigmoid), sum: sums[unit - 1], chance: M.sigmoid(sums[unit - 1]), drawn: h[unit - 1],
      energy: -M.dot(data.visible_bias, v) - M.dot(data.hidden_bias, h) - M.dot(pulls, h),
    };
  }

  Glass.scene("gibbs", {
    count: (view) => 2 * view.data.chains["noise 1"].v.length - 1,

    change(view, name) {
      if (name === "start") view.step = 0;
    },

    milliseconds: (view) => (view.step < 5 ? 1000 : 500),

    caption(view) {
      const { step, data } = view;
      const { h, free } = moment(view);
      const numbers = { f: free, level: data.level, n: h ? M.sum(h) : 0, of: data.hidden_bias.length, k: step >> 1 };
      if (!step) return view.t("say_start", numbers);
      return view.t(step % 2 ? "say_hidden" : view.values.start === "half" ? "say_half" : "say_visible", numbers);
    },

    rows(view) {
      const { v, h, free, energy, sum, chance, drawn } = moment(view);
      return [
        ["free", free], ["mean", view.data.level], ["energy", energy], ["pixels", M.sum(v)], ["on", h && M.sum(h)],
        ["sum", sum], ["chance", chance], ["drawn", drawn],
      ].map(([key, value]) => [view.t(key), value ?? ""]);
    },

    setup(view) {
      const { data } = view;
      const place = (i, columns, cell, x, y) => [x + (i % columns) * cell, y + Math.floor(i / columns) * cell];

      const left = view.panel({ width: 236, height: 272, title: view.t("visible") });
      const pixels = data.visible_bias.map((_, i) => {
        const [x, y] = place(i, SIDE, 27, 10, 8);
        return {
          chance: left.add("rect", { x, y, width: 27, height: 27, fill: "currentColor", stroke: "var(--faint)" }),
          bit: left.add("rect", { x: x + 6, y: y + 6, width: 15, height: 15, rx: 2, fill: "currentColor" }),
        };
      });
      const held = left.add("rect", { x: 10, y: 8, width: 216, height: 108, fill: "none", stroke: "var(--c1)", "stroke-width": 3 });
      const said = left.text(118, 246, "", { "text-anchor": "middle" });

      const middle = view.panel({ width: 190, height: 272, title: view.t("hidden") });
      const units = data.hidden_bias.map((_, j) => {
        const [cx, cy] = place(j, COLUMNS, 43, 30, 28);
        const unit = {
          ring: middle.add("circle", { cx, cy, r: 20, fill: "none", stroke: "var(--c1)", "stroke-width": 3 }),
          chance: middle.add("circle", { cx, cy, r: 16, stroke: "var(--edge)", fill: "var(--paper)" }),
          bit: middle.add("circle", { cx, cy, r: 9, fill: "currentColor", "pointer-events": "none" }),
        };
        view.pick(unit.chance, "unit", j + 1);
        return unit;
      });

      const right = view.panel({ width: 300, height: 330, label: view.t("third") });
      const title = right.text(14, 16, "", { class: "bold" });
      const weights = data.visible_bias.map((_, i) => {
        const [x, y] = place(i, SIDE, 14, 14, 26);
        return right.add("rect", { x, y, width: 12, height: 12 });
      });
      const strongest = Math.max(...data.kernel.flat().map(Math.abs));
      const lines = ["sum", "chance", "drawn"].map((key, i) => {
        right.text(146, 52 + 30 * i, view.t(key));
        return right.text(292, 52 + 30 * i, "", { "text-anchor": "end", class: "bold" });
      });
      const curves = Object.keys(data.chains).map((name) => [name, data.chains[name].v.map((text) => freeEnergy(data, unpack(text)))]);
      const all = curves.flatMap(([, curve]) => curve);
      const graph = right.plot({
        x: [0, view.last / 2], y: [Math.min(...all) - 4, Math.max(...all) + 4], top: 158, left: 50, xlabel: view.t("step_axis"), ylabel: view.t("free"),
      });
      const level = graph.sy(data.level);
      right.add("line", { x1: graph.sx.range[0], x2: graph.sx.range[1], y1: level, y2: level, stroke: "currentColor", "stroke-dasharray": "2 4", "stroke-width": 1.5 });
      right.text(graph.sx.range[1], level - 6, view.t("level"), { "text-anchor": "end", class: "mid soft" });
      const line = right.add("path", { fill: "none", stroke: "var(--c0)", "stroke-width": 2.2 }, graph.layer);
      const dot = right.add("circle", { r: 5, fill: "var(--c0)" });

      return function draw() {
        const { step, values: { start, run, unit }, phase } = view;
        const now = moment(view);
        const before = phase < 1 && step ? moment(view, step - 1) : null;
        const up = step % 2 === 1;
        const chances = D.clamp(2.5 * phase, 0, 1); // first the probabilities, then the dice

        /** A layer on its way from the step before to this one. */
        const show = (list, fresh, probabilities, bits, oldChances, oldBits) => list.forEach((node, i) => {
          const mixed = fresh && before ? D.mix(oldChances?.[i] ?? 0, probabilities[i], chances) : probabilities?.[i] ?? 0;
          const thrown = !fresh || phase > 0.4 + (0.5 * i) / list.length;
          D.set(node.chance, { "fill-opacity": 0.4 * mixed });
          D.set(node.bit, { "fill-opacity": (thrown ? bits : oldBits)?.[i] ? 1 : 0 });
        });
        show(pixels, !up, now.pixels, now.v, before?.pixels, before?.v);
        show(units, up, now.chances, now.h, before?.chances, before?.h);
        for (const { chance } of units) D.set(chance, { fill: now.h ? "currentColor" : "var(--paper)" });
        units.forEach(({ ring }, j) => D.set(ring, { visibility: j === unit - 1 ? null : "hidden" }));
        D.set(held, { visibility: start === "half" ? null : "hidden" });
        D.set(said, { text: start === "half" ? view.t("held") : "" });

        D.set(title, { text: view.t("weights", { j: unit }) });
        weights.forEach((node, i) => D.set(node, {
          ...D.signed(data.kernel[i][unit - 1], strongest),
          stroke: "var(--edge)", "stroke-dasharray": data.kernel[i][unit - 1] < 0 ? "2 2" : null,
        }));
        const values = now.h ? [now.sum, now.chance, now.drawn] : [];
        lines.forEach((node, i) => D.set(node, { text: values.length ? D.format(values[i], 3, true) : "" }));

        const curve = curves.find(([name]) => name === `${start} ${run}`)[1];
        const path = curve.slice(0, (step >> 1) + 1).map((f, k) => [graph.sx(k), graph.sy(f)]);
        if (before && !up) {
          const [a, b] = path.slice(-2);
          path[path.length - 1] = a.map((value, i) => D.mix(value, b[i], D.ease(phase)));
        }
        D.set(line, { d: D.path(path) });
        const [cx, cy] = path[path.length - 1];
        D.set(dot, { cx, cy });
      };
    },
  });
})();
