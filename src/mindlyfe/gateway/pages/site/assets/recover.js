// Sets a new password by the code in the mail.
import { call, onSubmit, takeCode } from "./forms.js";

const form = document.getElementById("recover");
takeCode(form);
onSubmit(form, ({ code, password }, key) => call("POST", "/v1/recoveries/completion", { code, password }, key));
