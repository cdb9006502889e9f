/* Six optimisers from one start. The trace holds the points they visited; here the loss at these
   points is worked out, the level lines are drawn, and the six are put in order. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const METHODS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"];
  const LETTERS = ["S", "M", "N", "G", "R", "A"];
  const REACH = { x: [-2.2, 2.2], y: [-1.8, 1.8] };
  const MARKS = { ravine: ["minimum"], saddle: ["ridge", "minimum", "minimum"], well: ["deep", "shallow"] };

  const surface = (view) => view.data.surface[view.values.surface];

  /** The loss of a surface as a function of a point. */
  function lossOf(data, name) {
    if (name === "ravine") return (p) => M.dot(p, M.dense(p, data.hessian)) / 2;
    if (name === "saddle") return ([x, y]) => (data.steep.saddle * x * x) / 2 - (y * y) / 2 + y ** 4 / 4;
    return ([x, y]) => (x * x - 1) ** 2 / 4 + data.tilt * x + (data.steep.well * y * y) / 2;
  }

  /** Where the six are at a step, their losses, and the place of each in the order. */
  function standings(view, step) {
    const points = view.data.paths[view.values.surface].map((path) => path[step]);
    const losses = points.map(lossOf(view.data, surface(view)));
    const order = METHODS.map((_, k) => k).sort((a, b) => losses[a] - losses[b] || a - b);
    return { points, losses, order, places: METHODS.map((_, k) => order.indexOf(k)) };
  }

  const there = {
    ravine: (p, loss) => loss < 0.1,
    saddle: (p) => Math.abs(p[1]) > 0.5,
    well: (p) => p[0] < 0,
  };

  /** Segments of the level lines of f, cell by cell of a grid of squares. */
  function levelLines(f, levels, { sx, sy }, cells = 72) {
    const at = (i, j) => [D.mix(...REACH.x, i / cells), D.mix(...REACH.y, j / cells)];
    const values = M.grid(cells + 1, cells + 1, (i, j) => f(at(i, j)));
    let d = "";
    for (let i = 0; i < cells; i++) {
      for (let j = 0; j < cells; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        for (const level of levels) {
          const cuts = [];
          corners.forEach((a, k) => {
            const b = corners[(k + 1) % 4];
            const [u, v] = [values[a[0]][a[1]] - level, values[b[0]][b[1]] - level];
            if (u < 0 === v < 0) return;
            const [p, q] = [at(...a), at(...b)];
            cuts.push([sx(D.mix(p[0], q[0], u / (u - v))), sy(D.mix(p[1], q[1], u / (u - v)))]);
          });
          for (let k = 0; k + 1 < cuts.length; k += 2) d += D.path([cuts[k], cuts[k + 1]]);
        }
      }
    }
    return d;
  }

  Glass.scene("race", {
    count: (view) => view.data.paths.ravine[0].length,

    milliseconds: (view) => (view.step < 8 ? 650 : 320),

    caption(view) {
      const { points, losses, order, places } = standings(view, view.step);
      const name = (k) => view.t(METHODS[k]);
      const n = points.filter((p, k) => there[surface(view)](p, losses[k])).length;
      const [first, last] = [order[0], order[5]];
      const own = METHODS.indexOf(view.values.follow);
      const said = [
        view.t(view.step ? "say" : "say_start", { step: view.step, first: name(first), low: losses[first], last: name(last), high: losses[last] }),
        own < 0 ? view.t(`count_${surface(view)}`, { n })
          : view.t("say_one", { name: name(own), rate: view.data.rates[view.values.surface][own], place: places[own] + 1 }),
      ];
      return said.join(" ");
    },

    rows(view) {
      const { points, losses } = standings(view, view.step);
      const rates = view.data.rates[view.values.surface];
      return METHODS.map((key, k) => [view.t(key), rates[k], ...points[k], losses[k]]);
    },

    setup(view) {
      const { data } = view;
      const map = view.panel({ width: 430, height: 372, label: view.t("map") });
      const side = view.panel({ width: 310, height: 372, label: view.t("standings") });

      const scales = map.plot({ ...REACH, xlabel: view.t("w1"), ylabel: view.t("w2"), square: true, left: 40, xticks: [-2, -1, 0, 1, 2], yticks: [-1, 0, 1] });
      const { sx, sy, layer } = scales;
      const lines = map.add("path", { fill: "none", stroke: "var(--edge)", "stroke-opacity": 0.55 }, layer);

      /* the heights on a logarithmic scale */
      const powers = [-4, -2, 0, 2];
      const graph = side.plot({ x: [0, view.last], y: [-5, 2.5], xlabel: view.t("step_axis"), ylabel: view.t("height"), left: 50, bottom: 196, yticks: [] });
      for (const power of powers) {
        const text = `10${String(power).replace(/./g, (c) => "⁻⁰¹²³⁴"["-01234".indexOf(c)])}`;
        side.text(44, graph.sy(power) + 4, text, { "text-anchor": "end", class: "mid soft" });
        side.add("line", { class: "grid", x1: 50, x2: 300, y1: graph.sy(power), y2: graph.sy(power) });
      }
      const now = side.add("line", { stroke: "var(--edge)", y1: graph.sy.range[0], y2: graph.sy.range[1] });

      /* six of everything, and one more of each on top for the one that is followed */
      const disc = (panel, k, parent) => {
        const node = panel.add("g", {}, parent);
        const ring = panel.add("circle", { r: 8, fill: "var(--paper)", stroke: `var(--c${k})`, "stroke-width": 2.5 }, node);
        const letter = panel.text(0, 4, LETTERS[k] || "", { "text-anchor": "middle", class: "small bold" }, node);
        return { node, ring, letter };
      };
      const line = (panel, k, parent) => panel.add("path", { fill: "none", stroke: `var(--c${k})`, "stroke-linejoin": "round" }, parent);
      const runners = [...METHODS, null].map((key, k) => ({ key, trail: line(map, k, layer), curve: line(side, k, graph.layer) }));
      const marks = [0, 1, 2].map(() => ({
        cross: map.add("path", { fill: "none", stroke: "currentColor", "stroke-width": 2 }, layer),
        name: map.text(0, 0, "", { class: "mid", "paint-order": "stroke", stroke: "var(--paper)", "stroke-width": 3, "stroke-opacity": 0.8 }, layer),
      }));
      const beads = data.paths.ravine[0].map(() => map.add("circle", { r: 2.6 }, layer));
      runners.forEach((r, k) => Object.assign(r, { head: disc(map, k, layer), dot: side.add("circle", { r: 4, fill: `var(--c${k})` }, graph.layer) }));
      const top = runners.pop();
      top.ring = [top.head.ring, top.trail, top.curve];
      runners.forEach((r, k) => {
        r.row = side.add("g");
        disc(side, k, side.add("g", { transform: "translate(62 0)" }, r.row));
        side.add("rect", { x: 20, y: -12, width: 280, height: 24, fill: "transparent" }, r.row);
        r.place = side.text(36, 4, "", { "text-anchor": "end", class: "soft" }, r.row);
        r.name = side.text(78, 4, view.t(r.key), {}, r.row);
        r.rate = side.text(172, 4, "", { class: "mid soft" }, r.row);
        r.loss = side.text(300, 4, "", { "text-anchor": "end" }, r.row);
        for (const node of [r.trail, r.head.node, r.row]) view.pick(node, "follow", r.key);
      });
      const drawn = {}; // level lines, once for each surface

      return function draw() {
        const name = surface(view);
        const track = view.values.surface;
        const t = view.step;
        const share = t && view.phase < 1 ? D.ease(view.phase) : 1;
        const [here, before] = [standings(view, t), standings(view, Math.max(t - 1, 0))];
        const f = lossOf(data, name);
        const lowest = data.lowest[name];
        drawn[name] = drawn[name] || levelLines((p) => f(p) - lowest, data.levels[name], scales);
        D.set(lines, { d: drawn[name] });
        marks.forEach(({ cross, name: label }, i) => {
          const at = data.marks[name][i];
          if (at) D.set(cross, { d: `M${sx(at[0]) - 5} ${sy(at[1])}h10m-5 -5v10` });
          if (at) D.set(label, { x: sx(at[0]) + 9, y: sy(at[1]) - 8 });
          D.set(cross, { visibility: at ? null : "hidden" });
          D.set(label, { text: at ? view.t(MARKS[name][i]) : "" });
        });

        const far = ([x, y]) => [sx(D.clamp(x, -99, 99)), sy(D.clamp(y, -99, 99))];
        const up = (loss) => graph.sy(Math.log10(Math.max(loss - lowest, 1e-5)));
        const own = METHODS.indexOf(view.values.follow);
        D.set(now, { x1: graph.sx(t), x2: graph.sx(t) });
        runners.forEach((r, k) => {
          const path = data.paths[track][k];
          const at = [0, 1].map((i) => D.mix(before.points[k][i], here.points[k][i], share));
          const shown = path.slice(0, t + (share === 1 ? 1 : 0)).concat([at]).map(far);
          const heights = path.map((p, i) => [graph.sx(i), up(f(p))]);
          const head = far(at).map((v, i) => D.clamp(v, ...(i ? [sy.range[1], sy.range[0]] : sx.range)));
          const [d, curve] = [D.path(shown), D.path(heights.slice(0, t + 1))];
          const place = `translate(${head[0].toFixed(2)} ${head[1].toFixed(2)})`;
          const dim = own >= 0 && own !== k;
          D.set(r.trail, { d, "stroke-width": 1.8, "stroke-opacity": dim ? 0.3 : 0.9 });
          D.set(r.curve, { d: curve, "stroke-width": 1.8, "stroke-opacity": dim ? 0.3 : 0.9 });
          D.set(r.head.node, { transform: place, opacity: dim ? 0.45 : 1 });
          D.set(r.dot, { cx: heights[t][0], cy: heights[t][1], opacity: dim ? 0.3 : 1 });
          const y = 236 + 25 * D.mix(before.places[k], here.places[k], share);
          D.set(r.row, { transform: `translate(0 ${y.toFixed(2)})` });
          D.set(r.place, { text: String(here.places[k] + 1) });
          for (const text of [r.name, r.loss]) D.set(text, { class: own === k ? "bold" : "" });
          D.set(r.rate, { text: `${view.t("rate")} ${D.format(data.rates[track][k], 2, true)}` });
          D.set(r.loss, { text: D.format(here.losses[k], 3) });
          if (own !== k) return;
          for (const node of top.ring) D.set(node, { stroke: `var(--c${k})` });
          D.set(top.trail, { d, "stroke-width": 2.8 });
          D.set(top.curve, { d: curve, "stroke-width": 3 });
          D.set(top.head.node, { transform: place });
          D.set(top.head.letter, { text: LETTERS[k] });
          D.set(top.dot, { cx: heights[t][0], cy: heights[t][1], fill: `var(--c${k})` });
          beads.forEach((bead, i) => {
            const [cx, cy] = shown[Math.min(i, shown.length - 1)];
            D.set(bead, { cx, cy, fill: `var(--c${k})` });
          });
        });
        for (const node of [top.trail, top.curve, top.head.node, top.dot, ...beads]) D.set(node, { visibility: own < 0 ? "hidden" : null });
      };
    },
  });
})();
