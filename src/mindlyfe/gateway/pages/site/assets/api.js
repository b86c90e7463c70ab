// Lists every address of every service from its OpenAPI document.
import { call } from "./forms.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const place = document.getElementById("services");
const contexts = await call("GET", "/contexts.json").catch(() => []);
place.replaceChildren(...(await Promise.all(contexts.map(described))));

async function described(context) {
  const section = element("section", { className: "card" });
  const link = element("a", { href: `/${context}/openapi.json`, textContent: "OpenAPI document" });
  section.append(element("h2", { textContent: context }), element("p", {}, link));
  try {
    const description = await call("GET", link.getAttribute("href"));
    section.append(table(description.paths ?? {}));
  } catch (problem) {
    section.append(element("p", { className: "said bad", textContent: problem.detail }));
  }
  return section;
}

function table(paths) {
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => row(method, path, item[method])),
  );
  return element("table", {}, element("tbody", {}, ...rows));
}

function row(method, path, operation) {
  const address = element("code", { textContent: `${method.toUpperCase()} ${path}` });
  return element("tr", {}, element("td", {}, address), element("td", { textContent: operation.summary ?? "" }));
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
