/* Logistic regression: the distance of a point from the border, its probability, its loss. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const STAGES = ["distance", "probability", "loss", "mean"];

  /** Distance, logit, probability and loss of a point with a label, for the present border. */
  function facts(view) {
    const { values, data } = view;
    const turn = (values.angle * Math.PI) / 180;
    const normal = [Math.cos(turn), Math.sin(turn)];
    const of = (x, y) => {
      const d = M.dot(normal, x) - values.shift;
      const z = values.length * d;
      return { x, y, d, z, p: M.sigmoid(z), loss: M.softplus(z) - y * z };
    };
    const examples = data.x.map((x, i) => of(x, data.y[i]));
    const mean = M.sum(examples.map(({ loss }) => loss)) / examples.length;
    return { normal, own: of(values.at, values.label), examples, mean };
  }

  Glass.scene("logistic", {
    count: () => STAGES.length,
    milliseconds: () => 1200,

    caption(view) {
      const { own, examples, mean } = facts(view);
      return view.t(`say_${STAGES[view.step]}`, {
        ...own, size: Math.abs(own.d), side: own.d < 0 ? 0 : 1, q: own.y ? own.p : 1 - own.p,
        length: view.values.length, n: examples.length, mean, best: view.data.trained.mean,
      });
    },

    rows(view) {
      const { own, examples, mean } = facts(view);
      const row = (label, { y, d, z, p, loss }) => [label, y, d, z, p, loss];
      return [
        row(view.t("your"), own),
        ...examples.map((each, i) => row(view.t("example", { n: i + 1 }), each)),
        [view.t("mean"), "", "", "", "", mean],
        [view.t("trained"), "", "", "", "", view.data.trained.mean],
      ];
    },

    setup(view) {
      const { data } = view;
      const plane = view.panel({ width: 380, height: 376, label: view.t("plane") });
      const side = view.panel({ width: 350, height: 376, label: view.t("curves") });

      /* the plane */
      const scales = plane.plot({ x: [-2.4, 2.4], y: [-2.4, 2.4], xlabel: view.t("x1"), ylabel: view.t("x2"), square: true, xticks: [-2, 0, 2], yticks: [-2, 0, 2], left: 40 });
      const { sx, sy, layer } = scales;
      const paint = plane.field(scales, 48);
      const mark = (panel, y, parent, size = 4.4) => {
        const style = { fill: `var(--c${y})`, stroke: "var(--paper)", "stroke-width": 1 };
        return y ? panel.add("rect", { x: -size, y: -size, width: 2 * size, height: 2 * size, ...style }, parent)
          : panel.add("circle", { r: size * 1.15, ...style }, parent);
      };
      const move = (node, x, y) => D.set(node, { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})` });
      const marks = data.x.map((x, i) => {
        const node = mark(plane, data.y[i], layer);
        move(node, sx(x[0]), sy(x[1]));
        return node;
      });
      const border = plane.add("path", { stroke: "currentColor", "stroke-width": 2, fill: "none" }, layer);
      const arrow = plane.add("path", { stroke: "currentColor", "stroke-width": 2, fill: "none", "stroke-linejoin": "round" }, layer);
      const named = plane.text(0, 0, "w", { class: "large bold", "text-anchor": "middle" });
      const reach = plane.add("path", { stroke: "var(--c2)", "stroke-width": 3.5, fill: "none" }, layer);
      const square = plane.add("path", { stroke: "currentColor", fill: "none" }, layer);
      const said = plane.text(0, 0, "", { class: "bold", "text-anchor": "middle", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" });
      const handle = view.handle(plane, "at", scales);

      /* probability and loss over the same axis */
      const axis = { x: [-4.2, 4.2], left: 52, xticks: [-4, -2, 0, 2, 4] };
      const upper = side.plot({ ...axis, y: [-0.1, 1.1], ylabel: view.t("p"), top: 8, bottom: 218, yticks: [0, 0.5, 1], grid: true });
      const lower = side.plot({ ...axis, y: [0, 6], ylabel: view.t("loss"), xlabel: view.t("d"), top: 200, yticks: [0, 2, 4, 6], grid: true });
      const curve = (plot, attributes) => side.add("path", { fill: "none", "stroke-width": 2, ...attributes }, plot.layer);
      const sigmoid = curve(upper, { stroke: "currentColor" });
      const costs = [0, 1].map((y) => curve(lower, { stroke: `var(--c${y})`, "stroke-dasharray": y ? null : "6 3" }));
      [0, 1].forEach((y) => side.text(lower.sx(y ? -2.9 : 2.9), lower.sy(5.3), view.t("of", { y }), { "text-anchor": y ? "start" : "end", class: "soft mid" }));
      const dots = data.x.map((_, i) => [upper, lower].map((plot) => mark(side, data.y[i], plot.layer, 3.6)));
      const line = { stroke: "var(--c2)", "stroke-width": 3.5, fill: "none" };
      const far = side.add("path", line);
      const rise = [upper, lower].map(() => side.add("path", { ...line, "stroke-width": 1.8, "stroke-dasharray": "4 3" }));
      const beads = [0, 1].map(() => side.add("circle", { r: 6, fill: "var(--c2)", stroke: "var(--paper)", "stroke-width": 1.5 }));
      const tags = [0, 1].map(() => side.text(0, 0, "", { class: "bold", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" }));
      const grid = Array.from({ length: 127 }, (_, i) => -4.2 + i / 15);
      let painted = null;

      return function draw() {
        const { normal: [u, v], own, examples } = facts(view);
        const { length, shift } = view.values;
        const stage = view.step;
        const phase = D.ease(view.phase);

        const theme = view.rgb("c0") + view.rgb("c1");
        const key = [u, v, length, shift, theme].join();
        if (painted !== key) {
          painted = key;
          const [cold, hot] = [view.rgb("c0"), view.rgb("c1")];
          paint((a, b) => {
            const q = M.sigmoid(length * (u * a + v * b - shift));
            return [...(q < 0.5 ? cold : hot), 10 + 190 * Math.abs(q - 0.5)];
          });
          D.set(sigmoid, { d: D.path(grid.map((d) => [upper.sx(d), upper.sy(M.sigmoid(length * d))])) });
          costs.forEach((node, y) => D.set(node, { d: D.path(grid.map((d) => [lower.sx(d), lower.sy(M.softplus(length * d) - y * length * d)])) }));
        }
        const at = (a, b) => [sx(a), sy(b)];
        const foot = own.x.map((value, i) => value - own.d * [u, v][i]);
        D.set(border, { d: D.path([at(u * shift - 9 * v, v * shift + 9 * u), at(u * shift + 9 * v, v * shift - 9 * u)]) });
        const tip = 0.28 * length; // drawn shorter than it is
        const [a, b] = [u * shift, v * shift];
        const head = (side) => at(a + u * (tip - 0.12) - side * 0.08 * v, b + v * (tip - 0.12) + side * 0.08 * u);
        D.set(arrow, { d: D.path([at(a, b), at(a + u * tip, b + v * tip), head(1)]) + D.path([at(a + u * tip, b + v * tip), head(-1)]) });
        const [wx, wy] = at(a + u * (tip + 0.16), b + v * (tip + 0.16));
        D.set(named, { x: D.clamp(wx, sx(-2.25), sx(2.25)), y: D.clamp(wy, sy(2.2), sy(-2.3)) + 5 });
        D.set(reach, { d: D.path([at(...foot), at(...own.x)]) });
        const corner = (i, j) => at(foot[0] + 0.1 * (i * u * Math.sign(own.d) - j * v), foot[1] + 0.1 * (i * v * Math.sign(own.d) + j * u));
        D.set(square, { d: D.path([corner(1, 0), corner(1, 1), corner(0, 1)]), visibility: Math.abs(own.d) > 0.2 ? null : "hidden" });
        const [mx, my] = at((foot[0] + own.x[0]) / 2 + 0.55 * v, (foot[1] + own.x[1]) / 2 - 0.25 * u);
        D.set(said, { text: `d = ${D.format(own.d, 3, true)}`, x: D.clamp(mx, sx(-1.95), sx(1.95)), y: D.clamp(my, sy(2.2), sy(-2.3)) + 4 });
        handle.update();

        /* right: the segment d on the axis, up to p, down to the loss */
        const everyone = stage === 3;
        const share = everyone ? phase : 0;
        marks.forEach((node) => D.set(node, { "fill-opacity": 0.4 + 0.6 * share }));
        D.set(sigmoid, { "stroke-opacity": stage ? 1 : 0.25 });
        costs.forEach((node, y) => {
          const shown = stage > 1 && own.y === y ? 1 : everyone ? 0.25 + 0.5 * phase : 0.25;
          D.set(node, { "stroke-opacity": shown });
        });
        examples.forEach(({ d, y, loss }, i) => [upper.sy(y), lower.sy(Math.min(loss, 6))].forEach((to, k) => {
          D.set(dots[i][k], { visibility: everyone ? null : "hidden", "fill-opacity": share });
          move(dots[i][k], [upper, lower][k].sx(d), to);
        }));
        const x = upper.sx(own.d);
        D.set(far, { d: D.path([[upper.sx(0), upper.sy(-0.1)], [x, upper.sy(-0.1)]]) });
        [upper.sy(own.p), lower.sy(Math.min(own.loss, 6))].forEach((to, k) => {
          const from = [upper, lower][k].sy.range[0];
          const known = stage > k;
          const y = stage === k + 1 ? D.mix(from, to, phase) : to;
          D.set(rise[k], { d: D.path([[x, from], [x, y]]), visibility: known ? null : "hidden" });
          D.set(beads[k], { cx: x, cy: known ? y : from, visibility: known || !k ? null : "hidden" });
          const left = own.d > 1.6;
          const text = `${view.t(k ? "loss" : "p")} ${k ? "" : "= "}${D.format(k ? own.loss : own.p, 3, true)}`;
          D.set(tags[k], {
            text, x: x + (left ? -11 : 11), "text-anchor": left ? "end" : "start",
            y: D.clamp(y + (k || own.p < 0.5 ? (everyone ? -13 : -6) : 16), [upper, lower][k].sy.range[1] + 12, 999), visibility: known ? null : "hidden",
          });
        });
      };
    },
  });
})();
