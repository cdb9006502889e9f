/* K-means: centres and assignments are those of real runs; the inertia is added up here. PCA: the
   points are projected on a line that is turned by hand. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const REACH = { x: [-4.1, 4.1], y: [-3.2, 3.2] };
  const SHAPES = ["M-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0-9.2 0", "M-4.2-4.2h8.4v8.4h-8.4z", "M0-5.6L5.4 4.2H-5.4z", "M0-5.8L5.8 0L0 5.8L-5.8 0z"];
  const PCA_STEPS = ["cloud", "project", "rest", "best"];

  const isPca = (view) => view.values.view === "pca";
  const runOf = (view, start = view.values.start) => view.data.runs[`${view.values.k} ${start}`];
  const square = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

  /** Centres and clusters after a step: 0 the start, then an assignment, a move, an assignment ... */
  function moment(view, step, run = runOf(view)) {
    const centres = run.centres[step >> 1];
    const labels = [...(run.labels[(step - 1) >> 1] || "")].map(Number);
    const parts = centres.map((c, j) => M.sum(view.data.x.map((p, i) => (labels[i] === j ? square(p, c) : 0))));
    const sizes = centres.map((_, j) => labels.filter((label) => label === j).length);
    return { centres, labels, parts, sizes, inertia: M.sum(parts) };
  }

  const lastStep = (run) => 2 * run.labels.length - 1;

  const rivalOf = (view) => runOf(view, view.values.start === "bad" ? "plus" : "bad");
  const other = (view) => moment(view, lastStep(rivalOf(view)), rivalOf(view)).inertia;

  const unit = (degrees) => [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));

  /** The variance of the cloud's projections on a direction; the mean is taken off. */
  function spread(cloud, direction) {
    const along = cloud.map((p) => M.dot(p, direction));
    const mean = M.sum(along) / along.length;
    return M.sum(along.map((a) => (a - mean) ** 2)) / (along.length - 1);
  }

  function turned(view) {
    const { data: { cloud, variance, best }, values: { angle } } = view;
    const [c, s] = unit(angle);
    const along = spread(cloud, [c, s]);
    const across = spread(cloud, [-s, c]);
    return { angle, c, s, along, across, total: along + across, first: variance, best };
  }

  Glass.scene("clusters", {
    count: (view) => (isPca(view) ? PCA_STEPS.length : lastStep(runOf(view)) + 1),

    change(view, name) {
      if (name === "angle") view.step = Math.max(view.step, 1);
      else view.step = 0;
    },

    milliseconds: (view) => (isPca(view) ? 1100 : 1000),

    disabled: (view, name) => name !== "view" && (name === "angle") !== isPca(view),

    caption(view) {
      if (isPca(view)) return view.t(`say_${PCA_STEPS[view.step]}`, turned(view));
      const { step, last } = view;
      if (!step) return view.t("say_start", { k: view.values.k });
      const { labels, inertia } = moment(view, step);
      if (step === last) return view.t("say_end", { now: inertia, other: other(view) });
      const before = moment(view, step - 1).labels;
      const n = labels.filter((label, i) => label !== before[i]).length;
      return view.t(step % 2 ? "say_assign" : "say_move", { n, now: inertia });
    },

    rows(view) {
      if (isPca(view)) {
        const { c, s, along, across, total, first } = turned(view);
        const { cloud, component } = view.data;
        return [
          [view.t("along"), c, s, cloud.length, along], [view.t("across"), -s, c, cloud.length, across],
          [view.t("whole"), "", "", cloud.length, total], [view.t("first"), ...component, cloud.length, first],
        ];
      }
      const { centres, parts, sizes, inertia } = moment(view, view.step);
      return centres.map((centre, j) => [view.t("cluster", { j: j + 1 }), ...centre, sizes[j], view.step ? parts[j] : ""])
        .concat([[view.t("whole"), "", "", view.data.x.length, view.step ? inertia : ""]]);
    },

    setup(view) {
      const { data } = view;
      const plane = view.panel({ width: 410, height: 354, label: view.t("plane") });
      const scales = plane.plot({ ...REACH, xlabel: view.t("x1"), ylabel: view.t("x2"), square: true, left: 38, xticks: [-4, -2, 0, 2, 4], yticks: [-2, 0, 2] });
      const { sx, sy, layer } = scales;
      const paint = plane.field(scales, 52, 40);
      let painted = "";
      const at = ([a, b]) => [sx(a), sy(b)];
      const put = ([a, b]) => `translate(${sx(a).toFixed(2)} ${sy(b).toFixed(2)})`;

      /* k-means: lines to the centres, points, centres on top */
      const shape = (parent, attributes) => plane.add("path", attributes, parent);
      const thin = { stroke: "var(--edge)", "stroke-opacity": 0.6 };
      const rim = { stroke: "var(--paper)" };
      const first = { stroke: "var(--c2)", "stroke-width": 5, "stroke-opacity": 0.7, "stroke-dasharray": "9 6" };
      const groups = { kmeans: plane.add("g", {}, layer), pca: plane.add("g", {}, layer) };
      const points = data.x.map((p) => ({ p, line: shape(groups.kmeans, thin) }));
      for (const each of points) each.mark = shape(groups.kmeans, { transform: put(each.p), ...rim });
      const centres = [0, 1, 2, 3].map((j) => {
        const node = plane.add("g", {}, groups.kmeans);
        plane.add("circle", { r: 11, fill: "var(--paper)", stroke: `var(--c${j})`, "stroke-width": 3.5 }, node);
        plane.text(0, 4.5, String(j + 1), { "text-anchor": "middle", class: "mid bold" }, node);
        return node;
      });

      /* PCA: a line through the mean, the ways to it, and the best line */
      const best = shape(groups.pca, first);
      const line = shape(groups.pca, { stroke: "var(--c1)", "stroke-width": 2.2 });
      const ways = shape(groups.pca, thin);
      const dots = data.cloud.map((p) => ({
        p, still: shape(groups.pca, { d: SHAPES[0], transform: put(p), fill: "var(--c0)", "fill-opacity": 0.55 }),
        foot: shape(groups.pca, { d: SHAPES[3], fill: "var(--c1)", ...rim }),
      }));
      const grip = plane.add("g", { class: "handle" }, groups.pca);
      plane.add("circle", { class: "touch", r: 20 }, grip);
      plane.add("circle", { class: "dot", r: 8 }, grip);
      const turn = (event) => {
        const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(plane.svg.getScreenCTM().inverse());
        const degrees = (Math.atan2(scales.sy.invert(place.y), scales.sx.invert(place.x)) * 180) / Math.PI;
        const angle = (Math.round(degrees / 5) * 5 + 360) % 180;
        if (angle !== view.values.angle) view.change("angle", angle);
      };
      grip.addEventListener("pointerdown", (event) => {
        grip.setPointerCapture(event.pointerId);
        event.preventDefault();
      });
      grip.addEventListener("pointermove", (event) => {
        if (grip.hasPointerCapture(event.pointerId)) turn(event);
      });

      /* the inertia, step by step */
      const stairs = view.panel({ width: 290, height: 320, title: view.t("falling") });
      const long = Math.max(...Object.values(data.runs).map(lastStep));
      const graph = stairs.plot({ x: [0, long + 0.5], y: [0, 1.08], xlabel: view.t("step_axis"), ylabel: view.t("inertia"), yticks: [0], left: 34 });
      const goal = stairs.add("path", { stroke: "currentColor", "stroke-dasharray": "5 4" }, graph.layer);
      const said = stairs.text(graph.sx.range[1], 32, "", { "text-anchor": "end", class: "mid soft" });
      const fall = stairs.add("path", { fill: "none", stroke: "var(--c0)", "stroke-width": 2 }, graph.layer);
      const beads = stairs.add("path", { stroke: "var(--c0)", "stroke-width": 8, "stroke-linecap": "round" }, graph.layer);
      const height = stairs.text(0, 0, "", { class: "bold" });

      /* the variance against the direction */
      const wheel = view.panel({ width: 290, height: 320, title: view.t("turning") });
      const arc = wheel.plot({ x: [0, 180], y: [0, 1.15 * data.variance], xlabel: view.t("angle"), ylabel: view.t("variance"), left: 40, xticks: [0, 45, 90, 135, 180], yticks: [0, 1, 2, 3] });
      const degrees = Array.from({ length: 91 }, (_, i) => 2 * i);
      const curve = wheel.add("path", {
        d: D.path(degrees.map((a) => [arc.sx(a), arc.sy(spread(data.cloud, unit(a)))])), fill: "none", stroke: "var(--c1)", "stroke-width": 2,
      }, arc.layer);
      const peak = wheel.add("path", first, arc.layer);
      const kept = wheel.add("path", { stroke: "var(--c1)", "stroke-width": 9 }, arc.layer);
      const lost = wheel.add("path", { stroke: "var(--edge)", "stroke-width": 9, "stroke-dasharray": "3 2" }, arc.layer);

      function drawKmeans(phase) {
        const { step } = view;
        const now = moment(view, step);
        const before = step ? moment(view, step - 1) : now;
        const places = now.centres.map((c, j) => [0, 1].map((i) => D.mix(before.centres[j][i], c[i], phase)));
        points.forEach(({ p, line: way, mark }, i) => {
          const j = now.labels[i];
          const fresh = step % 2 && before.labels[i] !== j;
          const seen = fresh && phase < 0.5 ? before.labels[i] : j; // of which cluster it is drawn
          D.set(way, { d: step ? D.path([at(p), at(p.map((v, a) => D.mix(v, places[j][a], fresh ? phase : 1)))]) : "" });
          D.set(mark, { d: SHAPES[seen ?? 0], fill: seen === undefined ? "var(--edge)" : `var(--c${seen})` });
        });
        centres.forEach((node, j) => D.set(node, places[j] ? { display: null, transform: put(places[j]) } : { display: "none" }));
        const colours = places.map((_, j) => [...view.rgb(`c${j}`), step ? 44 : 0]);
        const theme = `${places}${colours}`;
        if (theme !== painted) paint((a, b) => colours[M.argmax(places.map((c) => -square([a, b], c)))]);
        painted = theme;
        const highest = Math.max(moment(view, 1).inertia, moment(view, 1, rivalOf(view)).inertia);
        const path = Array.from({ length: step }, (_, i) => [graph.sx(i + 1), graph.sy(moment(view, i + 1).inertia / highest)]);
        D.set(fall, { d: D.path(path) });
        D.set(beads, { d: path.map((p) => `M${p}h0`).join("") });
        const [x, y] = path[step - 1] || [0, 0];
        D.set(height, { x: Math.min(x + 4, 236), y: y - 9, text: step ? D.format(now.inertia, 4, true) : "" });
        const end = other(view);
        const level = graph.sy(end / highest);
        const done = step === view.last;
        D.set(goal, { d: done ? D.path(graph.sx.range.map((place) => [place, level])) : "" });
        D.set(said, { text: done ? view.t("other", { other: end }) : "" });
      }

      function drawPca(phase) {
        const { step } = view;
        const { angle, c, s, along, total } = turned(view);
        if (painted) paint(() => [0, 0, 0, 0]);
        painted = "";
        const through = ([a, b], far) => D.path([at([-far * a, -far * b]), at([far * a, far * b])]);
        D.set(line, { d: through([c, s], 6) });
        D.set(grip, { transform: put([2.6 * c, 2.6 * s]) });
        const gone = step > 1 ? 1 : step * phase;
        let d = "";
        for (const { p, foot } of dots) {
          const t = M.dot(p, [c, s]);
          const now = [D.mix(p[0], t * c, gone), D.mix(p[1], t * s, gone)];
          D.set(foot, { transform: put(now), visibility: step ? null : "hidden" });
          d += D.path([at(p), at(now)]);
        }
        D.set(ways, { d, "stroke-width": step === 2 ? 2 : 1 });
        const last = step === 3 ? phase : 0;
        D.set(best, { d: through(data.component, 6 * last) });
        D.set(curve, { "stroke-opacity": last });
        const bar = (a, low, high) => D.path([[arc.sx(a), arc.sy(low)], [arc.sx(a), arc.sy(high)]]);
        D.set(peak, { d: bar(data.best, 0, data.variance * last) });
        D.set(kept, { d: bar(angle, 0, gone * along) });
        D.set(lost, { d: step === 2 ? bar(angle, along, D.mix(along, total, phase)) : "" });
      }

      return function draw() {
        const pca = isPca(view);
        D.set(groups.kmeans, { display: pca ? "none" : null });
        D.set(groups.pca, { display: pca ? null : "none" });
        D.set(stairs.node, { hidden: pca ? "" : null });
        D.set(wheel.node, { hidden: pca ? null : "" });
        (pca ? drawPca : drawKmeans)(D.ease(view.phase));
      };
    },
  });
})();
