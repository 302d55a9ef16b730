// What an editor's page was given, and the requests it makes. Nothing here knows what kind of file is edited.

export const page = JSON.parse(document.getElementById("editor-data").textContent);

export class Answer extends Error {
  constructor(status, body) {
    super(body.detail || body.message || "没有办成");
    this.status = status;
    this.body = body;
  }
}

let token = document.querySelector("meta[name=csrf-token]").content;

async function send(url, body) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const told = (response.headers.get("Content-Type") || "").includes("json") ? await response.json() : {};
  if (!response.ok) throw new Answer(response.status, told);
  return told;
}

// After a new log-in in another tab the token of this page is of the session before: take the one of now.
async function renewToken() {
  const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const found = fresh.querySelector("meta[name=csrf-token]");
  if (found) token = found.content;
}

export async function post(url, body) {
  try {
    return await send(url, body);
  } catch (answer) {
    if (!(answer instanceof Answer) || answer.body.code !== "web.token_invalid") throw answer;
    await renewToken();
    return send(url, body);
  }
}
