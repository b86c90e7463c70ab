// Asks for a link by which a lost password is replaced.
import { call, onSubmit } from "./forms.js";

const form = document.getElementById("forgot");
onSubmit(form, ({ email }, key) => call("POST", "/v1/recoveries", { email }, key));
