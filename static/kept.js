// What lies on this phone and not with the server yet: one record a page, for the page and for its service worker.
// {id, until, key, touched: {field: {at, values: [[name, value], …]}}, send: {address, fields} once she pressed "Send"}
const kept = (() => {
  let database;
  const open = () => database ||= new Promise((resolve, reject) => {
    const asked = indexedDB.open("answers", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("pages", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const run = async (mode, ask) => {
    const transaction = (await open()).transaction("pages", mode);
    const asked = ask(transaction.objectStore("pages"));
    transaction.commit(); // at once: a page that is closed takes back what waits
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };

  const read = (id) => run("readonly", (pages) => pages.get(id));
  const write = (record) => run("readwrite", (pages) => pages.put(record));
  const forget = (id) => Promise.all([
    run("readwrite", (pages) => pages.delete(id)).catch(() => {}),
    self.caches && caches.delete(`page-${id}`),
  ]);
  const forgetClosed = async () => {
    for (const record of await run("readonly", (pages) => pages.getAll())) {
      if (record.until * 1000 < Date.now()) await forget(record.id);
    }
  };

  // Every field as it is; a page that lay here for days has an old token, and asks for a fresh one
  const post = async (address, fields, wait = 30000) => {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), wait);
    const ask = (method) => fetch(address, { ...method, signal: patience.signal });
    try {
      const answer = await ask({ method: "POST", body });
      if (answer.status !== 400) return answer;
      const fresh = /name="csrf_token" value="([^"]+)"/.exec(await (await ask()).text());
      if (!fresh) return answer;
      body.set("csrf_token", fresh[1]);
      return await ask({ method: "POST", body });
    } finally {
      clearTimeout(timer);
    }
  };
  const deliver = ({ address, fields }) => post(address, fields);

  return { read, write, forget, forgetClosed, post, deliver };
})();
