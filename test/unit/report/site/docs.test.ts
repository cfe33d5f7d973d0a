import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { docPages, picturesIn } from "../../../../scripts/report/site/docs.ts";

const DOCS = [
  {
    path: "docs/plan.md",
    text: `# The plan

See [publishing](publishing.md#how-it-moves), [an image](../images/node/README.md), [the code](../scripts/plan/plan.ts),
[elsewhere](https://example.com/x?a=b&c=d), [here](#the-plan), [a script](javascript:alert(1)) and [no file](../../etc/passwd).

![A page](images/run.png) ![Far](https://example.com/x.png) ![Drawn](images/x.svg)

<script>alert(1)</script> <b onclick=x>bold</b>

| | b |
|---|---|
| 1 | 2 |

\`\`\`sh
make <all>
\`\`\`

## How it moves
## How it moves
`,
  },
  { path: "docs/publishing.md", text: "# Publishing\n\n## How it moves\n" },
  { path: "README.md", text: "# Birds\n\n<!-- languages: rendered -->\n\n[plan](docs/plan.md)\n" },
];

const pages = () => docPages(DOCS, new Set(["node"]));

describe("a page of the documentation", () => {
  it("is sorted by title, and has a place of its own", () => {
    expect(pages().map(({ title, href }) => [title, href])).toEqual([
      ["Birds", "docs/readme.html"],
      ["Publishing", "docs/publishing.html"],
      ["The plan", "docs/plan.html"],
    ]);
  });

  it("leads to pages where there are some, and nowhere else", () => {
    const [birds, , plan] = pages();
    const { html = "" } = plan ?? {};
    expect(html).toContain('<a href="../docs/publishing.html#how-it-moves">publishing</a>');
    expect(html).toContain('<a href="../images/node.html">an image</a>');
    expect(html).toContain("<span>the code</span>");
    expect(html).toContain('href="https://example.com/x?a=b&amp;c=d" rel="noreferrer"');
    expect(html).toContain("<span>no file</span>");
    expect(html).not.toMatch(/href="javascript|etc\/passwd"/);
    expect(birds?.html).toContain('<a href="../docs/plan.html">plan</a>');
  });

  it("shows HTML as text, and leaves comments to who edits", () => {
    const [birds, , plan] = pages();
    expect(plan?.html).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &lt;b onclick=x&gt;");
    expect(birds?.html).not.toContain("languages");
  });

  it("shows pictures that lie beside it, and asks no other host for one", () => {
    const [, , plan] = pages();
    expect(plan?.html).toContain('<img src="pictures/docs/images/run.png" alt="A page" loading="lazy">');
    expect(plan?.html).not.toMatch(/<img[^>]*(?:example|svg)/);
    expect(DOCS.flatMap((doc) => picturesIn(doc))).toEqual(["docs/images/run.png"]);
  });

  it("can be read by keys, and has no heading of nothing", () => {
    const [, , plan] = pages();
    expect(plan?.html).toContain('<pre tabindex="0"><code>make &lt;all&gt;\n</code></pre>');
    expect(plan?.html).toMatch(/tabindex="0"><table>\s*<thead>\s*<tr>\s*<td><\/td>\s*<th>b<\/th>/);
  });

  it("gives headings the names that links to them are written with, each once", () => {
    const [, , plan] = pages();
    expect(plan?.sections.map(({ id }) => id)).toEqual(["the-plan", "how-it-moves", "how-it-moves-1"]);
    expect(plan?.sections[0]?.text).toContain("See publishing");
  });
});

/** The page of one doc beside others, in docs/. */
function pageWith(text: string, path = "docs/a.md") {
  const others = [
    { path: "README.md", text: "# Readme" },
    { path: "docs/b.md", text: "# B" },
  ];
  const page = docPages([{ path, text }, ...others], new Set(["node"])).find(
    ({ href }) => href === (path === "README.md" ? "docs/readme.html" : "docs/a.html"),
  );
  if (!page) throw new Error("it has a page");
  return page;
}

const htmlOf = (text: string) => pageWith(text).html;

