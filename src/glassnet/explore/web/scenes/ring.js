/* A GAN on a ring of modes: samples and what the discriminator says, at moments of two real runs. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;

  const runOf = (view, step = view.step) => view.trace.frames[step][view.values.run];
  const good = (run) => M.sum(run.counts);
  const isCovered = (view, step, k) => runOf(view, step).counts[k] >= view.data.covered;

  /** How many modes are covered at a step, and how many were found and lost since the one before. */
  function tally(view, step = view.step) {
    const now = view.data.centres.map((_, k) => isCovered(view, step, k));
    const before = view.data.centres.map((_, k) => step > 0 && isCovered(view, step - 1, k));
    const count = (f) => now.filter((_, k) => f(now[k], before[k])).length;
    return { covered: count((a) => a), gained: count((a, b) => a && !b), lost: count((a, b) => !a && b) };
  }

  /** What D says of a place, between the cells of its map. */
  function reader(view, field) {
    const { reach, levels } = view.data;
    const n = Math.sqrt(field.length);
    const p = [...field].map((letter) => levels.indexOf(letter) / (levels.length - 1));
    const place = (v) => D.clamp(((v / reach + 1) * n - 1) / 2, 0, n - 1);
    return (x, y) => {
      const [a, b] = [place(x), place(y)];
      const [i, j] = [Math.min(Math.floor(a), n - 2), Math.min(Math.floor(b), n - 2)];
      const row = (r) => D.mix(p[r * n + i], p[r * n + i + 1], a - i);
      return D.mix(row(j), row(j + 1), b - j);
    };
  }

  Glass.scene("ring", {
    milliseconds: () => 1200,

    caption(view) {
      const { real, fake } = runOf(view);
      const numbers = { t: view.frame.t, ...tally(view), real, fake };
      return view.t(view.step ? "say" : "say_start", numbers);
    },

    rows(view) {
      const run = runOf(view);
      return run.counts.map((n, k) => [view.t("mode", { k: k + 1 }), n, run.at[k]])
        .concat([[view.t("made"), good(run), run.fake], [view.t("data"), "", run.real]]);
    },

    setup(view) {
      const { centres, near, reach } = view.data;
      const frames = view.trace.frames;
      const map = view.panel({ width: 390, height: 392, label: view.t("plane") });
      const side = view.panel({ width: 330, height: 392, label: view.t("strip") });

      /* the plane */
      const scales = map.plot({ x: [-reach, reach], y: [-reach, reach], xlabel: view.t("x1"), ylabel: view.t("x2"), square: true, left: 40, xticks: [-2, 0, 2], yticks: [-2, 0, 2] });
      const { sx, sy, layer } = scales;
      const paint = map.field(scales, 48);
      let painted = "";
      const unit = sx(1) - sx(0);
      centres.forEach(([x, y]) => {
        map.add("circle", { cx: sx(x), cy: sy(y), r: near * unit, fill: "none", stroke: "var(--paper)", "stroke-width": 5 }, layer);
        map.add("circle", { cx: sx(x), cy: sy(y), r: near * unit, fill: "none", stroke: "var(--c0)", "stroke-width": 2.2 }, layer);
      });
      centres.forEach(([x, y], k) => map.text(sx(1.27 * x), sy(1.27 * y) + 5, String(k + 1), { "text-anchor": "middle", class: "mid bold" }, layer));
      const size = frames[0].steady.samples.length / 2;
      const squares = Array.from({ length: size }, () => map.add("rect", { x: -3.4, y: -3.4, width: 6.8, height: 6.8, fill: "var(--c1)", stroke: "var(--paper)", "stroke-width": 1 }, layer));
      const gone = map.text(sx.range[1] - 6, sy.range[0] - 8, "", { "text-anchor": "end", class: "small bold" });

      /* which modes were covered when: a column a moment, a row a mode */
      const left = 62, top = 26, wide = 256, high = 26;
      const cell = wide / frames.length;
      const place = (t) => left + cell * (t + 0.5);
      side.text(left - 8, 16, view.t("step_axis"), { "text-anchor": "end", class: "small soft" });
      const shade = side.add("rect", { y: 4, width: cell, height: top + 8 * high, fill: "var(--faint)" });
      const heads = frames.map((frame, t) => side.text(place(t), 16, String(frame.t), { "text-anchor": "middle", class: "small" }));
      centres.forEach((_, k) => side.text(left - 8, top + high * (k + 0.5) + 4, view.t("mode", { k: k + 1 }), { "text-anchor": "end", class: "mid" }));
      const cells = frames.map((_, t) => centres.map((__, k) => {
        const node = side.add("rect", { x: place(t) - 8, y: top + high * (k + 0.5) - 9, width: 16, height: 18, rx: 3, stroke: "var(--c1)" });
        view.pickStep(node, t);
        return node;
      }));
      heads.forEach((node, t) => view.pickStep(node, t));
      const score = side.text(left + wide / 2, 268, "", { "text-anchor": "middle", class: "large bold" });

      /* the mean answers of the discriminator */
      const gauge = D.scale([0, 1], [left + 22, left + wide]);
      side.add("line", { x1: gauge(0.5), x2: gauge(0.5), y1: 288, y2: 358, class: "grid", stroke: "currentColor", "stroke-dasharray": "3 3" });
      const ticks = [[0, "0"], [0.5, "½"], [1, "1"]];
      ticks.forEach(([v, text]) => side.text(gauge(v), 374, text, { "text-anchor": "middle", class: "mid soft" }));
      const bars = [["real", "var(--c0)"], ["fake", "var(--c1)"]].map(([name, fill], i) => {
        const y = 294 + 32 * i;
        side.text(gauge(0) - 8, y + 17, view.t(`d_${name}`), { "text-anchor": "end", class: "mid" });
        return { name, node: side.add("rect", { x: gauge(0), y, height: 24, fill, "fill-opacity": 0.75 }) };
      });

      return function draw() {
        const { step, phase } = view;
        const run = runOf(view);
        const old = step ? runOf(view, step - 1) : run;
        const moved = D.ease(phase);

        const [warm, cool] = [view.rgb("c1"), view.rgb("c0")];
        const key = [view.values.field && run.field, old.field, phase < 1 ? moved : 1, ...warm].join();
        if (key !== painted) {
          painted = key;
          const [from, to] = [reader(view, old.field), reader(view, run.field)];
          paint((x, y) => {
            if (!view.values.field) return [0, 0, 0, 0];
            const p = moved < 1 ? D.mix(from(x, y), to(x, y), moved) : to(x, y);
            return [...(p < 0.5 ? warm : cool), 300 * Math.abs(p - 0.5)];
          });
        }

        let outside = 0;
        squares.forEach((node, i) => {
          const at = [0, 1].map((j) => D.mix(old.samples[2 * i + j], run.samples[2 * i + j], moved) / 100);
          outside += Math.max(...at.map(Math.abs)) > reach;
          D.set(node, { transform: `translate(${sx(at[0]).toFixed(1)} ${sy(at[1]).toFixed(1)})` });
        });
        D.set(gone, { text: outside ? view.t("outside", { n: outside }) : "" });

        D.set(shade, { x: left + cell * step });
        cells.forEach((column, t) => column.forEach((node, k) => {
          const on = isCovered(view, t, k);
          D.set(node, { fill: on ? "var(--c1)" : "var(--paper)", "fill-opacity": t > step ? 0.25 : 1, "stroke-opacity": t > step ? 0.2 : on ? 1 : 0.45 });
        }));
        heads.forEach((node, t) => {
          const shown = t === step || (t % 2 === 0 && Math.abs(t - step) > 1);
          D.set(node, { class: t === step ? "small bold" : "small soft", visibility: shown ? null : "hidden" });
        });
        D.set(score, { text: view.t("score", { n: tally(view).covered }) });
        bars.forEach(({ name, node }) => D.set(node, { width: gauge(run[name]) - gauge(0) }));
      };
    },
  });
})();
