// What the page asks of its own server, and of no other.

const TOKEN = "hilum-token";
const MOST_WAITS = 30; // for a busy server, of a few seconds at the most

/** An answer that is none; `message` says why. Status 0: the server did not answer at all. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** The JSON at an address. */
export async function get(path) {
  return (await asked(path, {})).json();
}

/** What the server has, after its token was asked for where it wants one. */
export async function greet() {
  const has = await get("/healthz");
  if (has.token && !sessionStorage.getItem(TOKEN)) await askToken(null);
  return has;
}

/** The JSON that the server gives for files: a list of { file, name }. */
export async function post(path, files, fields = {}, signal = undefined) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    if (value !== null && value !== undefined) form.append(name, value);
  for (const { file, name } of files) form.append("files", file, name);
  return (await asked(path, { method: "POST", body: form, signal })).json();
}

async function asked(path, options) {
  for (let waits = 0; ;) {
    const token = sessionStorage.getItem(TOKEN);
    const headers = { "X-Requested-With": "hilum", ...(token && { Authorization: `Bearer ${token}` }) };
    let response;
    try {
      response = await fetch(path, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem(0, "The server did not answer, or a file changed after it was chosen.");
    }
    if (response.ok) return response;
    if (response.status === 401) await askToken(token);
    else if (response.status === 503 && waits++ < MOST_WAITS)
      await pause(response.headers.get("Retry-After"), options.signal);
    else throw new Problem(response.status, await detail(response));
  }
}

async function detail(response) {
  try {
    return (await response.json()).detail ?? response.statusText;
  } catch {
    return `The server answered with ${response.status}.`;
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * Math.min(Number(seconds) || 1, 5));
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

let asking = null; // all requests wait for one answer

function askToken(refused) {
  if (sessionStorage.getItem(TOKEN) !== refused) return Promise.resolve();
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("token");
    const field = document.getElementById("token-field");
    document.getElementById("token-wrong").hidden = !refused;
    field.value = "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener(
      "close",
      () => {
        sessionStorage.setItem(TOKEN, field.value.trim());
        field.value = "";
        asking = null;
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
  return asking;
}
