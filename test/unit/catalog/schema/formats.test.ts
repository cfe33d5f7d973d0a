import { describe, expect, test } from "vitest";
import * as addresses from "../../../../scripts/catalog/schema/addresses.ts";
import { type Format, formatProblem } from "../../../../scripts/catalog/schema/format.ts";
import * as formats from "../../../../scripts/catalog/schema/formats.ts";
import * as paths from "../../../../scripts/catalog/schema/paths.ts";
import { COMPRESSION } from "../../../../scripts/catalog/schema/settings.ts";

/** A text, and the end of what is said of it (the part that helps); nothing when the text is right. */
type Case = [text: string, said?: string];

function expectAdvice(format: Format): (text: string, said?: string) => void {
  return (text, said) => {
    const problem = formatProblem(format, text);
    if (said === undefined) expect(problem).toBeUndefined();
    else expect(problem?.slice(-said.length)).toBe(said);
  };
}

describe("branch", () => {
  test.each<Case>([
    ["3.22"],
    ["3.9"],
    ["v3.20", 'expected an Alpine branch such as "3.22", found "v3.20" (leave out the v)'],
    ["edge", "(edge changes without notice, so a tag built on it would not stay true)"],
    ["3.20.3", "(a branch, not a release: two numbers)"],
    ["3", 'found "3"'],
    ["3.22 ", 'found "3.22 "'],
    ["", 'found ""'],
  ])("%j", expectAdvice(formats.BRANCH));
});

describe("compression", () => {
  test.each<Case>([
    ["gzip"],
    ["gzip:9"],
    ["zstd"],
    ["zstd:19"],
    ["gzip:10", "(gzip has the levels 1 to 9)"],
    ["zstd:20", "(zstd has the levels 1 to 19 here)"],
    ["zstd:0", "(zstd has the levels 1 to 19 here)"],
    ["zstd9", "(a colon comes before the level)"],
    ["best", 'found "best"'],
  ])("%j", expectAdvice(COMPRESSION));
});

describe("version", () => {
  test.each<Case>([
    ["22"],
    ["3.12"],
    ["1.2.3"],
    ["v20", 'expected a version such as "22" or "3.12", found "v20" (leave out the v)'],
    ["22-dev", "(every version gets a dev variant with this tag by itself)"],
    ["iron", 'found "iron"'],
    ["3.", 'found "3."'],
    [".3", 'found ".3"'],
    ["3.12\n", 'found "3.12\\n"'],
  ])("%j", expectAdvice(formats.VERSION_FORMAT));
});

describe("tag", () => {
  test.each<Case>([
    ["lts"],
    ["3.12-alpine"],
    ["_A.b-c"],
    ["x".repeat(124)],
    ["x".repeat(125), `found "${"x".repeat(60)}…"`],
    ["latest", '"latest" (write latest: true instead)'],
    ["-lts", 'found "-lts"'],
    [".lts", 'found ".lts"'],
    ["l t s", 'found "l t s"'],
    ["lts+1", 'found "lts+1"'],
    ["", 'found ""'],
  ])("%j", expectAdvice(formats.TAG));
});

describe("image name", () => {
  test.each<Case>([
    ["node"],
    ["dotnet-sdk"],
    ["a.b_c__d---e"],
    ["Node", "(lower case only)"],
    ["birdhouse/node", "(the namespace belongs in registry)"],
    ["node:22", "(the version belongs under versions)"],
    ["node-", 'found "node-"'],
    ["a___b", 'found "a___b"'],
    ["a..b", 'found "a..b"'],
  ])("%j", expectAdvice(formats.IMAGE_NAME));
});

describe("registry", () => {
  test.each<Case>([
    ["ghcr.io/birdhouse"],
    ["127.0.0.1:5000/birdhouse"],
    ["localhost/birdhouse"],
    ["localhost:5000/a/b/c"],
    ["registry:5000/birdhouse"],
    ["[::1]:5000/birdhouse"],
    ["https://ghcr.io/birdhouse", "(leave out the http:// or https://)"],
    ["ghcr.io", "(the namespace is missing)"],
    ["birdhouse/images", "(a host has a dot or a port, or is localhost; Docker Hub is docker.io)"],
    ["ghcr.io/Birdhouse", "(lower case only, behind the host)"],
    ["ghcr.io/birdhouse/", "(leave out the slash at the end)"],
    ["ghcr.io/birdhouse:1", "(leave out the tag)"],
    ["ghcr.io/birdhouse@sha256:00", "(leave out the digest)"],
    ["ghcr.io//birdhouse", 'found "ghcr.io//birdhouse"'],
    ["-ghcr.io/birdhouse", 'found "-ghcr.io/birdhouse"'],
  ])("%j", expectAdvice(addresses.REGISTRY));
});

