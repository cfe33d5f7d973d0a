import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import { loadCatalog, parseCatalog } from "../../../scripts/catalog/load.ts";
import { catalogFolder } from "./catalog-folder.ts";
import { brokenCatalog, GOOD_CATALOG, mistakesIn } from "./good-catalog.ts";

/** The good catalog with a block in its seventh line and below. */
const withBlock = (block: string) => brokenCatalog(["defaults:", `${block}\ndefaults:`]);

it("calls on failures, with what chats take, unless it says otherwise", () => {
  const block = [
    "notify:",
    "  - url: env://HOOK",
    "  - url: https://chat.example/hooks/1?x=y",
    "    when: fixes",
    `    template: '{"text": {{json verdict}} }'`,
    "    headers: { Authorization: env://TOKEN, X-Who: bird house }",
  ].join("\n");
  expect(parseCatalog("catalog.yaml", withBlock(block)).notify).toEqual([
    { url: "env://HOOK", when: "failure", headers: {} },
    {
      ...{ url: "https://chat.example/hooks/1?x=y", when: "fixes", template: '{"text": {{json verdict}} }' },
      headers: { Authorization: "env://TOKEN", "X-Who": "bird house" },
    },
  ]);
  expect(parseCatalog("catalog.yaml", GOOD_CATALOG).notify).toBeUndefined();
});

test.each<[block: string, said: string]>([
  ["notify: [{ when: always }]", "catalog.yaml:7:10: notify[0]: url is missing"],
  ["notify: [{ url: x }]", 'catalog.yaml:7:17: url: expected a URL as "https://chat.example.com/hooks/1"'],
  ['notify: [{ url: "https://a:b@c.example" }]', "(no user or password: a catalog is read by everyone; give"],
  ["notify: [{ url: env:HOOK }]", "(env:// and the name of an environment variable)"],
  ["notify: [{ url: env://A, when: never }]", "when: expected failure or fixes or always, found"],
  ['notify: [{ url: env://A, headers: { "a b": c } }]', '"a b"'],
  ['notify: [{ url: env://A, headers: { A: "env:B" } }]', "A: expected the value of an HTTP header"],
  [
    `notify:\n  - url: env://A\n    template: "{{#if text}}"`,
    "catalog.yaml:9:15: template: this template does not compile: Parse error on line 1: {{#if text}}",
  ],
  [
    `notify:\n  - url: env://A\n    template: |\n      {"text": {{json verdit}} }`,
    'catalog.yaml:9:15: template: in its line 1, column 17, this template uses "verdit"',
  ],
  [
    `notify:\n  - { url: env://A, template: '{"text": "{{text}}"}' }`,
    "catalog.yaml:8:31: template: the result of this template is not JSON",
  ],
])("%s is refused", (block, said) => {
  expect(mistakesIn(withBlock(block)).join("\n")).toContain(said);
});

test("the webhooks in docs/runs.md are right", () => {
  const [, block = ""] =
    /^```yaml\n(notify:\n[\s\S]*?)^```$/m.exec(readFileSync("docs/runs.md", "utf8")) ?? [];
  expect(parseCatalog("catalog.yaml", withBlock(block)).notify?.map(({ when }) => when)).toEqual([
    "failure",
    "always",
  ]);
});

it("is taken over from a catalog above, unless there is one of its own", async () => {
  const folder = await catalogFolder({
    "above.yaml": withBlock("notify: [{ url: env://ABOVE }]"),
    "silent.yaml": "extends: above.yaml\nimages:\n  node: { extends: node }\n",
    "own.yaml": "extends: above.yaml\nnotify: []\nimages:\n  node: { extends: node }\n",
  });
  expect((await loadCatalog(join(folder, "silent.yaml"))).notify).toMatchObject([{ url: "env://ABOVE" }]);
  expect((await loadCatalog(join(folder, "own.yaml"))).notify).toEqual([]);
});
