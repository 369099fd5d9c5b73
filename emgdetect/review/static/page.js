// Parts of the page that every module speaks to: elements by id, the banner, passing words, errors.

import { Gone, Refused } from "./api.js";
import { forgetKeys } from "./queue.js";

export const $ = (id) => document.getElementById(id);

let toastTimer = 0;
export function toast(text) {
  $("toast").textContent = text;
  $("toast").classList.add("show");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $("toast").classList.remove("show"), 2600);
}

export function banner(text, alarming = false) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
  $("banner").classList.toggle("alert", alarming);
}

const GONE = "The server does not answer. Everything decided before is saved, the last step is not. "
  + "Give the `emgdetect review` command again and go on in the page it opens.";

export function report(error) {
  forgetKeys(); // nobody wants to go on blindly
  if (error instanceof Gone) banner(GONE, true);
  else if (error instanceof Refused) toast(error.message);
  else {
    console.error(error);
    toast(String(error));
  }
}
