/* The perceptron rule: real runs, update by update, and the two walls of Novikoff's proof. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;

  /** The chosen examples and run, and what holds after the present number of updates. */
  function facts(view) {
    const set = view.data[view.values.data];
    const run = set.runs[view.values.order - 1];
    const k = view.step;
    const w = run.weights[k];
    const i = k ? run.updates[k - 1] : null;
    const score = (weights, n) => set.y[n] * M.dot(weights, [...set.x[n], 1]);
    const wrong = set.x.map((_, n) => score(w, n) <= 0);
    return {
      set, run, k, w, i, wrong, bound: set.bound, last: k === run.updates.length,
      score: k ? score(run.weights[k - 1], i) : null,
      before: run.weights.slice(0, k).findLastIndex((old) => old.every((value, j) => value === w[j])),
    };
  }

  const length = (w) => Math.hypot(...w);

  Glass.scene("perceptron", {
    count: (view) => view.data[view.values.data].runs[view.values.order - 1].weights.length,
    change: (view, name) => {
      if (name === "data") view.step = 0;
    },
    milliseconds: () => 800,

    caption(view) {
      const { set, run, k, i, score, wrong, bound, last, before } = facts(view);
      if (!k) return view.t("say_start") + (bound ? ` ${view.t("say_best")}` : "");
      const told = view.t("say_update", { k, i: i + 1, score, wrong: wrong.filter(Boolean).length, n: set.x.length });
      if (last && run.stopped) return `${told} ${view.t("say_stopped", { bound })}`;
      if (bound) return `${told} ${view.t("say_left", { left: bound - k })}`;
      return before < 0 ? told : `${told} ${view.t("say_cycle", { before })}`;
    },

    rows(view) {
      const { set, run } = facts(view);
      return run.weights.slice(0, view.step + 1).map((w, k) => {
        const n = k ? run.updates[k - 1] : 0;
        const before = k ? set.y[n] * M.dot(run.weights[k - 1], [...set.x[n], 1]) : "";
        const [wall, along] = set.bound ? [k * set.margin, M.dot(set.u, w)] : ["", ""];
        return [String(k), k ? n + 1 : "", before, ...w, wall, along, length(w), Math.sqrt(k) * set.radius];
      });
    },

    setup(view) {
      const { data } = view;
      const plane = view.panel({ width: 340, height: 346, label: view.t("plane") });
      const side = view.panel({ width: 380, height: 346, label: view.t("walls") });

      const halo = { stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" };

      /* the plane, with the examples of each set */
      const scales = plane.plot({ x: [-0.8, 1.8], y: [-0.8, 1.8], xlabel: view.t("x1"), ylabel: view.t("x2"), square: true, left: 40, xticks: [0, 1], yticks: [0, 1] });
      const { sx, sy, layer } = scales;
      const paint = plane.field(scales, 52);
      const best = plane.add("path", { stroke: "currentColor", "stroke-dasharray": "2 4", "stroke-width": 1.5, fill: "none" }, layer);
      const bestName = plane.text(0, sy(1.6), "u", { class: "bold", ...halo });
      const old = plane.add("path", { stroke: "currentColor", "stroke-opacity": 0.35, "stroke-width": 2, fill: "none" }, layer);
      const border = plane.add("path", { stroke: "currentColor", "stroke-width": 2.5, fill: "none" }, layer);
      const groups = Object.entries(data).map(([name, set]) => {
        const group = plane.add("g", {}, layer);
        const marks = set.x.map(([a, b], n) => {
          const colour = `var(--c${(set.y[n] + 1) / 2})`;
          const place = { stroke: colour, "stroke-width": 2.5 };
          const [x, y] = [sx(a), sy(b)];
          const node = set.y[n] > 0 ? plane.add("rect", { x: x - 5, y: y - 5, width: 10, height: 10, ...place }, group)
            : plane.add("circle", { cx: x, cy: y, r: 5.6, ...place }, group);
          return { node, colour };
        });
        return { name, group, marks };
      });
      const ring = plane.add("circle", { fill: "none", stroke: "var(--update)", "stroke-width": 3 }, layer);
      const nothing = plane.text(sx(0.5), sy(-0.5), view.t("nothing"), { "text-anchor": "middle", class: "bold" });

      /* the walls */
      const { sx: kx, sy: ly, layer: inside } = side.plot({ x: [0, 64], y: [0, 15], xlabel: view.t("k_axis"), ylabel: view.t("length"), xticks: [0, 20, 40, 60], yticks: [0, 5, 10, 15] });
      const between = side.add("path", { fill: "var(--c0)", "fill-opacity": 0.1 }, inside);
      const wall = { fill: "none", stroke: "var(--c0)", "stroke-width": 2.2 };
      const upper = side.add("path", wall, inside);
      const lower = side.add("path", { ...wall, "stroke-dasharray": "7 4" }, inside);
      const meet = side.add("path", { fill: "none", stroke: "var(--c0)", "stroke-dasharray": "2 3" }, inside);
      const upperName = side.text(0, 0, "√k R", { "text-anchor": "end" });
      const lowerName = side.text(0, 0, "k γ");
      const meetName = side.text(0, ly(14.2), "", { "text-anchor": "end", class: "bold" });
      const trails = [["var(--c4)", "3 3"], ["currentColor", null]].map(([stroke, dash]) =>
        side.add("path", { fill: "none", stroke, "stroke-dasharray": dash, "stroke-width": 2 }, inside));
      const dots = ["var(--c4)", "currentColor"].map((fill) => side.add("circle", { r: 5, fill, stroke: "var(--paper)" }));
      const names = ["u·w", "‖w‖"].map((text) => side.text(0, 0, text, { class: "bold", ...halo }));
      const arrow = side.add("path", { fill: "none", stroke: "var(--update)", "stroke-width": 2.5, "stroke-linejoin": "round" });
      const left = side.text(0, 0, "", { "text-anchor": "middle", class: "bold" });
      let painted = null;

      /** The line where w.x is zero, far beyond the picture. */
      const lineOf = ([a, b, c]) => {
        const square = a * a + b * b;
        if (square < 1e-12) return "";
        const foot = [(-a * c) / square, (-b * c) / square];
        const far = 9 / Math.sqrt(square);
        return D.path([-far, far].map((t) => [sx(foot[0] - b * t), sy(foot[1] + a * t)]));
      };

      return function draw() {
        const { set, run, k, w, i, wrong, bound, last } = facts(view);
        const phase = k ? D.ease(view.phase) : 1;
        const from = run.weights[Math.max(k - 1, 0)];
        const now = w.map((value, j) => D.mix(from[j], value, phase));
        const flat = length(now.slice(0, 2)) < 1e-9;

        const theme = view.rgb("c0") + view.rgb("c1");
        const key = `${now}${theme}`;
        if (painted !== key) {
          painted = key;
          const [cold, hot] = [view.rgb("c0"), view.rgb("c1")];
          paint((a, b) => {
            const z = now[0] * a + now[1] * b + now[2];
            return [...(z > 0 ? hot : cold), length(now) < 1e-9 ? 0 : 55];
          });
        }
        D.set(border, { d: lineOf(now) });
        D.set(old, { d: lineOf(from) });
        D.set(nothing, { visibility: flat ? null : "hidden" });
        D.set(best, { d: bound ? lineOf(set.u) : "" });
        D.set(bestName, { visibility: bound ? null : "hidden" });
        if (bound) { // beside the line, where it leaves the picture on top
          const x = -(set.u[1] * 1.6 + set.u[2]) / set.u[0];
          D.set(bestName, { x: sx(D.clamp(x, -0.7, 1.6)) + 9 });
        }
        for (const { name, group, marks } of groups) {
          const chosen = name === view.values.data;
          D.set(group, { visibility: chosen ? null : "hidden" });
          if (chosen) marks.forEach(({ node, colour }, n) => D.set(node, { fill: wrong[n] ? "var(--paper)" : colour }));
        }
        D.set(ring, { visibility: k ? null : "hidden" });
        if (k) D.set(ring, { cx: sx(set.x[i][0]), cy: sy(set.x[i][1]), r: 12 + 8 * (1 - phase) });

        /* right */
        const end = bound || run.weights.length - 1;
        const ks = Array.from({ length: 81 }, (_, n) => (end * n * n) / 6400);
        const above = ks.map((n) => [kx(n), ly(Math.sqrt(n) * set.radius)]);
        const below = [[kx(0), ly(0)], [kx(end), ly(bound ? end * set.margin : 0)]];
        D.set(upper, { d: D.path(above) });
        D.set(lower, { d: bound ? D.path(below) : "" });
        D.set(between, { d: `${D.path([...above, ...below.reverse()])}Z` });
        D.set(meet, { d: bound ? D.path([[kx(bound), ly(0)], [kx(bound), ly(14)]]) : "" });
        D.set(meetName, { text: bound ? view.t("bound", { bound }) : "", x: Math.min(kx(bound) + 30, kx(64)) });
        D.set(upperName, { x: kx(end * 0.42) - 6, y: ly(Math.sqrt(end * 0.42) * set.radius) - 6 });
        D.set(lowerName, { x: kx(end * 0.7) + 8, y: ly(end * 0.7 * (set.margin || 0)) + 10, visibility: bound ? null : "hidden" });

        const at = k ? D.mix(k - 1, k, phase) : 0;
        const shown = [bound ? (v) => M.dot(set.u, v) : null, length];
        const ends = shown.map((f) => (f ? D.mix(f(from), f(w), phase) : 0));
        shown.forEach((f, n) => {
          const points = run.weights.slice(0, Math.max(k, 1)).map((v, m) => [kx(m), ly(f ? f(v) : 0)]);
          const hidden = f ? null : "hidden";
          D.set(trails[n], { d: D.path([...points, [kx(at), ly(ends[n])]]), visibility: hidden });
          D.set(dots[n], { cx: kx(at), cy: ly(ends[n]), visibility: hidden });
          D.set(names[n], { x: kx(at) + 9, y: ly(ends[n]) + (n ? -3 : 13), visibility: at < 0.5 ? "hidden" : hidden });
        });
        D.set(names[1], { y: ly(ends[1]) + (bound && ly(ends[0]) - ly(ends[1]) < 8 ? -5 : 4) });
        const stopped = last && run.stopped;
        const go = bound && !stopped;
        const y = ly(0.7);
        D.set(arrow, { d: go ? D.path([[kx(bound) - 7, y - 5], [kx(bound), y], [kx(at), y], [kx(bound), y], [kx(bound) - 7, y + 5]]) : "" });
        const text = stopped ? view.t("stopped", { k }) : bound ? view.t("left", { left: bound - k }) : view.t("no_wall");
        D.set(left, { text, x: D.clamp(kx(stopped ? bound / 2 + 8 : bound ? (at + bound) / 2 : 36), kx(16), kx(48)), y: ly(bound ? 1.2 : 13) });
      };
    },
  });
})();
