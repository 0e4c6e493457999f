// The table of slices: sorted by any column, a page of rows at a time.

import { choice, h, say } from "./dom.js";
import { DECISIONS, DECISION_WORDS, byName, figure, percent, plural, readable, top } from "./words.js";

const PAGE = 100;

const COLUMNS = [
  {
    key: "path",
    title: "File",
    compare: (a, b) => byName(a.row.path, b.row.path) || (a.row.frame ?? 0) - (b.row.frame ?? 0),
  },
  {
    key: "decision",
    title: "Decision",
    compare: (a, b) => DECISIONS.indexOf(a.row.decision) - DECISIONS.indexOf(b.row.decision),
  },
  {
    key: "class",
    title: "Most probable",
    compare: (a, b) => byName(top(a.row)?.[0] ?? "\uffff", top(b.row)?.[0] ?? "\uffff"),
  },
  { key: "probability", title: "Probability", number: true, value: (item) => top(item.row)?.[1] },
  { key: "outlier", title: "Outlier score", number: true, wide: true, value: (item) => item.row.outlier_score },
  { key: "reason", title: "Reason", wide: true, compare: (a, b) => byName(a.row.reason, b.row.reason) },
];

/** The table of a session's slices; `show` takes those to show. */
export function table(session) {
  let [sorted, down, pages, items] = [null, false, 1, []];
  const body = h("tbody");
  const heads = COLUMNS.map((column) =>
    h(
      "th",
      { scope: "col", class: column.wide ? "wide" : null, "data-key": column.key },
      h(
        "button",
        { type: "button", class: "sort", click: () => sortBy(column, sorted === column && !down) },
        column.title,
        h("span", { "aria-hidden": "true" }),
      ),
    ),
  );
  // Where there is no room for all columns, and so none for their heads.
  const by = choice(
    "Sort by",
    [["", "As they were sent"], ...COLUMNS.map((column) => [column.key, column.title])],
    "",
    (key) => sortBy(COLUMNS.find((column) => column.key === key) ?? null, false),
    { id: "sort-by" },
  );
  const turn = h(
    "button",
    { type: "button", "aria-pressed": "false", disabled: true, click: () => sortBy(sorted, !down) },
    "Descending",
  );
  const sorting = h("div", { class: "sorting" }, by, turn);
  const more = h("button", {
    type: "button",
    hidden: true,
    click: () => {
      pages += 1;
      draw();
    },
  });
  const none = h("p", { class: "soft", hidden: true }, "No slice has this decision.");
  const list = h(
    "table",
    { class: "slices" },
    h("caption", { class: "unseen" }, "Slices and what the model answers"),
    h("thead", {}, h("tr", {}, h("td", { class: "thumb" }), heads)),
    body,
  );
  const node = h(
    "div",
    { class: "rows" },
    sorting,
    list,
    none,
    more,
  );

  function sortBy(column, descending) {
    [sorted, down] = [column, descending];
    heads.forEach((head, place) => {
      if (COLUMNS[place] === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    by.lastChild.value = column?.key ?? "";
    turn.disabled = !column;
    turn.setAttribute("aria-pressed", String(down));
    draw();
    say(column ? `Sorted by ${column.title.toLowerCase()}, ${down ? "descending" : "ascending"}` : "As they were sent");
  }

  function draw() {
    const shown = sorted ? [...items].sort((a, b) => (down ? -1 : 1) * order(sorted, a, b)) : items;
    const page = shown.slice(0, pages * PAGE);
    reuse(
      body,
      page.map((item) => rowOf(item, session)),
    );
    more.hidden = page.length === shown.length;
    more.textContent = `Show more (${plural(shown.length - page.length, "slice")} left)`;
    none.hidden = shown.length > 0 || !session.items.length; // before anything was read, nothing can be said
    for (const part of [list, sorting]) part.hidden = !shown.length;
  }

  return {
    node,
    show(found) {
      items = found;
      draw();
    },
  };
}

/** What has no value comes last in ascending order. */
function order(column, a, b) {
  if (column.compare) return column.compare(a, b);
  const [x, y] = [column.value(a) ?? Infinity, column.value(b) ?? Infinity];
  return x === y ? 0 : x - y;
}

const made = new WeakMap(); // rows by item: a table that grows builds each once

function rowOf(item, session) {
  if (!made.has(item)) made.set(item, drawn(item, session));
  return made.get(item);
}

/** Puts rows in place without touching those that are, so that focus and scrolling stay. */
function reuse(body, rows) {
  rows.forEach((row, place) => {
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null);
  });
  while (body.children.length > rows.length) body.lastChild.remove();
}

function drawn(item, session) {
  const { row } = item;
  const best = top(row);
  const name = row.frame ? `${row.path} · frame ${row.frame}` : row.path;
  const link =
    row.decision === "unreadable"
      ? h("span", { class: "path" }, name)
      : h("a", { class: "path", href: `#/slice/${item.key}` }, name);
  return h(
    "tr",
    { "data-decision": row.decision },
    h(
      "td",
      { class: "thumb" },
      item.thumbnail ? h("img", { src: item.thumbnail, alt: "", width: 48, height: 48 }) : h("span", { class: "none" }),
    ),
    h("th", { scope: "row" }, link, h("small", { class: "narrow" }, row.reason)),
    h(
      "td",
      {},
      badge(row.decision),
      h("small", { class: "phone" }, best ? `${readable(best[0])} ${percent(best[1])}` : row.reason),
    ),
    h("td", {}, best ? named(best[0], session.model.classes) : "–"),
    h("td", { class: "number" }, best ? percent(best[1]) : "–"),
    h("td", { class: "number wide" }, figure(row.outlier_score)),
    h("td", { class: "reason wide" }, row.reason),
  );
}

/** A class with its colour, which never stand on two lines. */
function named(name, classes) {
  const key = h("i", { class: `key c${classes.indexOf(name) % 7}`, "aria-hidden": "true" });
  return h("span", { class: "named" }, key, readable(name));
}

/** A decision with a shape of its own beside its colour. */
export function badge(decision) {
  return h("span", { class: `badge ${decision}` }, DECISION_WORDS[decision]);
}
