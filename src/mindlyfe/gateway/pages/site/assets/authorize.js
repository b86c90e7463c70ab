// Shows what an app asks for, and takes the person's answer back to it.
import { call, onSubmit, say } from "./forms.js";

const form = document.getElementById("authorize");
const request = encodeURIComponent(new URLSearchParams(location.hash.slice(1)).get("request") ?? "");
const address = `/v1/authorizations/${request}`;
const WEAK = "This app asks for a sign-in with a second factor. Sign in with one, then begin again at the app.";
let scopes = [];

onSubmit(form, () => call("POST", address, { decision: "allow", scopes }), leave);
document.getElementById("deny").addEventListener("click", () =>
  call("POST", address, { decision: "deny", scopes: [] }).then(leave, refused),
);
await call("GET", address).then(show, refused);

function show(asked) {
  if (asked.step_up === "sign-in-too-old") return signIn();
  if (asked.step_up === "assurance-too-low") say(form, WEAK, "bad");
  form.querySelector("button").disabled = asked.step_up !== "none";
  scopes = asked.scopes.map((one) => one.scope);
  const lines = asked.scopes.map((one) => Object.assign(document.createElement("li"), { textContent: one.meaning }));
  document.getElementById("scopes").replaceChildren(...lines);
  document.getElementById("app").textContent = asked.app_name;
  document.getElementById("clinic").textContent = asked.organisation_name;
  document.getElementById("to").textContent = asked.redirect_to;
  document.getElementById("asked").hidden = false;
}

function refused(problem) {
  if (problem.status === 401) return signIn();
  const gone = "This request was answered, or is too old. Begin again at the app.";
  say(form, problem.status === 404 ? gone : (problem.detail ?? problem.title), "bad");
}

function signIn() {
  location.replace(`/sign-in#request=${request}`);
}

function leave({ redirect }) {
  location.replace(redirect);
}
