/*
 * What pages of the site do beside showing what is in them: copy a line, filter the images, and search. A classic script,
 * as a page from a disk may load no module; without it all but this is there.
 */
(() => {
  const root = document.body.dataset.root ?? "";

  /* Lines to copy. */
  for (const button of document.querySelectorAll(".copier")) {
    const text = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      let said = "Copied";
      try {
        await navigator.clipboard.writeText(text.textContent);
      } catch {
        // A browser that does not hand out its clipboard has the text marked, for Ctrl-C.
        getSelection().selectAllChildren(text);
        said = "Marked";
      }
      button.textContent = said;
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1500);
    });
  }

  /* Filters of the front page. */
  const form = document.querySelector(".filters");
  if (form) {
    const images = [...document.querySelectorAll(".image")].map((row) => ({
      row,
      text: row.dataset.text.toLowerCase(),
      support: row.dataset.support.split(" "),
      bytes: row.dataset.bytes,
      days: row.dataset.days,
      cves: row.dataset.cves,
    }));
    const controls = [...form.querySelectorAll("[data-filter]")];
    const count = form.querySelector("[data-count]");
    const none = document.querySelector("[data-none]");
    // What nobody knows is not below any bound.
    const isBelow = (known, bound) => bound === "" || (known !== "" && Number(known) <= Number(bound));
    const keeps = {
      text: ({ text }, words) =>
        words
          .toLowerCase()
          .split(/\s+/)
          .every((word) => text.includes(word)),
      support: ({ support }, wanted) => wanted === "" || support.includes(wanted),
      bytes: ({ bytes }, bound) => isBelow(bytes, bound),
      days: ({ days }, bound) => isBelow(days, bound),
      cves: ({ cves }, wanted) => wanted === "" || (cves !== "" && (cves === "0") === (wanted === "none")),
    };
    const apply = () => {
      let left = 0;
      for (const image of images) {
        const isKept = controls.every(({ dataset, value }) => keeps[dataset.filter](image, value.trim()));
        image.row.hidden = !isKept;
        if (isKept) left += 1;
      }
      count.textContent = left === images.length ? "" : `${left} of ${images.length}`;
      none.hidden = left > 0;
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    document.querySelector("[data-reset]").addEventListener("click", () => {
      form.reset();
      apply();
    });
    // A browser that goes back fills in what was there.
    apply();
  }

  /* Search: what it looks through is loaded once somebody types. */
  const search = document.querySelector(".search");
  const input = document.querySelector("#search");
  const list = document.querySelector("#found");
  const note = document.querySelector("#found-note");
  const SHOWN = 12;
  let loading;
  let entries = [];

  function load() {
    loading ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = `${root}search.js`;
      script.addEventListener("load", () => {
        entries = window.birdhouseSearch.map(([title, href, kind, words]) => ({
          title,
          href,
          kind,
          name: title.toLowerCase(),
          words: words.toLowerCase(),
        }));
        done();
      });
      script.addEventListener("error", done);
      document.head.append(script);
    });
    return loading;
  }

  /** How well an entry answers: each word must be in it, and counts more in its title, and as the beginning of a word. */
  function scoreOf({ name, words, kind }, asked) {
    let score = kind === "image" ? 1 : 0;
    for (const word of asked) {
      if (name.startsWith(word)) score += 12;
      else if (name.includes(word)) score += 8;
      else if (` ${words}`.includes(` ${word}`)) score += 3;
      else if (words.includes(word)) score += 1;
      else return 0;
    }
    return score;
  }

  function show(asked) {
    const found = asked.length === 0 ? [] : entries.map((entry) => ({ entry, score: scoreOf(entry, asked) }));
    const best = found
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, SHOWN);
    list.replaceChildren(
      ...best.map(({ entry }) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = root + entry.href;
        link.textContent = entry.title;
        const kind = document.createElement("span");
        kind.textContent = entry.kind;
        link.append(" ", kind);
        item.append(link);
        return item;
      }),
    );
    if (asked.length > 0 && best.length === 0) {
      const item = document.createElement("li");
      item.textContent = "Nothing is found.";
      list.append(item);
    }
    list.hidden = asked.length === 0;
    note.textContent = asked.length === 0 ? "" : `${best.length} found`;
  }

  search.hidden = false;
  input.addEventListener("input", async () => {
    await load();
    show(input.value.toLowerCase().split(/\s+/).filter(Boolean));
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      show([]);
      input.focus();
    }
  });
})();
