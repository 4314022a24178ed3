// While an alert is written, show how it will read. Without script the page shows it after each Save.
const editor = document.querySelector("[data-preview]");
const form = editor?.closest("form");
const shown = document.getElementById("preview");
let waiting = 0;
let asked = 0;

async function refresh() {
  asked += 1;
  const mine = asked;
  const answer = await fetch(editor.dataset.preview, { method: "POST", body: new FormData(form) });
  if (answer.ok && mine === asked) shown.innerHTML = await answer.text();
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => refresh().catch(() => {}), 600);
});
