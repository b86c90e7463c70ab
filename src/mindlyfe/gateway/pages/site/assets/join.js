// Accepts an invitation.
import { call, offerChoices, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("join");
takeCode(form);
offerChoices(form);
onSubmit(form, (entered, key) => call("POST", "/v1/invitations/acceptance", entered, key));
