import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import {
  hexDigest,
  sourceFiles,
  tarFiles,
  tarGzOf,
  tarOf,
  zipOf,
} from "../../../sandbox/registries/archives.ts";
import { cpan } from "../../../sandbox/registries/cpan.ts";
import { crates } from "../../../sandbox/registries/crates.ts";
import type { Ecosystem, Files } from "../../../sandbox/registries/ecosystem.ts";
import { clientSettings, ECOSYSTEMS } from "../../../sandbox/registries/ecosystems.ts";
import { goModules } from "../../../sandbox/registries/go-modules.ts";
import { luarocks } from "../../../sandbox/registries/luarocks.ts";
import { npm } from "../../../sandbox/registries/npm.ts";
import { pypi } from "../../../sandbox/registries/pypi.ts";
import { rubygems } from "../../../sandbox/registries/rubygems.ts";

function archive(files: Readonly<Record<string, string>>) {
  return new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
}

function textOf(files: Files, path: string): string {
  const content = files[path];
  if (content === undefined) throw new Error(`no ${path} among ${Object.keys(files).join(", ")}`);
  return content.toString();
}

function bytesOf(files: Files, path: string): Buffer {
  return Buffer.from(files[path] ?? "");
}

describe("archives", () => {
  it("packs the same files to the same bytes, in whatever order they come", async () => {
    const [one, other] = [archive({ b: "2", a: "1" }), archive({ a: "1", b: "2" })];
    expect(zipOf(one)).toEqual(zipOf(other));
    expect(await tarGzOf(one)).toEqual(await tarGzOf(other));
    expect([...tarFiles(await tarOf(one)).keys()]).toEqual(["a", "b"]);
  });

  it("takes off the folder that a source archive is in", async () => {
    const files = sourceFiles(await tarOf(archive({ "uuid-1/go.mod": "module", "uuid-1/sub/a.go": "a" })));
    expect([...files.keys()]).toEqual(["go.mod", "sub/a.go"]);
  });
});

describe("npm", () => {
  it("describes the package, and gives the digests that npm checks", async () => {
    const ms = await tarGzOf(
      archive({ "package/package.json": '{"name":"ms","version":"2.1.3","main":"x"}' }),
    );
    const files = await npm.publish({ ms });
    const metadata = JSON.parse(textOf(files, "ms/index.json.template"));
    expect(metadata["dist-tags"]).toEqual({ latest: "2.1.3" });
    expect(metadata.versions["2.1.3"]).toMatchObject({
      main: "x",
      dist: {
        tarball: "{{origin}}/registries/npm/ms/-/ms-2.1.3.tgz",
        shasum: hexDigest("sha1", ms),
        integrity: `sha512-${Buffer.from(hexDigest("sha512", ms), "hex").toString("base64")}`,
      },
    });
    expect(files["ms/-/ms-2.1.3.tgz"]).toBe(ms);
  });
});

describe("pypi", () => {
  it("makes a wheel whose record names every file with its digest, and links to it by its own", async () => {
    const inflection = await tarOf(archive({ "./usr/lib/python3/dist-packages/inflection.py": "code" }));
    const files = await pypi.publish({ inflection });
    const wheel = bytesOf(files, "packages/inflection-0.3.1-py2.py3-none-any.whl");
    const inside = unzipSync(wheel);
    const record = Buffer.from(inside["inflection-0.3.1.dist-info/RECORD"] ?? "").toString();
    const digest = Buffer.from(hexDigest("sha256", "code"), "hex").toString("base64url");
    expect(record).toContain(`inflection.py,sha256=${digest},4\n`);
    expect(
      record
        .trimEnd()
        .split("\n")
        .map((line) => line.split(",")[0])
        .sort(),
    ).toEqual(Object.keys(inside).sort());
    expect(textOf(files, "simple/inflection/index.html")).toContain(`#sha256=${hexDigest("sha256", wheel)}`);
  });
});

