// Stops a change of address when the button is pressed: opening the link alone changes nothing.
import { call, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("address-change-cancel");
takeCode(form);
onSubmit(form, ({ code }, key) => call("POST", "/v1/address-changes/cancellation", { code }, key));
