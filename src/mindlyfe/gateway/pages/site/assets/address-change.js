// Confirms a new address when the button is pressed: opening the link alone changes nothing.
import { call, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("address-change");
takeCode(form);
onSubmit(form, ({ code }, key) => call("POST", "/v1/address-changes/confirmation", { code }, key));
