/* One trained LSTM unit, run forwards over sixteen steps, with gates that the reader may hold. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const HELD = { free: null, open: 1, shut: 0 };

  /** All steps: gates, candidate, states, what the unit says and what is true. */
  function run({ data, values }) {
    let [h, c, target] = [0, 0, 0];
    return data.values.map((x, t) => {
      const mark = t + 1 === values.first || t + 1 === values.second ? 1 : 0;
      const s = M.lstmStep([x, mark], [h], [c], data.kernel, data.recurrent, data.bias);
      const i = HELD[values.input] ?? s.i[0];
      const f = HELD[values.forget] ?? s.f[0];
      const [o, candidate, before] = [s.o[0], s.candidate[0], c];
      c = f * c + i * candidate;
      h = o * Math.tanh(c);
      if (mark) target = x;
      return { x, mark, i, f, o, candidate, before, c, h, kept: f * before, written: i * candidate, y: h * data.w[0][0] + data.b[0], target };
    });
  }

  const short = (value) => D.format(Math.abs(value) < 5e-3 ? 0 : Number(value.toFixed(2)), 3, true);

  Glass.scene("gates", {
    count: (view) => view.data.values.length,

    milliseconds: () => 800,

    caption(view) {
      const s = run(view)[view.step];
      const said = Object.fromEntries(["x", "i", "f", "before", "c", "y", "target"].map((key) => [key, short(s[key])]));
      return view.t(`say_${s.mark ? "marked" : "plain"}`, { n: view.step + 1, ...said });
    },

    rows: (view) => run(view).slice(0, view.step + 1).map((s, t) =>
      [String(t + 1), s.x, s.mark, s.i, s.f, s.o, s.candidate, s.c, s.h, s.y, s.target]),

    setup(view) {
      const { data } = view;
      const count = data.values.length;
      const left = view.panel({ width: 410, height: 404, label: view.t("lanes") });
      const right = view.panel({ width: 320, height: 404, label: view.t("now") });
      const middle = { "text-anchor": "middle" };

      /* lanes: signed ones with zero in the middle, gates from 0 up to 1 */
      const WIDE = 21;
      const at = (t) => 70 + WIDE * t;
      const lanes = [["x", 42, 30], ["i", 126, 44], ["f", 190, 44], ["o", 254, 44], ["c", 304, 30], ["h", 370, 30]]
        .map(([key, y, high]) => ({ key, y, high, gate: "ifo".includes(key) }));
      const now = left.add("rect", { y: 2, width: WIDE, height: 400, rx: 4, fill: "var(--faint)" });
      const marks = data.values.map((_, t) => left.add("path", { d: `M${at(t) + 10.5} 15l-5-9h10z`, fill: "var(--c1)" }));
      for (const lane of lanes) {
        left.text(2, lane.gate ? lane.y - 16 : lane.y + 4, view.t(`lane_${lane.key}`));
        left.add("line", { class: "axis", x1: 68, x2: at(count), y1: lane.y, y2: lane.y });
        if (lane.gate) left.add("line", { class: "grid", x1: 68, x2: at(count), y1: lane.y - lane.high, y2: lane.y - lane.high });
        lane.bars = data.values.map((_, t) => left.add("rect", { x: at(t) + 3, width: WIDE - 6, rx: 1 }));
      }
      data.values.forEach((_, t) => {
        const strip = left.add("rect", { x: at(t), y: 2, width: WIDE, height: 400, fill: "transparent" });
        view.pickStep(strip, t);
      });

      /* the present step: two signed bars and their sum, then what is shown */
      const sx = D.scale([-1.2, 1.2], [20, 300]);
      const parts = ["kept", "written", "sum", "shown"].map((key, k) => {
        const y = 20 + 50 * k;
        right.text(8, y, view.t(key), { class: k === 2 ? "bold" : null });
        right.add("line", { class: "axis", x1: sx(0), x2: sx(0), y1: y + 5, y2: y + 25 });
        return {
          y, bar: right.add("rect", { y: y + 8, height: 14, rx: 1.5, "fill-opacity": 0.85 }),
          said: right.text(312, y, "", { "text-anchor": "end", class: k === 2 ? "bold" : null }),
        };
      });

      /* what the unit says, and the truth */
      const plot = right.plot({ x: [0.5, count + 0.5], y: [-2.1, 2.1], xlabel: view.t("step_axis"), ylabel: view.t("answer_axis"), top: 216, left: 40, xticks: [1, 4, 8, 12, 16], yticks: [-2, -1, 0, 1, 2], grid: true });
      const truth = right.add("path", { fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-dasharray": "5 4" }, plot.layer);
      const curve = right.add("path", { fill: "none", stroke: "var(--c0)", "stroke-width": 2.2 }, plot.layer);
      const dot = right.add("circle", { r: 5, fill: "var(--c0)" }, plot.layer);
      const squares = [0, 1].map(() => right.add("rect", { width: 9, height: 9, fill: "var(--c1)" }, plot.layer));

      return function draw() {
        const all = run(view);
        const t = view.step;
        const share = view.phase < 1 ? D.ease(view.phase) : 1;
        const s = all[t];
        D.set(now, { x: at(t) });
        marks.forEach((node, k) => D.set(node, { visibility: all[k].mark ? null : "hidden" }));
        for (const { key, y, high, gate, bars } of lanes) {
          const clamp = { i: view.values.input, f: view.values.forget }[key] ?? "free";
          bars.forEach((bar, k) => {
            const known = key === "x" || k < t ? 1 : k === t ? share : 0;
            const size = high * Math.min(Math.abs(all[k][key]), gate ? 1 : 1.1) * known;
            const below = !gate && all[k][key] < 0;
            D.set(bar, {
              y: below ? y : y - size, height: size,
              fill: gate ? "var(--c0)" : below ? "var(--cool)" : "var(--warm)",
              "fill-opacity": clamp !== "free" ? 0.25 : key === "x" && !all[k].mark ? 0.3 : 0.85,
              stroke: clamp === "free" ? null : "currentColor", "stroke-dasharray": clamp === "free" ? null : "2 2",
            });
          });
        }
        const inner = Math.tanh(s.c);
        const shown = [
          [s.kept, 0, view.t("product", { a: short(s.f), b: short(s.before), c: short(s.kept) })],
          [s.written, s.kept, view.t("product", { a: short(s.i), b: short(s.candidate), c: short(s.written) })],
          [s.c, 0, short(s.c)],
          [s.h, 0, view.t("product", { a: short(s.o), b: short(inner), c: short(s.h) })],
        ];
        parts.forEach(({ bar, said }, k) => {
          const [value, from, text] = shown[k];
          const grown = D.clamp((4 * share - k), 0, 1); // one after the other
          const ends = [from, from + value * grown].map((v) => sx(D.clamp(v, -1.2, 1.2)));
          D.set(bar, { x: Math.min(...ends), width: Math.abs(ends[1] - ends[0]), fill: value < 0 ? "var(--cool)" : "var(--warm)" });
          D.set(said, { text });
        });
        const points = (key) => all.slice(0, t + 1).map((e, k) => [plot.sx(k + 1), plot.sy(D.clamp(e[key], -9, 9))]);
        const line = points("y");
        if (t && share < 1) line[t] = line[t].map((v, k) => D.mix(line[t - 1][k], v, share));
        D.set(curve, { d: D.path(line) });
        D.set(dot, { cx: line[t][0], cy: line[t][1] });
        const steps = points("target").flatMap(([x, y]) => [[x - (plot.sx(1) - plot.sx(0.5)), y], [x + (plot.sx(1) - plot.sx(0.5)), y]]);
        D.set(truth, { d: D.path(steps) });
        [view.values.first, view.values.second].forEach((n, k) => D.set(squares[k], {
          x: plot.sx(n) - 4.5, y: plot.sy(data.values[n - 1]) - 4.5, visibility: n <= t + 1 ? null : "hidden",
        }));
      };
    },
  });
})();
