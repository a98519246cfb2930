// A desk's queue, and giving a waiting track to somebody by hand.

import { act, button, choice, send, session, tell } from "./acts.js";
import { $, age, bandTag, element, rows } from "./drawing.js";

const WAITING = ["pending", "offered"];
const SOONEST_MS = 800;
const BEYOND = [["life_at_risk", "A life is at risk"], ["agreed_with_them", "They agreed"], ["nobody_else_able", "Nobody else is able"]];
const PRESENCES = { available: "there", wrap_up: "wrapping up", busy: "busy", away: "away" };
let desk = "";
let planned = 0;

export function openQueue(desk_id) {
  desk = desk_id;
  $("queue-title").textContent = `Queue of ${desk_id}`;
  $("queue").replaceChildren();
  $("queue-dialog").showModal();
  load();
}

$("queue-close").addEventListener("click", () => $("queue-dialog").close());
// The card whose button opened it may have been drawn anew since.
$("queue-dialog").addEventListener("close", () => document.querySelector(`#desk-${desk} [data-act="queue"]`)?.focus());

export function refreshQueue() {
  if (!$("queue-dialog").open || planned) return;
  planned = window.setTimeout(() => { planned = 0; load(); }, SOONEST_MS);
}

async function load() {
  const asked = desk;
  const answer = await fetch(`/v1/desks/${asked}/queue?limit=200`).catch(() => null);
  if (asked !== desk) return; // another desk was opened meanwhile
  if (!answer?.ok) { tell("The queue could not be read. Open it again.", "bad"); return; }
  const { tracks, next } = await answer.json();
  const shown = tracks.map(({ track_id, band, state, responder_id, received_at }) => ({ track_id, band, state, responder_id, received_at }));
  rows($("queue"), shown, (one) => one.track_id, trackRow, choosing);
  $("queue-none").hidden = shown.length > 0;
  $("queue-more").hidden = !next;
}

const choosing = (row, track) => row.querySelector("select") !== null && WAITING.includes(track.state);

function trackRow(track) {
  const row = element("li", { "data-track": track.track_id, "data-state": track.state }, bandTag(track.band),
    element("span", { class: "kind" }, track.state.replaceAll("_", " ")),
    element("time", { class: "age", datetime: track.received_at, "data-since": track.received_at }, age(track.received_at)));
  if (track.responder_id) row.append(element("span", {}, track.responder_id));
  if (WAITING.includes(track.state) && session.may("supervisor")) {
    row.append(button("choose", "Assign", `Assign the ${track.band} that waits since ${age(track.received_at)}`, (pressed) => choose(pressed, row, track)));
  }
  return row;
}

// Who is able, those with room first; `full` is only what the board knows, the desk judges.
async function choose(pressed, row, track) {
  pressed.setAttribute("aria-busy", "true");
  const answer = await fetch(`/v1/tracks/${track.track_id}/candidates`).catch(() => null);
  const found = answer?.ok ? (await answer.json()).candidates : null;
  pressed.setAttribute("aria-busy", "false");
  if (!found) { tell("Who is able could not be read. Try again.", "bad"); return; }
  if (!found.length) { tell("Nobody at this desk is able to take it.", "bad"); return; }
  const names = found.map((one) => [one.responder_id, `${one.responder_id}: ${PRESENCES[one.presence]}, ${one.load} of ${one.capacity}${one.room ? "" : ", full"}`]);
  const who = choice("who", "Give it to", names);
  const form = element("span", { class: "pair" }, who);
  form.append(button("assign", "Give it to them", "Give it to them, the responder chosen", (given) => assign(given, row, form, track)));
  pressed.replaceWith(form);
  who.focus();
}

function assign(pressed, row, form, track) {
  const who = form.querySelector("[name=who]").value;
  const why = form.querySelector("[name=why]");
  const body = { responder_id: who, only_waiting: true, ...(why && { reason: why.value }) };
  const path = `/v1/tracks/${track.track_id}:assign`;
  return act({ pressed, row, path, body, done: `Assigned to ${who}.`, otherwise: (code) => askWhy(code, path, who, form) });
}

// They cannot take it: when a reason would get past that (tried, not done), they are full, and the reason is asked for.
async function askWhy(code, path, who, form) {
  if (code !== "not_eligible" || form.querySelector("[name=why]")) return false;
  const tried = await send(`${path}?dry_run=true`, { responder_id: who, only_waiting: true, reason: BEYOND[0][0] });
  if (!tried.ok) return false;
  const why = choice("why", "Why beyond what they can carry", BEYOND);
  form.querySelector("[name=who]").after(why);
  form.querySelector("[name=who]").addEventListener("change", () => why.remove(), { once: true });
  why.focus();
  tell(`${who} is full. Say why they should take it all the same.`, "bad");
  return true;
}
