// Every page works without this file. It turns on what the design system adds for those who have script.
import { initAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// A link that a person is asked to keep is selected whole when they reach it.
for (const kept of document.querySelectorAll(".app-copy input")) {
  kept.addEventListener("focus", () => kept.select());
}

// Back leads to the report as it was typed, until it is sent. After that, on a computer that others use, it must not.
const SENT = "report-sent";
if (document.querySelector(".app-sent")) sessionStorage.setItem(SENT, "yes");
addEventListener("pageshow", (shown) => {
  if (!document.querySelector(".app-report") || !sessionStorage.getItem(SENT)) return;
  sessionStorage.removeItem(SENT);
  const [visit] = performance.getEntriesByType("navigation");
  if (shown.persisted || visit?.type === "back_forward") location.replace(location.pathname);
});
