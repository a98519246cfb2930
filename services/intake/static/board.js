// Draws what /v1/stream sends: one `snapshot`, then `change` events that replace whole parts.

import { act, button, session, signIn, tell } from "./acts.js";
import { $, age, bandTag, element, replace, rows, until } from "./drawing.js";
import { refreshOffers, watchOffers } from "./offers.js";
import { openQueue, refreshQueue } from "./queue.js";

const BANDS = ["P0", "P1", "P2", "P3"];
const KINDS = { acknowledge: "acknowledge", first_response: "first response", next_contact: "next contact", resolve: "resolve" };
const seen = { desks: new Map(), pages: [] };

function deskCard(desk) {
  const counts = desk.bands.map((one) =>
    element("tr", { "data-band": one.band, "data-waiting": one.waiting, "data-working": one.working },
      element("th", { scope: "row" }, bandTag(one.band)),
      element("td", { class: "number waiting" }, String(one.waiting)),
      element("td", { class: "age", "data-since": one.oldest_since || "" }, age(one.oldest_since)),
      element("td", { class: "number" }, String(one.working))));
  const head = element("tr", {}, element("th", { scope: "col" }, "Band"), element("th", { scope: "col" }, "Waiting"),
    element("th", { scope: "col" }, "Oldest"), element("th", { scope: "col" }, "In work"));
  const due = desk.deadlines.map((one) => {
    const left = until(one.due);
    return element("li", {}, bandTag(one.band), element("span", { class: "kind" }, KINDS[one.kind] || one.kind),
      element("time", { class: "due", datetime: one.due, "data-due": one.due, "data-state": left.state }, left.text));
  });
  const queue = session.may("supervisor") ? [button("queue", "Queue", `Queue of ${desk.desk_id}`, () => openQueue(desk.desk_id))] : [];
  const duty = desk.on_duty === 0 ? "nobody on duty" : `${desk.on_duty} on duty`;
  return element("article", { class: "desk", id: `desk-${desk.desk_id}`, "data-desk": desk.desk_id },
    element("h3", {}, desk.desk_id, element("span", { class: "duty", "data-empty": String(desk.on_duty === 0) }, duty)),
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...counts)),
    element("h4", {}, "Due next"),
    due.length ? element("ol", { class: "deadlines" }, ...due) : element("p", { class: "quiet" }, "Nothing is due."), ...queue);
}

function drawDesk(desk) {
  const old = $(`desk-${desk.desk_id}`);
  const before = seen.desks.get(desk.desk_id);
  const card = deskCard(desk);
  if (old) replace(old, card);
  else $("desks").append(card);
  const waiting = (one) => (one ? one.bands[0].waiting : 0);
  if (before && waiting(desk) > waiting(before)) $("spoken").textContent = `A new P0 waits at ${desk.desk_id}.`;
  seen.desks.set(desk.desk_id, desk);
}

function drawPages(given) {
  const pages = [...given].sort((one, other) => one.band.localeCompare(other.band) || one.raised_at.localeCompare(other.raised_at));
  seen.pages = pages;
  $("pages-count").textContent = String(pages.length);
  $("pages-none").hidden = pages.length > 0;
  $("pages-section").dataset.open = String(pages.length > 0);
  rows($("pages"), pages, (page) => page.page_id, pageRow);
}

function pageRow(page) {
  const row = element("li", { "data-page": page.page_id }, bandTag(page.band), element("strong", {}, page.desk_id),
    element("span", {}, page.recipient.replace(/^post:/, "")), element("span", { class: "kind" }, page.reason.replaceAll("_", " ")),
    element("time", { class: "age", datetime: page.raised_at, "data-since": page.raised_at }, age(page.raised_at)),
    element("span", { class: "quiet" }, page.dead_letter ? "dead letter" : page.gap_id ? "coverage gap" : page.delivered_at ? "delivered" : "not delivered yet"));
  if (page.dead_letter || !session.may("supervisor")) return row; // a dead letter ends when it is replayed or dropped
  const about = `page about ${page.desk_id}, ${page.reason.replaceAll("_", " ")}`;
  row.append(button("acknowledge", "Acknowledge", `Acknowledge the ${about}`, (pressed) =>
    act({ pressed, row, path: `/v1/pages/${page.page_id}:acknowledge`, done: `Acknowledged: the ${about}.` })));
  return row;
}

function drawTotals() {
  const parts = BANDS.map((band, place) => {
    const sum = [...seen.desks.values()].reduce((total, desk) => total + desk.bands[place].waiting, 0);
    return element("span", { class: "total", "data-band": band, "data-waiting": sum }, bandTag(band), element("b", {}, String(sum)), " waiting");
  });
  $("totals").replaceChildren(...parts);
}

function drawLink(state) {
  const texts = { live: "Live", connecting: "Reconnecting", down: "Bus unreachable, showing the last state" };
  $("link").dataset.state = state;
  $("link-text").textContent = texts[state];
}

function draw(update) {
  for (const desk of update.desks || []) drawDesk(desk);
  if (update.pages) drawPages(update.pages);
  drawTotals();
  drawLink(update.bus_up ? "live" : "down");
  refreshOffers();
  refreshQueue();
}

function tick() {
  $("clock").textContent = new Date().toISOString().slice(11, 19);
  for (const one of document.querySelectorAll("[data-since]")) one.textContent = age(one.dataset.since);
  for (const one of document.querySelectorAll("[data-due]")) {
    const left = until(one.dataset.due);
    one.textContent = left.text;
    one.dataset.state = left.state;
  }
}

function follow() {
  const stream = new EventSource("/v1/stream");
  stream.addEventListener("snapshot", (event) => {
    seen.desks.clear();
    $("desks").replaceChildren();
    draw(JSON.parse(event.data));
  });
  stream.addEventListener("change", (event) => draw(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    drawLink("connecting");
    // The browser retries by itself unless the answer was a refusal: then the session is over.
    if (stream.readyState === EventSource.CLOSED) window.setTimeout(() => window.location.reload(), 3000);
  });
}

async function begin() {
  tick();
  window.setInterval(tick, 1000);
  if (!(await signIn())) return;
  watchOffers();
  follow();
}

begin().catch(() => tell("The board could not start. Load the page again.", "bad"));
