/** Looks at a page of HTML as a test needs it: the pages are our own, so that little understanding does. */

const VOID = new Set(["meta", "link"]);

/** What is wrong with a page: tags that do not match, an id twice, a table or picture that does not say what it is. */
export function problemsOf(whole: string): string[] {
  const page = whole.replace(/<style>.*?<\/style>/s, "<style></style>");
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id = ""]) => id);
  const named = [...page.matchAll(/aria-labelledby="([^"]*)"/g)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  return [
    ...unmatched(page),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id ${id} twice`),
    ...named.filter((id) => !ids.includes(id)).map((id) => `no id ${id}`),
    ...openings(page, "table").flatMap((after) =>
      /^\s*<caption/.test(after) ? [] : ["a table without caption"],
    ),
    ...openings(page, 'svg[^>]* role="img"').flatMap((after) =>
      /^\s*<title/.test(after) ? [] : ["a picture without title"],
    ),
    ...(page.match(/undefined|NaN|Infinity|\[object/g) ?? []),
  ];
}

/** What follows each opening tag. */
function openings(page: string, tag: string): string[] {
  return [...page.matchAll(new RegExp(`<${tag}[^>]*>`, "g"))].map(({ index, 0: found }) =>
    page.slice(index + found.length, index + found.length + 40),
  );
}

function unmatched(page: string): string[] {
  const open: string[] = [];
  for (const [, close, name = "", rest = ""] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (VOID.has(name) || rest.endsWith("/")) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) return [`</${name}> without its beginning`];
  }
  return open.map((name) => `<${name}> without its end`);
}

/** Its headings of the first two levels. */
export function headingsOf(page: string): string[] {
  return [...page.matchAll(/<h[12][^>]*>(.*?)<\/h[12]>/gs)].map(([, content = ""]) => textOf(content));
}

/** What a reader reads: no tags, white space as one blank. */
export function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>|<head>.*?<\/head>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
