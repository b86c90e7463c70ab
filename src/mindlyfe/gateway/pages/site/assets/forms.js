// What the forms share: the code from the link, time zones, sending, and saying what came back.

const LOCALES = { "en-GB": "English (UK)", "en-US": "English (US)", "de-DE": "Deutsch", "fr-FR": "Français",
  "es-ES": "Español", "it-IT": "Italiano", "nl-NL": "Nederlands", "pt-BR": "Português (Brasil)" };

/** Put the code after `#` into its field, which is shown only when the link had none. */
export function takeCode(form, name = "code") {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  form.elements[name].value = code;
  document.getElementById("code-field").hidden = true;
}

/** Fill the choices of time zone and language; the browser's own come first. */
export function offerChoices(form) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([own, ...Intl.supportedValuesOf("timeZone")])];
  for (const select of form.querySelectorAll("[data-zones]")) {
    select.replaceChildren(...zones.map((zone) => new Option(zone.replaceAll("_", " "), zone)));
  }
  for (const select of form.querySelectorAll("[data-locales]")) {
    select.replaceChildren(...Object.entries(LOCALES).map(([locale, words]) => new Option(words, locale)));
    select.value = navigator.language in LOCALES ? navigator.language : "en-GB";
  }
}

/** Send the form by `send` when it is submitted; afterwards show `#done` in its place, or what was refused.
 * `done` may name another place by its id. */
export function onSubmit(form, send, done = () => {}) {
  let key = crypto.randomUUID();
  form.addEventListener("input", () => (key = crypto.randomUUID()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(form, "", "");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const next = done(await send(values(form), key)) ?? "done";
      turn(form, next);
    } catch (refusal) {
      show(form, refusal);
    } finally {
      button.disabled = false;
    }
  });
}

/** Put the part of the page with this id in the form's place, and the reader there. */
export function turn(form, id) {
  form.hidden = true;
  const next = document.getElementById(id);
  next.hidden = false;
  next.querySelector("h2").tabIndex = -1;
  next.querySelector("h2").focus();
}

/** One request; throws the problem (RFC 9457) when it is refused. `key` makes it safe to repeat. */
export async function call(method, path, body, key) {
  const headers = { accept: "application/json" };
  if (body) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
  } catch {
    throw { detail: "The clinic's server cannot be reached. Check the connection and try again." };
  }
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : null;
  throw readable(text) ?? { detail: `The server answered ${answer.status}. Try again in a moment.` };
}

function readable(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What was entered, without spaces around it; a password may begin or end with one. */
function values(form) {
  const entered = [...new FormData(form)];
  return Object.fromEntries(
    entered.map(([name, value]) => [name, form.elements[name].type === "password" ? value : value.trim()]),
  );
}

/** Say at the form what was refused. */
export function show(form, problem) {
  const wrong = problem.errors ?? [];
  for (const input of form.querySelectorAll("input, select")) {
    input.toggleAttribute("aria-invalid", false);
    if (wrong.some((error) => error.field === input.name)) input.setAttribute("aria-invalid", "true");
  }
  const fields = wrong.map((error) => `${error.field}: ${error.message}`);
  say(form, [problem.detail ?? problem.title, ...fields].join(" "), "bad");
}

/** Say it where the form says what came back; `kind` is "bad" for a refusal. */
export function say(form, words, kind) {
  const said = form.querySelector(".said[role=status]");
  said.className = `said ${kind}`;
  said.textContent = words;
}