describe("repository", () => {
  test.each<Case>([
    ["alpine"],
    ["library/alpine"],
    ["docker.io/library/alpine"],
    ["127.0.0.1:5000/alpine"],
    ["alpine:3.22", "(leave out the tag: the branch is the tag)"],
    ["127.0.0.1:5000/alpine:3.22", "(leave out the tag)"],
    ["docker.io/library/alpine@sha256:00", "(leave out the digest)"],
  ])("%j", expectAdvice(addresses.REPOSITORY));
});

describe("mirror", () => {
  test.each<Case>([
    ["https://dl-cdn.alpinelinux.org/alpine"],
    ["http://127.0.0.1:8080"],
    ["http://[::1]:8080/alpine"],
    ["https://mirror.example/pub/os-3.x/alpine"],
    ["https://mirror.example/alpine/", "(leave out the slash at the end)"],
    ["https://mirror.example/alpine/v3.22", "(the folder that holds the branches, not one of them)"],
    ["https://mirror.example/alpine?x=1", "(leave out what begins with ? or #)"],
    ["https://me:secret@mirror.example", "(no user or password: a catalog is read by everyone)"],
    ["ftp://mirror.example", 'found "ftp://mirror.example"'],
    ["mirror.example/alpine", 'found "mirror.example/alpine"'],
    ["https:///alpine", 'found "https:///alpine"'],
    ["https://mirror.example/a lpine", 'found "https://mirror.example/a lpine"'],
  ])("%j", expectAdvice(addresses.MIRROR_URL));
});

test("a mirror's user and password are not shown, and another place is offered for them (R12)", () => {
  for (const format of [addresses.MIRROR_URL, addresses.LOCATION]) {
    const problem = formatProblem(format, "https://me:secret@mirror.example/alpine");
    expect(problem).toContain("HTTP_AUTH=basic:*:USER:PASSWORD");
    expect(problem).not.toContain("secret");
  }
});

describe("item of the world", () => {
  test.each<Case>([
    ["nodejs"],
    ["nodejs~22"],
    ["nodejs~{{version}}"],
    ["lua{{version}}-dev"],
    ["php{{compact}}~{{version}}"],
    ["nodejs=22.16.0-r2"],
    ["nodejs>=22"],
    ["nodejs=~22"],
    ["nodejs>~22"],
    ["gtk+3.0"],
    ["so:libc.musl-x86_64.so.1"],
    ["cmd:node"],
    ["!pyc"],
    ["npm@10", '(a version is put behind "~" or "=")'],
    ["npm@edge", "(without @: images are built from main and community only)"],
    ["npm ~10", "(without spaces)"],
    ["npm~", 'found "npm~"'],
    ["--root", 'found "--root"'],
    ["npm;reboot", 'found "npm;reboot"'],
    ["$(reboot)", 'found "$(reboot)"'],
    [
      "nodejs~{{verison}}",
      '{{verison}} is not a placeholder; use one of {{version}}, {{branch}}, {{compact}}, {{package}}; did you mean "{{version}}"?',
    ],
    [
      "nodejs~{{ version }}",
      '{{ version }} is not a placeholder; use one of {{version}}, {{branch}}, {{compact}}, {{package}}; did you mean "{{version}}"?',
    ],
    [
      "nodejs~{{x}}",
      "{{x}} is not a placeholder; use one of {{version}}, {{branch}}, {{compact}}, {{package}}",
    ],
  ])("%j", expectAdvice(formats.WORLD_ITEM));
});

describe("package", () => {
  test.each<Case>([
    ["nodejs"],
    ["lua{{version}}"],
    ["nodejs~22", "(without a version: that belongs in the packages of runtime and dev)"],
    ["!nodejs", 'found "!nodejs"'],
  ])("%j", expectAdvice(formats.PACKAGE));
});

