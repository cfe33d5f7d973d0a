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

const [birds, publishing, plan] = docPages(DOCS, new Set(["node"]));

describe("a page of the documentation", () => {
  it("is sorted by title, and has a place of its own", () => {
    expect([birds, publishing, plan].map((page) => [page?.title, page?.href])).toEqual([
      ["Birds", "docs/readme.html"],
      ["Publishing", "docs/publishing.html"],
      ["The plan", "docs/plan.html"],
    ]);
  });

  it("leads to pages where there are some, and nowhere else", () => {
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
    expect(plan?.html).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &lt;b onclick=x&gt;");
    expect(birds?.html).not.toContain("languages");
  });

  it("shows pictures that lie beside it, and asks no other host for one", () => {
    expect(plan?.html).toContain('<img src="pictures/docs/images/run.png" alt="A page" loading="lazy">');
    expect(plan?.html).not.toMatch(/<img[^>]*(?:example|svg)/);
    expect(DOCS.flatMap((doc) => picturesIn(doc))).toEqual(["docs/images/run.png"]);
  });

  it("can be read by keys, and has no heading of nothing", () => {
    expect(plan?.html).toContain('<pre tabindex="0"><code>make &lt;all&gt;\n</code></pre>');
    expect(plan?.html).toMatch(/tabindex="0"><table>\s*<thead>\s*<tr>\s*<td><\/td>\s*<th>b<\/th>/);
  });

  it("gives headings the names that links to them are written with, each once", () => {
    expect(plan?.sections.map(({ id }) => id)).toEqual(["the-plan", "how-it-moves", "how-it-moves-1"]);
    expect(plan?.sections[0]?.text).toContain("See publishing");
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
