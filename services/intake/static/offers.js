// What the responder at this board is asked right now. Covert cases and drills never come here: the pager alone tells of them.

import { act, button, choice, session } from "./acts.js";
import { $, bandTag, element, rows, until } from "./drawing.js";

const EVERY_MS = 5000;
const SOONEST_MS = 400;
const WHY_NOT = [["busy", "I am busy"], ["not_my_field", "Not my field"], ["language", "Not my language"],
  ["knows_them", "I know these people"], ["off_soon", "My shift ends"]];
let planned = 0;

export function watchOffers() {
  if (!session.may("responder")) return;
  $("offers-section").hidden = false;
  window.setInterval(refreshOffers, EVERY_MS);
  refreshOffers();
}

export function refreshOffers() {
  if (!session.may("responder") || planned) return;
  planned = window.setTimeout(async () => {
    const answer = await fetch("/v1/me/offers").catch(() => null);
    planned = 0;
    if (answer?.ok) draw((await answer.json()).offers);
  }, SOONEST_MS);
}

function draw(offers) {
  const open = offers.filter((one) => Date.parse(one.offered_until) > Date.now());
  const shown = open.map(({ offer_id, desk_id, band, code, offered_until }) => ({ offer_id, desk_id, band, code, offered_until }));
  rows($("offers"), shown, (one) => one.offer_id, offerRow);
  $("offers-count").textContent = String(shown.length);
  $("offers-none").hidden = shown.length > 0;
}

function offerRow(offer) {
  const about = `${offer.band} ${offer.code.replaceAll("_", " ")} at ${offer.desk_id}`;
  const why = choice("why", `Why you decline the ${about}`, WHY_NOT);
  const left = until(offer.offered_until);
  const row = element("li", { "data-offer": offer.offer_id }, bandTag(offer.band), element("strong", {}, offer.code.replaceAll("_", " ")),
    element("span", {}, offer.desk_id),
    element("time", { class: "due", datetime: offer.offered_until, "data-due": offer.offered_until, "data-state": left.state }, left.text));
  const answer = (pressed, verb, body, done) => {
    const other = row.querySelector(`[data-act]:not([data-act="${verb}"])`);
    if (other.getAttribute("aria-busy") === "true") return undefined; // one answer at a time
    return act({ pressed, row, path: `/v1/offers/${offer.offer_id}:${verb}`, body, done });
  };
  row.append(
    button("accept", "Accept", `Accept the ${about}`, (pressed) => answer(pressed, "accept", {}, `It is yours: ${about}.`)),
    element("span", { class: "pair" }, why,
      button("decline", "Decline", `Decline the ${about}`, (pressed) =>
        answer(pressed, "decline", { reason: why.value }, `Declined: ${about}.`))));
  return row;
}
