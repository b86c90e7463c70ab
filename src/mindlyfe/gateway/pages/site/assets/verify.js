// Confirms an address when the button is pressed: opening the link alone, as mail scanners do, changes nothing.
import { call, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("verify");
takeCode(form);
onSubmit(form, ({ code }, key) => call("POST", "/v1/verifications", { code }, key));