describe("path to remove", () => {
  test.each<Case>([
    ["/usr/share/man"],
    ["/usr/lib/*.a"],
    ["/usr/lib/python{{version}}/test[0-9]?"],
    ["/usr/share/"],
    ["usr/share", 'found "usr/share"'],
    ["/", 'found "/"'],
    ["/*", 'found "/*"'],
    ["/usr/../etc", "(without ..)"],
    ["/a b", "(without spaces)"],
    ["/a;reboot", 'found "/a;reboot"'],
    ["/$HOME", 'found "/$HOME"'],
    ["/{{vresion}}", 'did you mean "{{version}}"?'],
  ])("%j", expectAdvice(paths.PATH_PATTERN));
});

describe("size", () => {
  test.each<Case>([
    ["30 MB"],
    ["1.5GiB"],
    ["0 B"],
    ["12 kB"],
    ["12 KB", "(the units are B, kB, MB, GB, KiB, MiB and GiB)"],
    ["12 mib", "(the units are B, kB, MB, GB, KiB, MiB and GiB)"],
    ["12", "(the unit is missing: B, kB, MB, GB, KiB, MiB or GiB)"],
    ["-1 MB", 'found "-1 MB"'],
    [".5 MB", 'found ".5 MB"'],
    ["MB", 'found "MB"'],
  ])("%j", expectAdvice(formats.SIZE));
});

describe("module of the JDK", () => {
  test.each<Case>([
    ["java.base"],
    ["jdk.crypto.ec"],
    ["java"],
    ["Java.base", 'found "Java.base"'],
    ["a,b", 'found "a,b"'],
  ])("%j", expectAdvice(formats.JAVA_MODULE));
});

describe("a catalog to extend", () => {
  const digest = "a".repeat(64);
  test.each<Case>([
    ["birdhouse"],
    [`https://example.com/base/catalog.yaml#sha256=${digest}`],
    [
      "https://example.com/catalog.yaml",
      "(add #sha256= and what sha256sum says of the file, once you have read it)",
    ],
    [
      `https://example.com/catalog.yaml#sha256=${digest.slice(1)}`,
      "(add #sha256= and what sha256sum says of the file, once you have read it)",
    ],
    [`http://example.com/catalog.yaml#sha256=${digest}`, "(only https)"],
    [`https://me:secret@example.com/catalog.yaml#sha256=${digest}`, "(without a user)"],
    ["catalog.yaml"],
    ["../birdhouse/catalog.yml"],
    ["/opt/my images/web.yaml"],
    ["catalog.json", 'found "catalog.json"'],
    ["../birdhouse", 'found "../birdhouse"'],
  ])("%j", expectAdvice(addresses.PARENT_CATALOG));
});

describe("absolute path", () => {
  test.each<Case>([
    ["/"],
    ["/app"],
    ["/usr/lib/jvm/java-{{version}}"],
    ["/a..b"],
    ["app", 'expected an absolute path such as "/opt/app", found "app"'],
    ["/app/", "(without a slash at the end)"],
    ["/app/../etc", "(without ..)"],
    ["/app/..", "(without ..)"],
    ["/my app", "(without spaces)"],
    ["/app;reboot", 'found "/app;reboot"'],
    ["/{{vresion}}", 'did you mean "{{version}}"?'],
  ])("%j", expectAdvice(paths.ABSOLUTE_PATH));
});

describe("target of a link", () => {
  test.each<Case>([
    ["python3"],
    ["../lib/node"],
    ["/usr/bin/lua{{version}}"],
    ["a b", "(without spaces)"],
    ["'", 'found "\'"'],
  ])("%j", expectAdvice(paths.LINK_TARGET));
});

describe("text with placeholders", () => {
  test.each<Case>([
    ["print({{1, 2}})"],
    ["{{}}"],
    ["a\n{{version}}"],
    ["a\n{{verison}}", 'did you mean "{{version}}"?'],
    ["{{version}}{{verison}}", 'did you mean "{{version}}"?'],
  ])("%j", expectAdvice(formats.TEXT));

  test("a line is one line", () => {
    expect(formatProblem(formats.LINE, "{{version}}")).toBeUndefined();
    expect(formatProblem(formats.LINE, "a\nb")).toBe('expected one line, found "a\\nb"');
  });
});

test("the name of an environment variable", () => {
  expect(formatProblem(addresses.ENV_NAME, "NODE_ENV")).toBeUndefined();
  expect(formatProblem(addresses.ENV_NAME, "1A")).toBe(
    'expected the name of an environment variable, found "1A"',
  );
});