describe("what Markdown becomes", () => {
  it.each([
    ["a page beside it", "[x](b.md)", '<a href="../docs/b.html">x</a>'],
    ["a place in a page", "[x](b.md#there)", '<a href="../docs/b.html#there">x</a>'],
    ["a page above it", "[x](../README.md)", '<a href="../docs/readme.html">x</a>'],
    ["an image's page", "[x](../images/node/README.md)", '<a href="../images/node.html">x</a>'],
    ["an image that has no page", "[x](../images/lua/README.md)", "<span>x</span>"],
    ["a place in itself", "[x](#there)", '<a href="#there">x</a>'],
    ["http", "[x](http://example.com)", '<a href="http://example.com" rel="noreferrer">x</a>'],
    [
      "https, in capitals",
      "[x](HTTPS://example.com)",
      '<a href="HTTPS://example.com" rel="noreferrer">x</a>',
    ],
    ["a letter to somebody", "[x](mailto:me@example.com)", "<span>x</span>"],
    ["another host by the same protocol", "[x](//example.com/b.md)", "<span>x</span>"],
    ["another machine's root", "[x](/docs/b.md)", "<span>x</span>"],
    ["what is above the folder", "[x](../../docs/b.md)", "<span>x</span>"],
    ["nowhere", "[x]()", "<span>x</span>"],
    ["a file that is called as a protocol", "[x](to/https:b)", "<span>x</span>"],
    [
      "a dead link, then one that is not",
      "[x](gone.md) and [**y**](b.md)",
      '<span>x</span> and <a href="../docs/b.html"><strong>y</strong></a>',
    ],
  ])("leads to %s", (_, text, expected) => {
    expect(htmlOf(text)).toBe(`<p>${expected}</p>\n`);
  });

  it.each([
    ["png", "![x](b.png)", '<img src="pictures/docs/b.png" alt="x" loading="lazy">'],
    ["jpg", "![x](b.jpg)", '<img src="pictures/docs/b.jpg" alt="x" loading="lazy">'],
    ["jpeg", "![x](B.JPEG)", '<img src="pictures/docs/B.JPEG" alt="x" loading="lazy">'],
    ["above it", "![x](../b.webp)", '<img src="pictures/b.webp" alt="x" loading="lazy">'],
    [
      "called as a protocol",
      "![x](to/a:b.png)",
      '<img src="pictures/docs/to/a:b.png" alt="x" loading="lazy">',
    ],
    ["below a folder", "![x](to//b.gif)", '<img src="pictures/docs/to/b.gif" alt="x" loading="lazy">'],
    ["a drawing", "![what it **shows**](b.svg)", "what it shows"],
    ["a drawing that is called as one that is none", "![x](b.png.svg)", "x"],
    ["above the folder", "![x](../../b.png)", "x"],
    ["of another host", "![x](https://example.com/b.png)", "x"],
    ["of another host by the same protocol", "![x](//example.com/b.png)", "x"],
    ["of another machine", "![x](/b.png)", "x"],
    ["of nothing", "![](b.svg)", ""],
  ])("shows a picture or its words: %s", (_, text, expected) => {
    expect(htmlOf(text)).toBe(`<p>${expected}</p>\n`);
    const shows = expected.startsWith("<img");
    expect(picturesIn({ path: "docs/a.md", text })).toHaveLength(shows ? 1 : 0);
  });

  it("is a table that scrolls, in which only what says something is a heading", () => {
    expect(htmlOf("| | b |\n|---|---|\n| | 2 |\n")).toBe(`<div class="wide" tabindex="0"><table>
<thead>
<tr>
<td></td>
<th>b</th>
</tr>
</thead>
<tbody>
<tr>
<td></td>
<td>2</td>
</tr>
</tbody>
</table></div>
`);
  });

  it("is code that scrolls, with its signs as text", () => {
    const expected = '<pre tabindex="0"><code>a &lt;b&gt;\n</code></pre>\n';
    expect(htmlOf("```sh\na <b>\n```")).toBe(expected);
    expect(htmlOf("    a <b>")).toBe(expected);
  });

  it("is nothing where a line is a comment, and what stands beside one stays", () => {
    expect(htmlOf("<!-- for us -->\n\nx")).toBe("<p>x</p>\n");
    expect(htmlOf("<!-- a --> x")).toContain("&lt;!-- a --&gt; x");
    expect(htmlOf("x <!-- a -->")).toContain("x &lt;!-- a --&gt;");
  });

  it("has no signs that move a terminal's cursor", () => {
    expect(htmlOf("a\u001b[31mb")).not.toContain("\u001b");
  });
});

describe("what a page is called, and what is below its headings", () => {
  it("is its first heading, or else its file", () => {
    expect(pageWith("# The *plan*\n\n## More")).toMatchObject({ title: "The plan", href: "docs/a.html" });
    expect(pageWith("No heading.")).toMatchObject({ title: "docs/a.md", sections: [] });
    expect(pageWith("# Birds", "README.md")).toMatchObject({ title: "Birds", href: "docs/readme.html" });
  });

  it("is all text below it, for the search", () => {
    const text = "lost\n\n# A\n\none `two`\nthree  \nfour\n\n- five\n\n## B\n\nsix";
    expect(pageWith(text).sections).toEqual([
      { id: "a", title: "A", text: " one two three four five" },
      { id: "b", title: "B", text: " six" },
    ]);
  });

  it("has the place that GitHub gives it, and each its own", () => {
    const text = ["# & `plan`, & why: it's Ünder_way - 2!", "# Same", "# Same", "# Same"].join("\n\n");
    const { sections, html } = pageWith(text);
    const ids = sections.map(({ id }) => id);
    expect(ids).toEqual(["-plan--why-its-ünder_way---2", "same", "same-1", "same-2"]);
    for (const id of ids) expect(html).toContain(`<h1 id="${id}">`);
  });

  it("keeps what is a part of a letter, and what joins words, in every script", () => {
    const text = ["# नमस्ते दुनिया", "# cafe\u0301 au lait", "# x → y‿z"].join("\n\n");
    const ids = pageWith(text).sections.map(({ id }) => id);
    expect(ids).toEqual(["नमस्ते-दुनिया", "cafe\u0301-au-lait", "x--y‿z"]);
  });
});

describe("this project's own documentation", () => {
  it("leads to places that there are", () => {
    const names = readdirSync("docs").filter((name) => name.endsWith(".md"));
    const paths = ["README.md", ...names.map((name) => `docs/${name}`)];
    const own = docPages(
      paths.map((path) => ({ path, text: readFileSync(path, "utf8") })),
      new Set(),
    );
    const places = new Set(
      own.flatMap(({ href, sections }) => [href, ...sections.map(({ id }) => `${href}#${id}`)]),
    );
    const dead = own.flatMap(({ href, html }) =>
      [...html.matchAll(/<a href="(?:\.\.\/)?([^":]*)"/g)]
        .map(([, link = ""]) => (link.startsWith("#") ? href + link : link))
        .filter((link) => !places.has(link))
        .map((link) => `${href}: ${link}`),
    );
    expect(dead).toEqual([]);
  });
});
