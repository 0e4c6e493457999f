// Files as a user gives them: dropped, chosen, or whole folders of them. Each is { file, name }.

/** The files of a drop, those of folders too. Has to be called while the event is handled. */
export async function dropped(transfer) {
  const given = [...transfer.items].filter((item) => item.kind === "file");
  const sources = given.map((item) => [item.webkitGetAsEntry?.() ?? null, item.getAsFile()]);
  const found = await Promise.all(sources.map(([entry, file]) => (entry?.isDirectory ? walked(entry) : named(file))));
  return found.flat();
}

/** The files of a file picker; those of a folder in the order of their names, without what systems leave in folders. */
export function picked(list) {
  const files = [...list].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  if (!files.some(({ file }) => file.webkitRelativePath)) return files;
  return files.filter(({ name }) => name.split("/").every(visible)).sort((one, other) => compare(one.name, other.name));
}

function named(file) {
  return file ? [{ file, name: file.name }] : [];
}

async function walked(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (let some; (some = await promised((done, fail) => reader.readEntries(done, fail))).length;) entries.push(...some);
  const shown = entries.filter((entry) => visible(entry.name)).sort((one, other) => (one.name < other.name ? -1 : 1));
  const found = [];
  for (const entry of shown.filter((one) => one.isFile)) {
    found.push({
      file: await promised((done, fail) => entry.file(done, fail)),
      name: entry.fullPath.replace(/^\/+/, ""),
    });
  }
  for (const entry of shown.filter((one) => one.isDirectory)) found.push(...(await walked(entry)));
  return found;
}

const promised = (call) => new Promise((resolve, reject) => call(resolve, reject));

function visible(name) {
  return (
    !name.startsWith(".") && !name.startsWith("__MACOSX") && !["thumbs.db", "desktop.ini"].includes(name.toLowerCase())
  );
}

/** As `hilum predict` walks: the files of a folder by name, then its folders. */
function compare(one, other) {
  const [a, b] = [one.split("/"), other.split("/")];
  let place = 0;
  while (a[place] === b[place] && place < a.length - 1 && place < b.length - 1) place += 1;
  const [fileA, fileB] = [place === a.length - 1, place === b.length - 1];
  if (fileA !== fileB) return fileA ? -1 : 1;
  return a[place] < b[place] ? -1 : 1;
}
