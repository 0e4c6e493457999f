// The page: what the server has, which view is open, and the way between them.

import { get, greet } from "./api.js";
import { worth } from "./bars.js";
import { fill, h, say } from "./dom.js";
import { intake, takeDrops } from "./intake.js";
import { manySlices } from "./many.js";
import { runList, runView } from "./runs.js";
import { Session } from "./session.js";
import { oneSlice } from "./slice.js";
import { plural } from "./words.js";

const main = document.getElementById("main");
const served = await orNothing(greet());
const model = served.model ? await orNothing(get("/api/model")) : null;
const runs = served.runs ? await orNothing(get("/api/runs")) : null;
const session = model && new Session(model);
const many = model && manySlices(session, add);
let opened = 0; // counts views, so that a slow one does not cover a later one
let alone = false; // one file was given, which opens by itself

if (model) takeDrops(add);
dress();
addEventListener("hashchange", () => route(true));
session?.addEventListener("change", onChange);
route(false);

/** Takes files; a single slice is opened as soon as it is read. */
function add(files) {
  alone = !session.items.length && files.length === 1;
  say(`${plural(files.length, "file")} given`);
  session.add(files);
  if (here()[0] !== "") location.hash = "#/";
}

function onChange() {
  const {
    items,
    progress: { busy },
  } = session;
  if (alone && !busy) {
    alone = false;
    if (items.length === 1 && items[0].row.decision !== "unreadable") {
      location.hash = `#/slice/${items[0].key}`;
      return;
    }
  }
  if (!busy && items.length) say(`${plural(items.length, "slice")} read`);
  if (here()[0] === "") route(false);
}

/** The parts of the address after the hash; any other hash is a place in the page. */
function here() {
  return location.hash.startsWith("#/") ? location.hash.slice(2).split("/").map(decoded) : [model ? "" : "runs"];
}

async function route(moved) {
  if (location.hash && !location.hash.startsWith("#/")) return;
  const view = (opened += 1);
  let [part, ...rest] = here();
  if (part === "" && !model) part = "runs";
  for (const link of document.querySelectorAll("#nav a")) {
    if ((link.dataset.part === "runs") === (part === "runs")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  let node;
  try {
    node = part === "runs" ? await (rest.length ? runView(rest.slice(0, 2)) : runList()) : slices(part, rest);
  } catch (error) {
    node = h(
      "div",
      { class: "card", role: "alert" },
      h("h1", { tabindex: "-1" }, "This cannot be shown"),
      h("p", {}, error.message),
    );
  }
  if (view !== opened) return;
  if (main.firstElementChild !== node) fill(main, node);
  const title = main.querySelector("h1");
  document.title = title ? `${title.textContent} – hilum` : "hilum";
  if (moved) {
    title?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function slices(part, rest) {
  const item = part === "slice" && session.item(Number(rest[0]));
  if (item)
    return oneSlice(
      session,
      item,
      session.items.filter((one) => one.row.decision !== "unreadable"),
    );
  if (session.progress.total) {
    many.draw();
    return many.node;
  }
  return h(
    "div",
    { class: "start" },
    h("h1", { tabindex: "-1", class: "unseen" }, "Read chest CT slices"),
    intake(session, add, false),
    h(
      "section",
      { class: "card", "aria-labelledby": "worth-title" },
      h("h2", { id: "worth-title" }, "What this model's scores are worth"),
      worth(model),
    ),
  );
}

function dress() {
  const parts = [model && ["", "Slices"], (runs?.runs.length || !model) && ["runs", "Runs"]].filter(Boolean);
  fill(
    document.getElementById("nav"),
    parts.length > 1 && parts.map(([part, text]) => h("a", { href: `#/${part}`, "data-part": part }, text)),
  );
  if (!model) {
    fill(document.getElementById("foot"), h("p", {}, "Research use only."));
    return;
  }
  fill(document.getElementById("served"), h("b", {}, model.title), h("span", {}, `${model.classes.length} classes`));
  fill(document.getElementById("foot"), h("p", {}, model.notice));
  const warnings = [
    model.random_weights && "Random weights: the answers mean nothing.",
    model.synthetic && "Trained on synthetic phantom slices: for trying out alone.",
  ];
  for (const text of warnings.filter(Boolean)) main.before(h("p", { class: "banner across" }, text));
}

/** What was asked for; where it cannot be had, nothing else can be shown either. */
async function orNothing(promise) {
  try {
    return await promise;
  } catch (error) {
    fill(
      main,
      h("div", { class: "card", role: "alert" }, h("h1", {}, "The server cannot be asked"), h("p", {}, error.message)),
    );
    throw error;
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
