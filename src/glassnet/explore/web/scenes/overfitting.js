/* Polynomials of rising degree among few points. The fits, with L2 and with dropout, come from the
   trace; here they are evaluated, and compared with points that were seen and points that were not. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;

  /** Value at x of a curve given by its bias and its weights on normalised Legendre polynomials. */
  function curveAt(x, [bias, ...weights]) {
    let [before, now, total] = [1, x, bias];
    weights.forEach((weight, i) => {
      const k = i + 1;
      total += weight * Math.sqrt(2 * k + 1) * now;
      [before, now] = [now, ((2 * k + 1) * x * now - k * before) / (k + 1)];
    });
    return total;
  }

  const known = new WeakMap(); // errors of all degrees, for each choice of the controls

  function errors(view) {
    const { data, trace, values } = view;
    const key = `${values.l2} ${values.dropout}`;
    if (!known.has(trace)) known.set(trace, {});
    const list = known.get(trace);
    const error = (x, y, fitted) => M.sum(x.map((at, i) => (curveAt(at, fitted) - y[i]) ** 2)) / x.length;
    return (list[key] = list[key] || trace.frames.map((frame) => {
      const fitted = frame.fits[key];
      return { fitted, training: error(data.x, data.y, fitted), test: error(data.x_test, data.y_test, fitted), size: M.sum(fitted.slice(1).map((w) => w * w)) };
    }));
  }

  const bestOf = (list) => M.argmax(list.map((e) => -e.test));

  Glass.scene("overfitting", {
    milliseconds: () => 900,

    caption(view) {
      const list = errors(view);
      const [now, at] = [list[view.step], bestOf(list)];
      const digits = (value) => D.format(value, 3);
      return view.t("say", {
        n: view.step, l2: view.values.l2, p: view.values.dropout, training: digits(now.training), test: digits(now.test), best: digits(list[at].test), at,
      });
    },

    rows: (view) => errors(view).slice(0, view.step + 1).map((e, k) => [String(k), e.training, e.test, e.size]),

    setup(view) {
      const { data, trace } = view;
      const left = view.panel({ width: 390, height: 350, label: view.t("fit") });
      const right = view.panel({ width: 350, height: 370, label: view.t("errors") });

      /* points, the curve behind them, the fit */
      const plot = left.plot({ x: [-1.02, 1.02], y: [-2.2, 2.2], xlabel: view.t("x"), ylabel: view.t("y"), left: 42, top: 34, xticks: [-1, -0.5, 0, 0.5, 1], yticks: [-2, -1, 0, 1, 2] });
      const { sx, sy, layer } = plot;
      const fine = Array.from({ length: 161 }, (_, i) => -1 + i / 80);
      const heading = left.text(210, 16, "", { "text-anchor": "middle", class: "bold" });
      left.text(50, 46, view.t("true"), { class: "small soft" });
      left.add("path", { d: D.path(fine.map((x) => [sx(x), sy(Math.sin(data.frequency * x))])), fill: "none", stroke: "var(--edge)", "stroke-dasharray": "5 5", "stroke-width": 1.4 }, layer);
      data.x_test.forEach((x, i) => left.add("rect", { x: sx(x) - 3, y: sy(data.y_test[i]) - 3, width: 6, height: 6, fill: "none", stroke: "var(--c1)", "stroke-opacity": 0.75 }, layer));
      const sticks = left.add("path", { fill: "none", stroke: "var(--c0)", "stroke-opacity": 0.5 }, layer);
      const curve = left.add("path", { fill: "none", stroke: "currentColor", "stroke-width": 2.2 }, layer);
      data.x.forEach((x, i) => left.add("circle", { cx: sx(x), cy: sy(data.y[i]), r: 5, fill: "var(--c0)", stroke: "var(--paper)" }, layer));

      /* both errors, on a logarithmic scale */
      const [low, high] = [-2.75, 0.45];
      const up = (error) => graph.sy(D.clamp(Math.log10(Math.max(error, 1e-9)), low, high));
      const graph = right.plot({ x: [-0.3, view.last + 0.4], y: [low, high], xlabel: view.t("degree_axis"), ylabel: view.t("error_axis"), left: 52, top: 12, bottom: 152, xticks: [0, 2, 4, 6, 8, 10], yticks: [] });
      for (const error of [0.01, 0.1, 1]) {
        right.text(46, up(error) + 4, String(error), { "text-anchor": "end", class: "mid soft" });
        right.add("line", { class: "grid", x1: 52, x2: 340, y1: up(error), y2: up(error) });
      }
      const line = (colour, more) => right.add("path", { fill: "none", stroke: `var(--${colour})`, "stroke-width": 2.2, ...more }, graph.layer);
      const kinds = [["training", "c0", {}], ["test", "c1", { "stroke-dasharray": "7 3" }]].map(([key, colour, more]) => ({
        key, whole: line(colour, { ...more, "stroke-opacity": 0.3 }), walked: line(colour, more),
        name: right.text(340, 0, view.t(key), { "text-anchor": "end", class: "bold", "paint-order": "stroke", stroke: "var(--paper)", "stroke-width": 3 }),
        beads: trace.frames.map((_, k) => {
          const bead = key === "test" ? right.add("rect", { width: 8, height: 8, fill: "var(--c1)" }, graph.layer) : right.add("circle", { r: 4, fill: "var(--c0)" }, graph.layer);
          view.pickStep(bead, k);
          return bead;
        }),
      }));
      const lowest = right.add("circle", { r: 10, fill: "none", stroke: "currentColor", "stroke-width": 1.8 });
      const best = right.text(0, 0, view.t("best"), { "text-anchor": "middle", class: "mid" });

      /* the weights */
      const zero = 320;
      right.text(40, 262, view.t("weights"), { class: "bold" });
      right.add("line", { class: "axis", x1: 52, x2: 340, y1: zero, y2: zero });
      const bars = trace.frames.map(() => right.add("rect", { width: 16, rx: 1.5 }));
      const most = Math.max(...trace.frames.flatMap((frame) => Object.values(frame.fits).flatMap((f) => f.slice(1).map(Math.abs))), 0.1);

      return function draw() {
        const list = errors(view);
        const n = view.step;
        const share = n && view.phase < 1 ? D.ease(view.phase) : 1;
        const [to, from] = [list[n].fitted, list[Math.max(n - 1, 0)].fitted];
        const fitted = to.map((w, k) => D.mix(from[k] ?? 0, w, share)); // a new power starts at zero
        const height = (x) => sy(D.clamp(curveAt(x, fitted), -4, 4));
        D.set(curve, { d: D.path(fine.map((x) => [sx(x), height(x)])) });
        D.set(sticks, { d: data.x.map((x, i) => D.path([[sx(x), sy(data.y[i])], [sx(x), height(x)]])).join("") });
        D.set(heading, { text: view.t("degree_is", { n }) });

        for (const { key, whole, walked, name, beads } of kinds) {
          const places = list.map((e, k) => [graph.sx(k), up(e[key])]);
          const tip = n ? places[n].map((v, i) => D.mix(places[n - 1][i], v, share)) : places[0];
          D.set(whole, { d: D.path(places) });
          D.set(walked, { d: D.path([...places.slice(0, n), tip]) });
          beads.forEach((bead, k) => {
            const [x, y] = k === n ? tip : places[k];
            const seen = { "fill-opacity": k > n ? 0.25 : 1 };
            const big = k === n ? 1.4 : 1;
            if (key === "test") D.set(bead, { x: x - 4 * big, y: y - 4 * big, width: 8 * big, height: 8 * big, ...seen });
            else D.set(bead, { cx: x, cy: y, r: 4 * big, ...seen });
          });
          const end = places[places.length - 1][1];
          D.set(name, { y: key === "test" ? Math.max(end - 14, 24) : Math.min(end + 22, graph.sy(low) - 6) });
        }
        const at = bestOf(list);
        const y = up(list[at].test);
        D.set(lowest, { cx: graph.sx(at), cy: y });
        D.set(best, { x: graph.sx(at), y: y - 15 });
        bars.forEach((bar, k) => {
          const w = fitted[k] ?? 0;
          const size = (40 * Math.abs(w)) / most;
          D.set(bar, {
            x: graph.sx(k) - 8, y: w < 0 ? zero : zero - size, height: size, fill: w < 0 ? "var(--cool)" : "var(--warm)",
            visibility: k && k <= n ? null : "hidden",
          });
        });
      };
    },
  });
})();
