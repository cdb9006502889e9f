/* Softmax and cross-entropy. Everything here is a forward computation; p - y is worked out from p. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const STAGES = ["logits", "exp", "divide", "loss", "pull"];

  function facts(view) {
    const { values, data } = view;
    const z = Array.from({ length: data.classes }, (_, k) => values[`z${k + 1}`]);
    const scaled = z.map((value) => value / values.temperature);
    const top = M.argmax(z);
    const e = z.map((value) => Math.exp((value - z[top]) / values.temperature));
    const p = M.softmax(z, values.temperature);
    const c = values.label - 1;
    const y = z.map((_, k) => (k === c ? 1 : 0));
    return {
      z, scaled, top, e, p, c, y, pull: p.map((value, k) => value - y[k]),
      loss: M.crossentropyFromLogits(c, scaled), total: M.sum(e),
    };
  }

  Glass.scene("softmax", {
    count: () => STAGES.length,

    change(view, name) { // whoever moves a logit wants to see everything
      if (name !== "label") view.step = view.last;
    },

    milliseconds: () => 1200,

    caption(view) {
      const { z, top, p, c, pull, loss, total } = facts(view);
      return view.t(`say_${STAGES[view.step]}`, {
        top: top + 1, z: z[top], t: view.values.temperature, total, best: p[top], c: c + 1, p: p[c], loss, own: pull[c],
      });
    },

    rows(view) {
      const { z, scaled, e, p, y, pull, loss, total } = facts(view);
      return z.map((value, k) => [view.t(`class_${k + 1}`), value, scaled[k], e[k], p[k], y[k], pull[k]]).concat([
        [view.t("sum"), "", "", total, M.sum(p), 1, M.sum(pull)],
        [view.t("loss"), "", "", "", "", "", loss],
      ]);
    },

    setup(view) {
      const { classes, reach } = view.data;
      const panels = [["logits", 250], ["parts", 290], ["pulls", 240]].map(([key, width]) =>
        view.panel({ width, height: 300, title: view.t(key) }));
      const domains = [[-reach - 1, reach + 1], [0, 1.18], [-1.25, 1.25]];
      const ticks = [[-4, -2, 0, 2, 4], [0, 0.5, 1], [-1, 0, 1]];
      const plots = panels.map((panel, i) => panel.plot({
        x: [0.4, classes + 0.6], y: domains[i], xticks: [], yticks: ticks[i], grid: true, left: 34, right: 4,
      }));
      const wide = 0.6; // of a bar, in classes

      /** A bar from zero to a value over class k of panel i; D.set moves it. */
      const bar = (i, attributes) => panels[i].add("rect", { rx: 1.5, ...attributes });
      const put = (i, node, k, value, more) => {
        const { sx, sy } = plots[i];
        const [low, high] = sy.domain;
        const to = sy(D.clamp(value, low, high));
        D.set(node, { x: sx(k + 1 - wide / 2), width: sx(wide) - sx(0), y: Math.min(to, sy(0)), height: Math.abs(to - sy(0)), ...more });
      };
      const word = (i, k, y, attributes) => panels[i].text(plots[i].sx(k + 1), y, "", { "text-anchor": "middle", ...attributes });
      plots.forEach(({ sx, sy }, i) => {
        if (i !== 1) panels[i].add("line", { x1: sx.range[0], x2: sx.range[1], y1: sy(0), y2: sy(0), class: "axis" });
      });

      const columns = Array.from({ length: classes }, (_, k) => {
        const names = [0, 1, 2].map((i) => D.set(word(i, k, 278), { text: view.t(`class_${k + 1}`) }));
        return {
          names,
          marks: [0, 1, 2].map((i) => word(i, k, 295, { class: "small soft" })),
          logit: bar(0, { fill: "var(--c0)", "fill-opacity": 0.75 }),
          said: word(0, k, 0, { class: "mid" }),
          outline: bar(1, { fill: "none", stroke: "var(--edge)", "stroke-dasharray": "3 3", "stroke-width": 1.4 }),
          target: bar(1, { fill: "none", stroke: "var(--c1)", "stroke-width": 2.2 }),
          part: bar(1, { fill: "var(--c0)" }),
          share: word(1, k, 0, { class: "mid", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" }),
          pull: bar(2, { fill: "var(--gradient)" }),
          amount: word(2, k, 0, { class: "mid" }),
        };
      });
      const loss = panels[1].text(plots[1].sx.range[1], 18, "", { class: "bold", "text-anchor": "end", stroke: "var(--paper)", "stroke-width": 4, "paint-order": "stroke" });

      /* a bar of z can be dragged; the keyboard has its slider */
      columns.forEach((column, k) => {
        const { sx, sy } = plots[0];
        const grip = panels[0].add("g", { class: "handle" });
        panels[0].add("rect", { class: "touch", x: sx(k + 0.55), width: sx(0.9) - sx(0), y: sy.range[1], height: sy.range[0] - sy.range[1] }, grip);
        column.knob = panels[0].add("rect", { class: "dot", width: sx(wide) - sx(0) + 4, height: 8, rx: 4, x: sx(k + 1 - wide / 2) - 2 }, grip);
        const drag = (event) => {
          const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(panels[0].svg.getScreenCTM().inverse());
          const value = D.clamp(Math.round(10 * sy.invert(place.y)) / 10, -reach, reach);
          if (value !== view.values[`z${k + 1}`]) view.change(`z${k + 1}`, value);
        };
        grip.addEventListener("pointerdown", (event) => {
          grip.setPointerCapture(event.pointerId);
          event.preventDefault();
          drag(event);
        });
        grip.addEventListener("pointermove", (event) => {
          if (grip.hasPointerCapture(event.pointerId)) drag(event);
        });
      });

      const round = (value) => D.format(Math.abs(value) < 5e-4 ? 0 : Number(value.toFixed(3)), 3, true);

      return function draw() {
        const f = facts(view);
        const stage = view.step;
        const phase = D.ease(view.phase);
        const grown = (wanted) => (stage > wanted ? 1 : stage === wanted ? phase : 0);
        columns.forEach((column, k) => {
          const own = k === f.c;
          put(0, column.logit, k, f.z[k]);
          const tip = plots[0].sy(f.z[k]);
          D.set(column.knob, { y: tip - 4 });
          D.set(column.said, { y: f.z[k] < 0 ? tip + 20 : tip - 10, text: D.format(f.z[k], 3, true) });
          column.names.forEach((node) => D.set(node, { class: own ? "bold" : null }));
          column.marks.forEach((node) => D.set(node, { text: own ? view.t("true") : "" }));

          const value = D.mix(f.e[k] * grown(1), f.p[k], grown(2));
          put(1, column.outline, k, f.e[k] * grown(1), { "stroke-opacity": stage > 1 ? 1 : 0 });
          put(1, column.part, k, value, { "fill-opacity": own || stage < 3 ? 0.9 : D.mix(0.9, 0.5, grown(3)) });
          put(1, column.target, k, 1, { visibility: own && stage > 2 ? null : "hidden", "stroke-opacity": grown(3) });
          D.set(column.share, { y: plots[1].sy(value) - 5, text: stage ? round(stage > 1 ? f.p[k] : f.e[k]) : "" });

          const pull = f.pull[k] * grown(4);
          put(2, column.pull, k, pull);
          D.set(column.amount, { y: plots[2].sy(pull) + (pull < 0 ? 15 : -5), text: stage > 3 ? round(f.pull[k]) : "" });
        });
        D.set(loss, { text: stage > 2 ? view.t("loss_is", { loss: D.format(f.loss, 3, true) }) : "" });
      };
    },
  });
})();
