// Signs in with cookies, shows who that is, and signs out.
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
  document.getElementById("hello").textContent = `You are signed in, ${me.name}`;
  document.getElementById("clinic").textContent = `${me.organisation_name} · ${[...me.roles].sort().join(", ")}`;
}
