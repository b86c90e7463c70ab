// Registers a patient by the clinic's code.
import { call, offerChoices, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("register");
takeCode(form, "clinic");
offerChoices(form);
onSubmit(form, (entered, key) => call("POST", "/v1/registrations", entered, key));
