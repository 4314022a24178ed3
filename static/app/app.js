// Every page works without this file. It turns on what the design system adds for those who have script.
import { initAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// A link that a person is asked to keep is selected whole when they reach it.
for (const kept of document.querySelectorAll(".app-copy input")) {
  kept.addEventListener("focus", () => kept.select());
}
