import { describe, expect, it } from "vitest";
import { nextLink, Pages } from "../../../../scripts/system/http/follow.ts";
import { LIMITS } from "../../../../scripts/system/http/limits.ts";

const page = (url: string, link?: string) => ({
  ...{ status: 200, url: new URL(url), body: Buffer.alloc(0) },
  headers: link === undefined ? {} : ({ link } as Record<string, string>),
});

it.each([
  ['</v2/a/tags/list?last=b&n=2>; rel="next"', "/v2/a/tags/list?last=b&n=2"],
  ["<b>;rel=next", "b"],
  ['<b> ; title="a, b" ; REL = "Next"', "b"],
  ['<a>; rel="prev", <b,c>; rel="last next"', "b,c"],
  ['<a>; rel="nextish"', undefined],
  ['<a>; rel=next="', "a"],
  ["<a>", undefined],
  ["a; rel=next", "a"],
  ["; rel=next", undefined],
  ["<a; rel=next", undefined],
  ["", undefined],
])("of the links %s the next is %s", (header, expected) => {
  expect(nextLink(header)).toBe(expected);
});

describe("the pages of a list", () => {
  const FIRST = "https://registry.example/v2/a/tags/list";

  it("follow each other, relative to the one that names them", () => {
    const pages = new Pages();
    expect(pages.after(page(FIRST, '<?last=b>; rel="next"'))).toBe(`${FIRST}?last=b`);
    expect(pages.after(page(`${FIRST}?last=b`, '</v2/a/tags/list?last=c>; rel="next"'))).toBe(
      `${FIRST}?last=c`,
    );
    expect(pages.after(page(`${FIRST}?last=c`))).toBeUndefined();
  });

  it.each([
    [`<${FIRST}>; rel="next"`, /Link.*leads back to a page that has been read/],
    ['<https://other.example/>; rel="next"', /Link.*leads to another server \(other\.example\)/],
    ['<http://other.example/>; rel="next"', /Link.*leads from https to http/],
    ['<file:///etc/passwd>; rel="next"', /Link.*an address of file:/],
  ])("end with an error at %s", (link, why) => {
    expect(() => new Pages().after(page(FIRST, link))).toThrow(why);
  });

  it("are asked of the server as it is reached, where its own name stands with another scheme", () => {
    const next = new Pages().after(
      page(FIRST, "<http://registry.example:5000/v2/a/tags/list?last=b>; rel=next"),
    );
    expect(next).toBe(`${FIRST}?last=b`);
  });

  it("of one read by way of a redirect are of the first server all the same", () => {
    const pages = new Pages();
    pages.after(page(FIRST, '<?last=b>; rel="next"'));
    expect(() => pages.after(page("https://cdn.example/1", '<?last=c>; rel="next"'))).toThrow(
      /another server/,
    );
  });

  it("are not without an end", () => {
    const pages = new Pages();
    const read = (at: number) => pages.after(page(`${FIRST}?n=${at}`, `<?n=${at + 1}>; rel=next`));
    for (let at = 1; at < LIMITS.pages; at++) read(at);
    expect(() => read(LIMITS.pages)).toThrow(/leads on after 1000 pages/);
  });
});
