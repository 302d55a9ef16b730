// Files of a form: each goes up on its own as soon as it is chosen, dropped or photographed, with its progress;
// the form then carries only their ids, so that nothing is lost when the form comes back.

function row(template, name) {
  const node = template.content.firstElementChild.cloneNode(true);
  node.querySelector(".name").textContent = name;
  return node;
}

function send(drop, file, list, template, announce) {
  const node = row(template, file.name);
  const bar = node.querySelector("progress");
  const state = node.querySelector(".state");
  const hidden = node.querySelector("input[type=hidden]");
  list.append(node);
  const failed = (message) => {
    bar.remove();
    state.textContent = message;
    state.classList.add("text-danger");
    announce(`${file.name}：${message}`);
  };
  // the server hangs up on what is far too large, and a browser takes that for a broken line
  if (file.size > Number(drop.dataset.most)) {
    failed(`超过 ${drop.dataset.mostText}，没有上传。请压缩或分开后再选。`);
    return;
  }

  const request = new XMLHttpRequest();
  request.open("POST", drop.dataset.upload);
  request.setRequestHeader("X-CSRFToken", document.querySelector("meta[name=csrf-token]").content);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // not JSON: the status tells
    }
    if (request.status !== 201) {
      failed(answer.detail ?? "没有传上去，请再试一次。");
      return;
    }
    bar.remove();
    hidden.disabled = false;
    hidden.value = answer.id;
    state.textContent = answer.size_text;
    node.dataset.name = answer.name;
    announce(`${file.name} 已上传`);
    drop.dispatchEvent(new Event("change", { bubbles: true }));
  });
  request.addEventListener("error", () => failed("网络中断，没有传上去，请再试一次。"));
  node.querySelector("[data-remove]").addEventListener("click", () => request.abort());

  const body = new FormData();
  body.append("file", file, file.name);
  request.send(body);
}

// Files that were uploaded before and are on the form again.
export function showKept(form, files) {
  const template = form.querySelector("template[data-kept-file]");
  for (const drop of form.querySelectorAll("[data-upload]")) {
    const own = files.filter((file) => file.field === drop.dataset.name);
    drop.querySelector("[data-kept]").replaceChildren(
      ...own.map(({ field, id, name, state }) => {
        const node = row(template, name);
        node.querySelector("progress").remove();
        node.querySelector(".state").textContent = state;
        Object.assign(node.querySelector("input[type=hidden]"), { name: field, value: id, disabled: false });
        return node;
      }),
    );
  }
}

export function acceptUploads(form) {
  const template = form.querySelector("template[data-kept-file]");
  for (const drop of form.querySelectorAll("[data-upload]")) {
    const list = drop.querySelector("[data-kept]");
    const live = drop.querySelector("[aria-live]");
    const ours = document.importNode(template, true);
    ours.content.querySelector("input[type=hidden]").name = drop.dataset.name;
    const announce = (text) => (live.textContent = text);
    const take = (files) => [...files].forEach((file) => send(drop, file, list, ours, announce));

    for (const chooser of drop.querySelectorAll("input[type=file]")) {
      chooser.addEventListener("change", () => {
        take(chooser.files);
        chooser.value = "";
      });
    }
    const zone = drop.querySelector(".drop");
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      take(event.dataTransfer.files);
    });
    list.addEventListener("click", (event) => {
      if (!event.target.closest("[data-remove]")) return;
      event.target.closest(".kept-file").remove();
      drop.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  form.addEventListener("submit", (event) => {
    if (!form.querySelector(".kept-file progress")) return;
    event.preventDefault();
    form.querySelector("[data-waiting]").hidden = false;
  });
}
