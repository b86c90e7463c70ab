// Signs in with cookies, shows who that is, and signs out; who was sent here by an app goes on to what it asks.
import { call, onSubmit } from "./forms.js";

const form = document.getElementById("sign-in");
onSubmit(form, signIn, greet);
document.getElementById("sign-out").addEventListener("click", async () => {
  await call("DELETE", "/v1/sessions/current").catch(() => {});
  location.reload();
});

async function signIn({ email, password }) {
  await call("POST", "/v1/sessions", { email, password, delivery: "cookie" });
  return call("GET", "/v1/me");
}

function greet(me) {
  const request = new URLSearchParams(location.hash.slice(1)).get("request");
  if (request) return location.replace(`/authorize#request=${encodeURIComponent(request)}`);
  document.getElementById("hello").textContent = `You are signed in, ${me.name}`;
  document.getElementById("clinic").textContent = `${me.organisation_name} · ${[...me.roles].sort().join(", ")}`;
}
