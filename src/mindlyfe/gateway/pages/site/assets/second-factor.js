// Adds an authenticator app to the account of who is signed in, and shows the backup codes that come with it.
import { call, onSubmit } from "./forms.js";

const AGAIN = {
  unauthenticated: "Nobody is signed in here. Sign in, then come back to this page.",
  "sign-in-too-old": "Your sign-in is more than ten minutes old. Sign in again, then come back to this page.",
  "assurance-too-low": "Your account has a second factor already. Sign in with it to add another.",
};

onSubmit(document.getElementById("begin"), () => call("POST", "/v1/me/factors/totp").catch(explain), offer);
onSubmit(document.getElementById("confirm"), confirm, keep);

function confirm({ code }) {
  return call("POST", "/v1/me/factors/totp/confirmation", { code: code.replaceAll(" ", "") }).catch(explain);
}

/** Throw the problem on, in words that help here. */
function explain(problem) {
  const kind = String(problem.type).split("/").at(-1);
  throw kind in AGAIN ? { detail: AGAIN[kind] } : problem;
}

function offer({ secret, address }) {
  document.getElementById("key").textContent = secret.match(/.{1,4}/g).join(" ");
  document.getElementById("open-app").href = address;
  return "confirm";
}

function keep({ backup_codes: codes }) {
  const lines = codes.map((code) => {
    const line = document.createElement("li");
    line.append(Object.assign(document.createElement("code"), { textContent: code }));
    return line;
  });
  document.getElementById("codes").replaceChildren(...lines);
  document.getElementById("backup").hidden = codes.length === 0;
}
