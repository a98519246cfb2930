// How the board is drawn: elements, ages, lists whose rows stay while they are worked in. Nothing is ever parsed as HTML.

const SOON_SECONDS = 120;
export const $ = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function age(since) {
  if (!since) return "";
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function until(due) {
  const seconds = Math.round((Date.parse(due) - Date.now()) / 1000);
  const size = Math.abs(seconds);
  const words = size < 120 ? `${size} s` : size < 7200 ? `${Math.floor(size / 60)} min` : `${Math.floor(size / 3600)} h`;
  return seconds < 0 ? { text: `late by ${words}`, state: "late" } : { text: `in ${words}`, state: seconds < SOON_SECONDS ? "soon" : "fine" };
}

export function bandTag(band) {
  return element("span", { class: "band", "data-band": band }, band);
}

// One row for each item, in their order. A row is made anew when what it shows has changed, but not while a call of its is under way,
// nor while it `keeps(row, item)` what somebody is choosing in it.
export function rows(list, items, idOf, make, keeps = () => false) {
  const before = new Map([...list.children].map((row) => [row.dataset.key, row]));
  items.forEach((item, place) => {
    const key = idOf(item), shown = JSON.stringify(item);
    let row = before.get(key);
    before.delete(key);
    if (!row || (row.dataset.shown !== shown && !row.querySelector('[aria-busy="true"]') && !keeps(row, item))) {
      const made = make(item);
      made.dataset.key = key;
      made.dataset.shown = shown;
      if (row) replace(row, made);
      row = made;
    }
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
  });
  for (const gone of before.values()) leave(gone);
}

// Puts `made` in the place of `old`; who was at a button of the old one is at the same button of the new one.
export function replace(old, made) {
  const at = old.contains(document.activeElement) ? document.activeElement.dataset.act : undefined;
  old.replaceWith(made);
  if (at) made.querySelector(`[data-act="${at}"]`)?.focus();
}

// Takes a row away; who was in it is at its list, not at the beginning of the page.
export function leave(row) {
  const list = row.parentElement;
  const within = row.contains(document.activeElement);
  row.remove();
  if (within) list?.focus();
}
