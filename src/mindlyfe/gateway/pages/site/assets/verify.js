// Confirms an address by its code and the password of the registration, or says that somebody else registered. Opening the
// link alone, as mail scanners do, changes nothing.
import { call, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("verify");
const stranger = document.getElementById("stranger");
takeCode(form);
onSubmit(
  form,
  ({ code, password }, key) => call("POST", "/v1/verifications", { code, password }, key),
  () => void (stranger.hidden = true),
);
onSubmit(
  stranger,
  (_, key) => call("POST", "/v1/registrations/cancellation", { code: form.elements.code.value.trim() }, key),
  () => {
    form.hidden = document.getElementById("lead").hidden = true;
    return "cancelled";
  },
);
