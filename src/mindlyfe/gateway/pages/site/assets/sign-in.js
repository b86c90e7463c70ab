// Signs in with cookies, by password and a second step, or by a passkey; shows who that is, and signs out.
// Who was sent here by an app goes on to what it asks, however they signed in.
import { call, onSubmit, say, show, turn } from "./forms.js";

const BACKUP = "backup-code";
const HOW = {
  totp: "Enter the 6 digits that your authenticator app shows now.",
  [BACKUP]: "Enter one of your backup codes. Each works once.",
  both: "Enter the 6 digits that your authenticator app shows now, or one of your backup codes.",
  passkey: "Use the passkey of your device.",
};
const first = document.getElementById("sign-in");
const second = document.getElementById("second-step");
const from = new URLSearchParams(location.hash.slice(1));
const WHY = {
  asked: "An app asks you to sign in. You go on to what it asks for.",
  again: "The app asks you to prove once more that it is you. You go on to what it asks for.",
  stronger: "The app asks for a sign-in with a second factor: use your authenticator app, a backup code or a passkey.",
};
let challenge = null;

if (from.has("request")) {
  const why = document.getElementById("why");
  why.textContent = WHY[from.get("why")] ?? WHY.asked;
  why.hidden = false;
}

onSubmit(first, signIn, (me) => (me ? greet(me) : "second-step"));
onSubmit(second, finish, greet);
document.getElementById("sign-out").addEventListener("click", async () => {
  await call("DELETE", "/v1/sessions/current").catch(() => {});
  location.reload();
});
// What an app asks stands behind the # of this address: it must survive.
second.querySelector("a").addEventListener("click", (event) => {
  event.preventDefault();
  location.reload();
});
offerPasskey("by-passkey", first);

async function signIn({ email, password }) {
  const answer = await call("POST", "/v1/sessions", { email, password, delivery: "cookie" });
  if (!answer.challenge) return call("GET", "/v1/me");
  challenge = answer.challenge;
  ask(answer.methods);
  return null;
}

/** Say what the second step is, for who has these. */
function ask(methods) {
  const codes = methods.filter((method) => method in HOW && method !== "passkey");
  document.getElementById("how").textContent = HOW[codes.length > 1 ? "both" : codes[0] ?? "passkey"];
  document.getElementById("code-field").hidden = codes.length === 0;
  second.elements.code.required = codes.length > 0;
  second.querySelector("button").hidden = codes.length === 0;
  if (methods.includes("passkey")) offerPasskey("passkey-step", second);
}

async function finish({ code }) {
  const digits = code.replaceAll(" ", "");
  const proof = /^[0-9]{6}$/.test(digits) ? { method: "totp", code: digits } : { method: BACKUP, code };
  await call("POST", "/v1/sessions/second-factor", { challenge, proof, delivery: "cookie" });
  return call("GET", "/v1/me");
}

/** Show a button that signs in by a passkey, where the browser can; what goes wrong is said at `form`. */
function offerPasskey(id, form) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  const button = document.getElementById(id);
  button.hidden = false;
  button.onclick = async () => {
    say(form, "", "");
    button.disabled = true;
    try {
      greet(await byPasskey());
      turn(form, "done");
    } catch (refusal) {
      show(form, refusal);
    } finally {
      button.disabled = false;
    }
  };
}

async function byPasskey() {
  const asked = await call("POST", "/v1/passkey-challenges");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.public_key);
  let credential;
  try {
    credential = await navigator.credentials.get({ publicKey });
  } catch {
    throw { detail: "No passkey was used. Try again, or sign in with your password." };
  }
  const body = { challenge: asked.challenge, credential: credential.toJSON(), delivery: "cookie" };
  await call("POST", "/v1/sessions/passkey", body);
  return call("GET", "/v1/me");
}

/** Who works here and has only a password is shown where to add a second factor. */
async function offerFactor() {
  const factors = await call("GET", "/v1/me/factors").catch(() => ({ second_factor: true }));
  document.getElementById("weak").hidden = factors.second_factor;
}

function greet(me) {
  const request = from.get("request");
  if (request) return location.replace(`/authorize#request=${encodeURIComponent(request)}`);
  document.getElementById("hello").textContent = `You are signed in, ${me.name}`;
  document.getElementById("clinic").textContent = `${me.organisation_name} · ${[...me.roles].sort().join(", ")}`;
  if (me.roles.some((role) => role !== "patient")) offerFactor();
}
