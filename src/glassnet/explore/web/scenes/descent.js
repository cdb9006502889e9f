/* Gradient descent in a valley. The trace holds, for each learning rate, real runs from the two
   axes of the valley; a run from anywhere else is their sum, weighted by where it starts. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;

  /** The whole path for the present start and learning rate, and the factors of one step. */
  function path(view) {
    const { data, trace, values } = view;
    const k = data.rates.indexOf(values.rate);
    const from = values.start.map((value, i) => value - data.minimum[i]);
    const [a, b] = data.axes.map((axis) => M.dot(axis, from));
    const points = trace.frames.map((frame) => {
      const [across, along] = [frame.across[k] * a, frame.along[k] * b];
      const d = [0, 1].map((i) => across * data.axes[0][i] + along * data.axes[1][i]);
      const loss = M.dot(d, M.dense(d, data.curvature)) / 2;
      return { w: d.map((value, i) => value + data.minimum[i]), loss, across, along };
    });
    return { points, factors: [trace.frames[1].across[k], trace.frames[1].along[k]] };
  }

  const verdict = ([across]) => (across < -1 ? "diverges" : across < 0 ? "swings" : "creeps");

  Glass.scene("descent", {
    milliseconds: () => 450,

    caption(view) {
      const { points, factors } = path(view);
      return view.t("say", {
        step: view.step, loss: points[view.step].loss, across: factors[0], along: factors[1],
        verdict: view.t(verdict(factors)),
      });
    },

    rows: (view) => path(view).points.slice(0, view.step + 1).map(({ w, loss, across, along }, t) =>
      [String(t), w[0], w[1], loss, across, along]),

    setup(view) {
      const { data } = view;
      const map = view.panel({ width: 430, height: 372, label: view.t("surface") });
      const side = view.panel({ width: 300, height: 356, label: view.t("losses") });

      const ranges = view.control("start");
      const room = ({ min, max }) => [min - 0.3, max + 0.3];
      const scales = map.plot({
        x: room(ranges.x), y: room(ranges.y), xlabel: view.t("w1"), ylabel: view.t("w2"), square: true, left: 46, xticks: [-2, -1, 0, 1, 2, 3, 4], yticks: [-1, 0, 1, 2, 3],
      });
      const { sx, sy, layer } = scales;

      /* level lines of a quadratic are ellipses along its axes */
      const [steep, flat] = data.axes.map((axis) => M.dot(axis, M.dense(axis, data.curvature)));
      const unit = sx(1) - sx(0);
      const tilt = (-Math.atan2(data.axes[0][1], data.axes[0][0]) * 180) / Math.PI;
      const centre = `translate(${sx(data.minimum[0])} ${sy(data.minimum[1])}) rotate(${tilt})`;
      const lines = map.add("g", { transform: centre, fill: "var(--c0)", "fill-opacity": 0.045, stroke: "var(--c0)", "stroke-opacity": 0.4 }, layer);
      for (let level = 11; level > 0; level--) {
        const loss = 0.35 * level * level;
        map.add("ellipse", { rx: unit * Math.sqrt((2 * loss) / steep), ry: unit * Math.sqrt((2 * loss) / flat) }, lines);
      }
      const cross = { fill: "none", stroke: "currentColor", "stroke-width": 2 };
      map.add("path", { ...cross, d: `M${sx(data.minimum[0]) - 5} ${sy(data.minimum[1])}h10m-5 -5v10` }, layer);
      const trail = map.add("path", { fill: "none", stroke: "var(--c1)", "stroke-width": 1.8, "stroke-linejoin": "round" }, layer);
      const beads = view.trace.frames.map(() => map.add("circle", { r: 3, fill: "var(--c1)" }, layer));
      const ball = map.add("circle", { r: 7, fill: "var(--c1)", stroke: "var(--paper)", "stroke-width": 1.5 }, layer);
      const gone = map.text(sx.range[1] - 8, sy.range[1] + 18, view.t("leaves"), { "text-anchor": "end", class: "bold" });
      const handle = view.handle(map, "start", scales);

      /* the loss, on a logarithmic scale */
      const powers = [-6, -4, -2, 0, 2, 4];
      const graph = side.plot({
        x: [0, view.last], y: [-6.5, 4.5], xlabel: view.t("step_axis"), ylabel: view.t("loss"),
        top: 120, left: 52, yticks: [], grid: true,
      });
      for (const power of powers) {
        const text = `10${String(power).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶"["-0123456".indexOf(c)])}`;
        side.text(graph.sx.range[0] - 6, graph.sy(power) + 4, text, { "text-anchor": "end", class: "mid soft" });
        side.add("line", { class: "grid", x1: graph.sx.range[0], x2: graph.sx.range[1], y1: graph.sy(power), y2: graph.sy(power) });
      }
      const whole = side.add("path", { fill: "none", stroke: "var(--c1)", "stroke-opacity": 0.35, "stroke-width": 1.5 }, graph.layer);
      const walked = side.add("path", { fill: "none", stroke: "var(--c1)", "stroke-width": 2.2 }, graph.layer);
      const mark = side.add("circle", { r: 5, fill: "var(--c1)" }, graph.layer);

      /* the two factors, between -1.5 and 1.5; beyond -1 it diverges */
      const gauge = D.scale([-1.5, 1.5], [86, 288]);
      side.text(gauge(-1.5) + 101, 18, view.t("factors"), { "text-anchor": "middle" });
      const gauges = ["across", "along"].map((key, i) => {
        const y = 44 + 28 * i;
        side.text(74, y + 4, view.t(key), { "text-anchor": "end" });
        side.add("line", { x1: gauge(-1.5), x2: gauge(-1), y1: y, y2: y, stroke: "var(--warm)", "stroke-width": 7, "stroke-opacity": 0.35 });
        side.add("line", { x1: gauge(-1), x2: gauge(1), y1: y, y2: y, stroke: "var(--faint)", "stroke-width": 7 });
        side.add("line", { x1: gauge(0), x2: gauge(0), y1: y - 7, y2: y + 7, stroke: "currentColor" });
        return side.add("circle", { cy: y, r: 6, fill: "currentColor" });
      });
      for (const [at, text] of [[-1, "−1"], [0, "0"], [1, "1"]]) side.text(gauge(at), 96, text, { "text-anchor": "middle", class: "mid soft" });

      return function draw() {
        const { points, factors } = path(view);
        const t = view.step;
        const moved = t && view.phase < 1 ? D.ease(view.phase) : 1;
        const now = t ? points[t].w.map((value, i) => D.mix(points[t - 1].w[i], value, moved)) : points[0].w;
        const shown = points.slice(0, t + (moved === 1 ? 1 : 0)).map((p) => p.w).concat([now]);
        const near = (w) => [sx(D.clamp(w[0], -99, 99)), sy(D.clamp(w[1], -99, 99))];
        D.set(trail, { d: D.path(shown.map(near)) });
        beads.forEach((bead, i) => {
          const [cx, cy] = near(points[i].w);
          D.set(bead, i < shown.length - 1 ? { cx, cy, visibility: null } : { visibility: "hidden" });
        });
        const [cx, cy] = near(now);
        D.set(ball, { cx, cy });
        const inside = cx > sx.range[0] && cx < sx.range[1] && cy < sy.range[0] && cy > sy.range[1];
        D.set(gone, { visibility: inside ? "hidden" : null });
        handle.update();

        const log = points.map((p, i) => [graph.sx(i), graph.sy(Math.log10(Math.max(p.loss, 1e-12)))]);
        D.set(whole, { d: D.path(log) });
        D.set(walked, { d: D.path(log.slice(0, t + 1)) });
        D.set(mark, { cx: log[t][0], cy: log[t][1] });
        gauges.forEach((dot, i) => D.set(dot, {
          cx: gauge(D.clamp(factors[i], -1.5, 1.5)), fill: factors[i] < -1 ? "var(--warm)" : "currentColor",
        }));
      };
    },
  });
})();
