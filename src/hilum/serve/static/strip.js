// A DICOM series as a strip: scroll through its slices, with the probability of each class drawn along them.

import { fill, h, resized, s } from "./dom.js";
import { DECISION_WORDS, percent, plural, readable, titled, top } from "./words.js";

const HEIGHT = 150;
const EDGE = { left: 34, right: 10, top: 8, bottom: 22 };
const STILL = 250; // milliseconds on a slice before its full picture is asked for

/** The strip of one series; `show` takes its items so far. */
export function strip(session, number) {
  let [items, place, timer, touched] = [[], 0, null, false];
  const { classes } = session.model;
  const title = h("h2", {}, `Series ${number}`);
  const summary = h("p", { class: "soft" });
  const picture = h("img", { alt: "", width: 200, height: 200 });
  const open = h("a", { class: "button" }, "Open this slice");
  const where = h("p", { class: "where" });
  const legend = h("ul", { class: "legend" });
  const range = h("input", {
    type: "range",
    min: 1,
    step: 1,
    value: 1,
    "aria-label": `Slice of series ${number}`,
    input: () => move(range.value - 1),
  });
  const chart = resized(drawn, { class: "chart" });
  const node = h(
    "section",
    { class: "card strip", "aria-label": `Series ${number}` },
    h("div", { class: "about" }, title, summary),
    h("div", { class: "look" }, picture, where, open),
    h("div", { class: "along" }, legend, chart, range),
  );

  const x = (at, width) => EDGE.left + ((width - EDGE.left - EDGE.right) * (at + 0.5)) / items.length;
  const y = (share) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - share);

  function drawn(width) {
    if (!items.length) return null;
    const svg = s("svg", {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      "aria-hidden": "true",
      pointerdown: (event) => {
        svg.setPointerCapture(event.pointerId);
        point(event);
      },
      pointermove: (event) => {
        if (event.buttons) point(event);
      },
    });
    const point = (event) => {
      const inner = event.clientX - svg.getBoundingClientRect().left - EDGE.left;
      move(Math.floor((inner / (width - EDGE.left - EDGE.right)) * items.length));
    };
    for (const share of [0, 0.5, 1]) {
      svg.append(
        s("line", { class: "rule", x1: EDGE.left, x2: width - EDGE.right, y1: y(share), y2: y(share) }),
        s("text", { x: EDGE.left - 6, y: y(share) + 4, "text-anchor": "end" }, String(share)),
      );
    }
    svg.append(...unanswered(width));
    svg.append(
      s("line", { class: "cursor", x1: x(place, width), x2: x(place, width), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }),
    );
    classes.forEach((name, at) =>
      svg.append(
        s("path", { class: `line c${at % 7}`, d: lineOf(name, width) }),
        ...(items.length <= 60 ? dots(name, at, width) : []),
      ),
    );
    return svg;
  }

  /** Grey behind the slices that were not answered, with a mark below. */
  function unanswered(width) {
    const wide = (width - EDGE.left - EDGE.right) / items.length;
    return items.flatMap((item, at) =>
      item.row.decision === "class"
        ? []
        : [
            s("rect", {
              class: "not",
              x: x(at, width) - wide / 2,
              y: EDGE.top,
              width: wide,
              height: HEIGHT - EDGE.top - EDGE.bottom,
            }),
            s("circle", {
              class: `tick ${item.row.decision}`,
              cx: x(at, width),
              cy: HEIGHT - 12,
              r: Math.min(4, wide / 2),
            }),
          ],
    );
  }

  function lineOf(name, width) {
    let pen = "M";
    return items
      .map((item, at) => {
        const share = item.row.probabilities?.[name];
        if (share === undefined) {
          pen = "M";
          return "";
        }
        const step = `${pen}${x(at, width).toFixed(1)} ${y(share).toFixed(1)}`;
        pen = "L";
        return step;
      })
      .join("");
  }

  function dots(name, at, width) {
    return items.flatMap((item, n) =>
      item.row.probabilities
        ? [s("circle", { class: `dot c${at % 7}`, cx: x(n, width), cy: y(item.row.probabilities[name]), r: 2 })]
        : [],
    );
  }

  function move(to) {
    touched = true;
    go(to);
  }

  function go(to) {
    place = Math.max(0, Math.min(items.length - 1, to));
    const item = items[place];
    range.value = place + 1;
    const [best, share] = top(item.row) ?? [null, null];
    const said =
      item.row.decision === "class"
        ? `${readable(best)}, ${percent(share)}`
        : DECISION_WORDS[item.row.decision].toLowerCase();
    range.setAttribute("aria-valuetext", `Slice ${place + 1} of ${items.length}: ${said}`);
    const millimetres = item.position === null ? "" : ` · ${item.position.toFixed(1)} mm`;
    fill(
      where,
      h("b", {}, `Slice ${place + 1} of ${items.length}`),
      millimetres,
      h("br"),
      h("span", { class: "path" }, item.row.path),
    );
    picture.src = item.thumbnail ?? "";
    open.href = `#/slice/${item.key}`;
    fill(
      legend,
      classes.map((name, at) =>
        h(
          "li",
          {},
          h("i", { class: `key c${at % 7}`, "aria-hidden": "true" }),
          readable(name),
          h("b", {}, percent(item.row.probabilities?.[name], 0)),
        ),
      ),
      h("li", {}, h("i", { class: "key not", "aria-hidden": "true" }), "not answered"),
    );
    if (chart.clientWidth) fill(chart, drawn(chart.clientWidth));
    clearTimeout(timer);
    timer = setTimeout(() => sharpen(item), STILL);
  }

  async function sharpen(item) {
    if (!node.isConnected || item !== items[place]) return;
    try {
      const answer = await session.explain(item, session.window, session.model.methods[0]);
      if (item === items[place]) picture.src = answer.picture;
    } catch {
      // The small picture stays; who opens the slice reads the reason.
    }
  }

  function show(found) {
    if (found.length === items.length && found.every((item, at) => item === ordered.get(at))) return;
    found.forEach((item, at) => ordered.set(at, item));
    const current = items[place];
    items = found.every((item) => item.position !== null) ? [...found].sort((a, b) => a.position - b.position) : found;
    range.max = items.length;
    fill(summary, summaryOf(items));
    go(touched ? items.indexOf(current) : Math.floor(items.length / 2));
  }
  const ordered = new Map(); // the items as they were last shown, before they were sorted

  return { node, show };
}

function summaryOf(items) {
  const answered = items.filter((item) => item.row.decision === "class");
  if (!answered.length) return `${plural(items.length, "slice")}, none answered`;
  const counts = new Map();
  for (const { row } of answered) counts.set(row.class, (counts.get(row.class) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${count} ${readable(name)}`);
  const rest = items.length - answered.length;
  return titled(`${plural(items.length, "slice")}: ${parts.join(", ")}${rest ? `, ${rest} not answered` : ""}`);
}
