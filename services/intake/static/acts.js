// What a person does at the board: one call per press, told in plain words, harmless when it is pressed twice.

import { $, element, leave } from "./drawing.js";

const TRIES = 8;
const PAUSE_MS = 700;
const OVER = { // the row is no longer anybody's here to act on
  already_taken: "Somebody else has it already.",
  offer_over: "This offer is over.",
  superseded: "It has moved on since.",
  not_yours: "It is not yours any more.",
  wrong_state: "It has changed since and cannot be done any more.",
};
const STAYS = {
  not_eligible: "This responder cannot take it.",
  opposite_sides: "This responder works for somebody on the other side.",
  not_found: "It is not there, or not there yet. Try again in a moment.",
  forbidden: "Your role may not do this.",
  csrf_refused: "Your session has changed. Load the page again.",
  too_many_requests: "Too many calls at once. Try again in a moment.",
};
const keys = new Map();

export const session = {
  subject: "",
  roles: [],
  csrf: "",
  may(role) { return this.roles.includes(role); },
};

// Who is at this board. Whether anybody is: without a session the page is asked for again, and is the sign-in then.
export async function signIn() {
  const answer = await fetch("/board/session");
  if (answer.status === 401) { window.location.reload(); return false; }
  if (!answer.ok) throw new Error("no session");
  Object.assign(session, await answer.json());
  $("who").replaceChildren(element("span", {}, `${session.subject} (${session.roles.join(", ") || "no role"})`),
    button("sign-out", "Sign out", "Sign out of the board", signOut));
  return true;
}

async function signOut(pressed) {
  busy(pressed, true);
  const answer = await fetch("/board/session", { method: "DELETE", headers: { "Sameroof-CSRF": session.csrf } }).catch(() => null);
  if (answer && (answer.ok || answer.status === 401)) window.location.reload();
  else { busy(pressed, false); tell("Signing out did not work. Try again.", "bad"); }
}

// Where it is seen and spoken: on the page, or in the dialog that covers it.
export function tell(words, state = "good") {
  for (const place of document.querySelectorAll(".told")) {
    place.dataset.state = state;
    place.textContent = words;
  }
}

export function button(name, text, spoken, press) {
  const made = element("button", { type: "button", "data-act": name, "aria-label": spoken }, text);
  made.addEventListener("click", () => { if (made.getAttribute("aria-busy") !== "true") press(made); });
  return made;
}

// Not `disabled`: that would take the keyboard's place away. `button` lets nothing through meanwhile.
function busy(pressed, now) {
  pressed.setAttribute("aria-busy", String(now));
}

// One deed: the button shows that it is under way, the row leaves when it is done or over, and else the button comes back.
// `otherwise(code)` may take a refusal on itself: then it is not told here.
export async function act({ pressed, row, path, body, done, otherwise }) {
  busy(pressed, true);
  const { ok, code } = await send(path, body);
  busy(pressed, false);
  if (ok || code in OVER) {
    leave(row);
    tell(ok ? done : OVER[code], ok ? "good" : "bad");
  } else if (code === "unauthenticated") {
    tell("Your session is over. Sign in again.", "bad");
    window.setTimeout(() => window.location.reload(), 2000);
  } else if (!(otherwise && await otherwise(code))) {
    tell(STAYS[code] || "It could not be done right now. Try again.", "bad");
  }
}

// The same call under the same key until it is answered: 202 is no answer yet, 503 and a lost line are none at all.
export async function send(path, body) {
  const what = `${path} ${JSON.stringify(body || {})}`;
  if (!keys.has(what)) keys.set(what, fresh());
  const headers = { "Content-Type": "application/json", "Idempotency-Key": keys.get(what), "Sameroof-CSRF": session.csrf };
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried) await new Promise((go) => { window.setTimeout(go, PAUSE_MS); });
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body || {}) }).catch(() => null);
    if (!answer || answer.status === 202 || answer.status >= 500) continue;
    keys.delete(what); // answered: doing it again is another deed
    return answer.ok ? { ok: true } : { ok: false, code: (await answer.json().catch(() => ({}))).code };
  }
  return { ok: false }; // the key is kept: whoever presses again asks for the same deed
}

function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export function choice(name, label, options) {
  const made = element("select", { name, "aria-label": label });
  made.append(...options.map(([value, text]) => element("option", { value }, text)));
  return made;
}
