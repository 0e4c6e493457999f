// The slices of this visit: what was sent, what came back, what is still to come. Kept in this tab alone.

import { Problem, post } from "./api.js";

const BATCH_FILES = 16; // so that progress moves
const BATCH_BYTES = 32 * 2 ** 20;
const AT_A_TIME = 2;
const KEPT = 12; // explanations, for going back and forth
const BY_A_FILE = [400, 413, 415, 422]; // problems that one file of a request may have made

/** Tells `change` whenever something came in. An item is { key, file, row, position, thumbnail, series }. */
export class Session extends EventTarget {
  #batches = [];
  #queue = [];
  #running = 0;
  #keys = 0;
  #stop = new AbortController();
  #explanations = new Map();

  constructor(model) {
    super();
    this.model = model;
    this.window = model.window ?? "auto";
  }

  /** All items that came so far, in the order of the files. */
  get items() {
    return this.#batches.flatMap((batch) => batch.items ?? []);
  }

  /** How many files were given, how many are done, how many failed or were stopped, and why. */
  get progress() {
    const count = (batches) => batches.reduce((sum, batch) => sum + batch.files.length, 0);
    const failed = this.#batches.filter((batch) => batch.failed);
    return {
      total: count(this.#batches),
      done: count(this.#batches.filter((batch) => batch.items)),
      failed: count(failed),
      why: failed.at(-1)?.failed ?? "",
      busy: this.#running > 0 || this.#queue.length > 0,
    };
  }

  item(key) {
    return this.items.find((item) => item.key === key);
  }

  /** Sends files, each { file, name }, a few at a time. */
  add(files) {
    let batch = null;
    for (const one of files) {
      if (one.file.size > this.model.limits.bytes - 2 ** 16) {
        const most = Math.floor(this.model.limits.bytes / 2 ** 20);
        this.#batches.push({
          files: [one],
          items: [this.#unread(one, `it is larger than the ${most} MB that the server takes`)],
        });
        batch = null;
      } else {
        // One name once in a request: rows are given back to files by the changes of name.
        if (!batch || !this.#fits(batch, one)) this.#enqueue((batch = { files: [], bytes: 0 }));
        batch.files.push(one);
        batch.bytes += one.file.size;
      }
    }
    this.#pump();
  }

  /** Sends again what failed or was stopped. */
  retry() {
    for (const batch of this.#batches.filter((one) => one.failed)) {
      batch.failed = null;
      this.#queue.push(batch);
    }
    this.#pump();
  }

  /** Sends no more; what was not answered can be sent again. */
  stop() {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const batch of this.#queue.splice(0)) batch.failed = "It was stopped.";
    this.#changed();
  }

  /** Forgets everything. */
  clear() {
    this.stop();
    this.#batches = [];
    this.#explanations.clear();
    this.#changed();
  }

  /** Why the model answers as it does on one item. */
  explain(item, window, method) {
    const key = JSON.stringify([item.key, window, method]);
    const known = this.#explanations.get(key);
    this.#explanations.delete(key);
    const answer =
      known ?? post("/api/explain", [{ file: item.file, name: item.name }], { window, method, frame: item.row.frame });
    this.#explanations.set(key, answer);
    answer.catch(() => this.#explanations.delete(key));
    if (this.#explanations.size > KEPT) this.#explanations.delete(this.#explanations.keys().next().value);
    return answer;
  }

  #fits(batch, one) {
    const { files, bytes } = this.model.limits;
    return (
      batch.files.length < Math.min(BATCH_FILES, files) &&
      batch.bytes + one.file.size <= Math.min(BATCH_BYTES, bytes / 2) &&
      !batch.files.some(({ name }) => name === one.name)
    );
  }

  #enqueue(batch) {
    this.#batches.push(batch);
    this.#queue.push(batch);
  }

  #pump() {
    while (this.#running < AT_A_TIME && this.#queue.length) this.#run(this.#queue.shift());
    this.#changed();
  }

  async #run(batch) {
    this.#running += 1;
    const { signal } = this.#stop;
    try {
      const answer = await post("/api/predict", batch.files, { window: this.window }, signal);
      batch.items = this.#items(batch.files, answer);
    } catch (error) {
      this.#failed(batch, error);
    }
    this.#running -= 1;
    this.#pump();
  }

  #failed(batch, error) {
    if (!this.#batches.includes(batch)) return; // cleared meanwhile
    if (error.name === "AbortError") {
      batch.failed = "It was stopped.";
    } else if (error instanceof Problem && BY_A_FILE.includes(error.status)) {
      if (batch.files.length === 1) {
        batch.items = [this.#unread(batch.files[0], error.message.replace(/\.$/, ""))];
      } else {
        // one of them spoils it for the others
        const singles = batch.files.map((one) => ({ files: [one] }));
        this.#batches.splice(this.#batches.indexOf(batch), 1, ...singles);
        this.#queue.unshift(...singles);
      }
    } else {
      batch.failed = error.message;
    }
  }

  #items(files, { rows, row_series: series, positions, thumbnails }) {
    let place = 0;
    return rows.map((row, number) => ({
      key: this.#keys++,
      ...files[number > 0 && rows[number - 1].path !== row.path ? (place += 1) : place],
      row,
      position: positions[number],
      thumbnail: thumbnails[number],
      series: series[number],
    }));
  }

  #unread(one, reason) {
    const row = {
      path: one.name,
      frame: null,
      decision: "unreadable",
      class: null,
      probabilities: null,
      outlier_score: null,
      reason,
    };
    return { key: this.#keys++, ...one, row, position: null, thumbnail: null, series: null };
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
