// Accepts an invitation.
import { call, offerChoices, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("join");
takeCode(form);
offerChoices(form);
onSubmit(form, (entered, key) => {
  const joining = { ...entered, date_of_birth: entered.date_of_birth || null };
  return call("POST", "/v1/invitations/acceptance", joining, key);
});