describe("rubygems", () => {
  it("indexes a gem by its digest, and the index itself by its own", async () => {
    const mustache = await tarOf(archive({ "./usr/lib/ruby/vendor_ruby/mustache.rb": "code" }));
    const files = await rubygems.publish({ mustache });
    const gem = bytesOf(files, "gems/mustache-1.1.1.gem");
    const info = textOf(files, "info/mustache");
    expect(info).toContain(`1.1.1 |checksum:${hexDigest("sha256", gem)},`);
    expect(textOf(files, "versions")).toContain(`mustache 1.1.1 ${hexDigest("md5", info)}\n`);
    const parts = tarFiles(gem);
    const data = gunzipSync(parts.get("data.tar.gz") ?? "");
    expect([...tarFiles(data).keys()]).toEqual(["lib/mustache.rb"]);
    expect(gunzipSync(parts.get("metadata.gz") ?? "").toString()).toContain("files:\n- lib/mustache.rb\n");
    expect(gunzipSync(parts.get("checksums.yaml.gz") ?? "").toString()).toContain(
      `data.tar.gz: ${hexDigest("sha256", parts.get("data.tar.gz") ?? "")}`,
    );
  });
});

describe("go", () => {
  it("has in a module's zip each file below the module's path and version", async () => {
    const uuid = await tarGzOf(archive({ "uuid-1.6.0/go.mod": "module m\n", "uuid-1.6.0/uuid.go": "code" }));
    const files = await goModules.publish({ uuid });
    expect(textOf(files, "github.com/google/uuid/@v/v1.6.0.mod")).toBe("module m\n");
    const zip = unzipSync(bytesOf(files, "github.com/google/uuid/@v/v1.6.0.zip"));
    expect(Object.keys(zip)).toEqual([
      "github.com/google/uuid@v1.6.0/go.mod",
      "github.com/google/uuid@v1.6.0/uuid.go",
    ]);
  });
});

describe("the indexes of cpan, luarocks and crates", () => {
  it("name files that are there", async () => {
    const duration = Buffer.from("archive");
    const cpanFiles = await cpan.publish({ duration });
    const index = gunzipSync(bytesOf(cpanFiles, "modules/02packages.details.txt.gz")).toString();
    const path = /\nTime::Duration 1\.21 (\S+)\n/.exec(index)?.[1];
    expect(cpanFiles[`authors/id/${path}`]).toBe(duration);

    const inspect = await tarOf(archive({ "./usr/share/lua/5.1/inspect.lua": "code" }));
    const rocks = await luarocks.publish({ inspect });
    const url = /url = "(\S+)"/.exec(textOf(rocks, "inspect-3.1.1-0.rockspec.template"))?.[1] ?? "";
    const source = url.replace("{{origin}}/registries/luarocks/", "");
    expect([...sourceFiles(gunzipSync(bytesOf(rocks, source))).keys()]).toEqual(["inspect.lua"]);

    const hex = Buffer.from("crate");
    const crateFiles = await crates.publish({ hex });
    expect(JSON.parse(textOf(crateFiles, "3/h/hex"))).toMatchObject({ cksum: hexDigest("sha256", hex) });
  });
});

describe("clientSettings", () => {
  it("leads every client to its registry, at the port given", () => {
    const { env, files } = clientSettings("http://127.0.0.1:5999");
    const text = [...Object.values(env), ...Object.values(files)].join("\n");
    for (const { folder } of ECOSYSTEMS) {
      expect(text, folder).toContain(`http://127.0.0.1:5999/registries/${folder}`);
    }
  });

  it("has no variable or file that two registries both set", () => {
    const settings = ECOSYSTEMS.map(({ client }: Ecosystem) => client("http://127.0.0.1:1"));
    const names = settings.flatMap(({ env = {}, files = {} }) => [
      ...Object.keys(env),
      ...Object.keys(files),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });
});
