// What makes the pages live: search as one types, matches as one types, and new commits without reload.
// Answers come as HTML from the server, which escapes them; what is taken out of them holds no script that runs.
"use strict";

const FOLLOW = 2000, TYPING = 300;
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// --- a region of the page, taken anew ---------------------------------------------------------

function refresh(next) {
  const fresh = next.getElementById("live"), old = document.getElementById("live");
  if (!fresh || !old) return;
  const key = (details) => details.querySelector("summary")?.textContent;
  const open = new Set([...old.querySelectorAll("details[open]")].map(key));
  const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  const node = document.importNode(fresh, true);
  for (const details of node.querySelectorAll("details")) if (open.has(key(details))) details.open = true;
  old.replaceWith(node);
  if (focused) [...node.querySelectorAll("a, summary")].find((one) => one.textContent === focused)?.focus();
  document.body.dataset.commit = next.body.dataset.commit;
  document.getElementById("commit").textContent = `commit ${next.body.dataset.commit}`;
}

let latest = 0;
async function load(address) {
  const turn = ++latest;
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (answer.ok && turn === latest) refresh(parse(await answer.text()));
  return turn === latest;
}

async function follow() {
  try {
    if (!document.hidden && document.getElementById("live")) {
      const status = await (await fetch("/api/status")).json();
      if (String(status.commit) !== document.body.dataset.commit) await load(location.href);
    }
  } catch { /* the server is away: it is asked again */ }
  setTimeout(follow, FOLLOW);
}

// --- search as one types ----------------------------------------------------------------------

function later(call) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(call, TYPING); };
}

for (const form of document.querySelectorAll("form[data-typing]")) {
  const search = async () => {
    const fields = [...new FormData(form)].filter(([, value]) => value !== "");
    const address = fields.length ? `/?${new URLSearchParams(fields)}` : "/";
    try {
      if (form.checkValidity() && await load(address)) history.replaceState(null, "", address);
    } catch { /* away */ }
  };
  form.addEventListener("input", later(search));
}

// --- matches as one types ---------------------------------------------------------------------

for (const form of document.querySelectorAll("form[data-asking]")) {
  const text = form.elements.text, kind = form.elements.kind, file = form.querySelector("[type=file]");
  const found = document.getElementById("found"), problem = document.getElementById("problem");
  let asked = null;
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    problem.textContent = "";
    if (!text.value.trim()) { found.replaceChildren(); return; }
    try {
      const answer = await fetch(`/query?kind=${encodeURIComponent(kind.value)}`, {
        method: "POST", body: text.value, headers: { "content-type": "text/plain;charset=utf-8" }, signal: asked.signal,
      });
      const page = parse(await answer.text());
      if (answer.ok) found.replaceChildren(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
      else problem.textContent = page.querySelector("[role=alert]")?.textContent ?? page.body.textContent;
    } catch (error) {
      if (error.name !== "AbortError") problem.textContent = "The server does not answer.";
    }
  };
  form.addEventListener("input", later(ask));
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  file.closest("label").hidden = false;
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    text.value = decode(await file.files[0].arrayBuffer());
    ask();
  });
}

// As the server reads a file: its mark, UTF-8, what its HTML names, Windows-1252.
function decode(bytes) {
  const [a, b] = new Uint8Array(bytes);
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { /* another one */ }
  const head = new TextDecoder("windows-1252").decode(bytes.slice(0, 4096));
  const named = /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(head);
  try { return new TextDecoder(named ? named[1] : "windows-1252").decode(bytes); }
  catch { return new TextDecoder("windows-1252").decode(bytes); }
}

setTimeout(follow, FOLLOW);
