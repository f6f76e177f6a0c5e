// The dashboard works without this file. It adds: the login code out of the address bar, upload progress, and live
// pages while a change runs. It never writes markup from data: text goes in as text.

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Says `text` where screen readers hear it, as a notice of `kind` (good, bad, warn). */
function say(place, text, kind) {
  place.textContent = text;
  place.className = `notice ${kind}`;
  place.hidden = false;
}

/** What a failed answer says to a person: its detail and its remedy. */
function explain(status, body) {
  try {
    const problem = JSON.parse(body);
    return [problem.detail ?? problem.title, problem.remedy].filter(Boolean).join(" ");
  } catch {
    return `The hub answered ${status}.`;
  }
}

/** Takes the one-time code out of the fragment, so that it is neither sent in a URL nor kept in the history. */
function takeLoginCode() {
  const field = document.querySelector("#code");
  const match = /^#code=([\w-]+)$/.exec(location.hash);
  if (!field || !match) return;
  history.replaceState(null, "", location.pathname);
  field.value = match[1];
  document.querySelector("#code-note")?.removeAttribute("hidden");
}

function upload(form) {
  const file = form.elements.artifact.files[0];
  const notice = form.querySelector("[data-notice]");
  const bar = form.querySelector("progress");
  if (!file) return say(notice, "Choose a file first.", "warn");
  const request = new XMLHttpRequest();
  request.open("PUT", `/api/v1/artifacts/${encodeURIComponent(file.name)}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-CSRF-Token", csrf);
  let spoken = 0;
  request.upload.onprogress = (event) => {
    if (!event.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.total;
    bar.value = event.loaded;
    if (event.timeStamp - spoken > 5000) {
      spoken = event.timeStamp;
      say(notice, `${Math.round((100 * event.loaded) / event.total)} % of ${file.name} sent.`, "warn");
    }
  };
  request.onerror = () => say(notice, "The connection broke. Nothing was stored; send the file again.", "bad");
  request.onload = () => {
    if (request.status >= 300) return say(notice, explain(request.status, request.responseText), "bad");
    const artifact = JSON.parse(request.responseText);
    sessionStorage.setItem("said", `${file.name} arrived whole: SHA-256 ${artifact.sha256}`);
    location.reload();
  };
  say(notice, `Sending ${file.name} …`, "warn");
  request.send(file);
}

function enhanceUploads() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      upload(form);
    });
  }
}

/** Repeats after a reload what was said before it. */
function repeatLastWords() {
  const said = sessionStorage.getItem("said");
  const place = document.querySelector("#said");
  if (!said || !place) return;
  sessionStorage.removeItem("said");
  say(place, said, "good");
}

/** Reloads the page when a change that is shown as running moves on. */
function followChanges() {
  const running = document.querySelector("[data-follow]");
  if (!running) return;
  const source = new EventSource(`/api/v1/changes/${encodeURIComponent(running.dataset.follow)}/events`);
  const shown = running.dataset.state;
  const move = (event) => {
    const change = JSON.parse(event.data);
    const live = document.querySelector("#live");
    if (live && change.state) live.textContent = `Change ${running.dataset.follow}: ${change.state}`;
    if (change.state && change.state !== shown) {
      source.close();
      location.reload();
    }
  };
  source.onmessage = move;
  source.addEventListener("change", move);
}

/** Times are written in UTC; the reader's own time is the tooltip. */
function localTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = new Date(time.dateTime).toLocaleString();
  }
}

takeLoginCode();
addEventListener("hashchange", takeLoginCode); // the link was opened while the page was already there
repeatLastWords();
enhanceUploads();
followChanges();
localTimes();
