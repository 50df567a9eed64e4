// Opens the page behind a personal link without a line, once it was visited, and sends what she pressed "Send" for.
// It reaches the addresses under /r/ and nothing else. The server writes two lines above: CSP, and kept.js.
const PATIENCE = 6000; // milliseconds for a line that only seems to be there
const PAGE = /^\/r\/page\/([0-9a-f]{32})$/;
const LINK = /^\/r\/([\w-]{43})$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), kept.forgetClosed()])));

// The page as it came, under the rules it came with, and the files it names
self.addEventListener("message", (event) => {
  const { id, html, files } = event.data;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer" };
  const page = new Response(html, { headers });
  event.waitUntil(caches.open(`page-${id}`).then((cache) => Promise.all([cache.put(`/r/page/${id}`, page), cache.addAll(files)])));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(caches.match(request).then((file) => file || fetch(request)));
  else if (request.mode === "navigate" && PAGE.test(pathname)) event.respondWith(visit(request, PAGE.exec(pathname)[1]));
  else if (request.mode === "navigate" && LINK.test(pathname)) event.respondWith(follow(request, LINK.exec(pathname)[1], search));
});

const stored = (id) => caches.match(`/r/page/${id}`);

async function visit(request, id) {
  await kept.forgetClosed().catch(() => {});
  const page = await stored(id);
  const asked = fetch(request);
  if (!page) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, page));
  const answer = await Promise.race([asked.catch(() => page), late]);
  if (answer.status === 410) await kept.forget(id);
  return answer;
}

// The address of a page is half the digest of its link
async function follow(request, token, search) {
  try {
    return await fetch(request);
  } catch {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
    const id = [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return (await stored(id)) ? Response.redirect(`/r/page/${id}${search}`, 302) : Response.error();
  }
}

self.addEventListener("sync", (event) => event.waitUntil(send(event.tag)));

async function send(id) {
  const record = await kept.read(id);
  if (!record || !record.send) return;
  const answer = await kept.deliver(record.send);
  if (answer.status >= 500 || answer.status === 429) throw new Error("not sent"); // the browser tries again
  if (answer.ok && !answer.url.includes("again=")) await kept.forget(id);
  for (const page of await self.clients.matchAll()) if (page.url.includes(id)) page.navigate(answer.ok ? answer.url : page.url);
}
