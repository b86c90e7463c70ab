// Opens the first clinic of this installation by the one-time code.
import { call, offerChoices, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("setup");
takeCode(form);
offerChoices(form);
onSubmit(form, (entered, key) => {
  const zone = entered["organisation.zone"];
  const part = (name, ...fields) => Object.fromEntries(fields.map((field) => [field, entered[`${name}.${field}`]]));
  const body = {
    code: entered.code,
    organisation: part("organisation", "name", "zone", "locale"),
    administrator: { ...part("administrator", "name", "email", "password"), zone },
  };
  return call("POST", "/v1/setup", body, key);
});
