// Registers a patient by the clinic's code, and sends the message again when it did not come.
import { call, offerChoices, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("register");
const again = document.getElementById("again");
const sent = document.getElementById("sent");
let wish;

takeCode(form, "clinic");
offerChoices(form);
onSubmit(form, (entered, key) => {
  wish = entered;
  return call("POST", "/v1/registrations", entered, key);
});
again.addEventListener("click", async () => {
  again.disabled = true;
  try {
    await call("POST", "/v1/registrations", wish, crypto.randomUUID());
    sent.textContent = "Sent again. The newest message counts.";
  } catch (refusal) {
    sent.textContent = refusal.detail ?? "That did not work. Try again in a moment.";
  }
  setTimeout(() => (again.disabled = false), 30_000);
});
