// Shows what an app asks for, and takes the person's answer back to it.
import { call, onSubmit, say, turn } from "./forms.js";

const form = document.getElementById("authorize");
const from = new URLSearchParams(location.hash.slice(1));
const request = encodeURIComponent(from.get("request") ?? "");
const address = `/v1/authorizations/${request}`;
const SIGN_IN = "openid";
let scopes = [];

document.getElementById("other").href = signIn("asked");
document.getElementById("again").href = signIn("stronger");
document.getElementById("deny").addEventListener("click", () => answer("deny", []).then(leave, refused));
onSubmit(form, () => answer("allow", ticked()), leave);
await (from.get("prompt") === "none" ? askNobody() : signedIn(() => call("GET", address)).then(show, refused));

async function show(asked) {
  if (asked.step_up === "sign-in-too-old") return location.replace(signIn("again"));
  scopes = asked.scopes;
  if (asked.remembered && asked.step_up === "none") {
    return answer("allow", scopes.map((one) => one.scope)).then(leave, refused);
  }
  const me = await call("GET", "/v1/me");
  const words = { app: asked.app_name, clinic: asked.organisation_name, to: asked.redirect_to, name: me.name };
  for (const [id, word] of Object.entries(words)) document.getElementById(id).textContent = word;
  document.getElementById("scopes").replaceChildren(...scopes.map(line));
  document.getElementById("hint").hidden = scopes.length < 2;
  const weak = asked.step_up === "assurance-too-low";
  document.getElementById("stronger").hidden = !weak;
  document.getElementById("choice").hidden = document.getElementById("allow").hidden = weak;
  document.getElementById("asked").hidden = false;
  say(form, "", "");
}

/** One scope, to be ticked; without the sign-in itself the app could do nothing with the rest. */
function line({ scope, meaning }) {
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: scope, checked: true });
  box.disabled = scope === SIGN_IN;
  const label = document.createElement("label");
  label.append(box, Object.assign(document.createElement("span"), { textContent: meaning }));
  const item = document.createElement("li");
  item.append(label);
  return item;
}

function ticked() {
  return scopes.map((one) => one.scope).filter((scope) => form.elements[scope].checked);
}

/** With prompt=none the app wants an answer at once, whatever it is. */
async function askNobody() {
  try {
    leave(await signedIn(() => call("POST", `${address}/without-asking`)));
  } catch (problem) {
    if (problem.status !== 401) return refused(problem);
    await call("POST", `${address}/nobody`).then(leave, refused);
  }
}

async function answer(decision, allowed) {
  try {
    return await signedIn(() => call("POST", address, { decision, scopes: allowed }));
  } catch (problem) {
    if (problem.type === "/problems/sign-in-too-old") location.replace(signIn("again"));
    throw problem;
  }
}

/** Send it; when the access token ran out, once more with another. */
async function signedIn(send) {
  try {
    return await send();
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    await call("POST", "/v1/sessions/refresh", {});
    return send();
  }
}

function refused(problem) {
  if (problem.status === 401) return location.replace(signIn("asked"));
  const gone = "This request was answered, or is too old. Begin again at the app.";
  say(form, problem.status === 404 ? gone : (problem.detail ?? problem.title), "bad");
}

function signIn(why) {
  return `/sign-in#request=${request}&why=${why}`;
}

function leave({ redirect }) {
  turn(form, "done");
  location.replace(redirect);
}
