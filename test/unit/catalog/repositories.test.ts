import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { ownRepositoriesOf } from "../../../scripts/model/repositories.ts";
import { ourKey } from "../../support/signing-keys.ts";
import { catalogFolder, mistakesInFiles } from "./catalog-folder.ts";
import { expectMistake, GOOD_CATALOG, type Mistake } from "./good-catalog.ts";

const KEY = ourKey().publicKey;

const withRepositories = (yaml: string) => `${GOOD_CATALOG}repositories:\n${yaml}`;

describe("repositories of one's own", () => {
  test("have their keys beside the catalog that names them; of one name the own one counts", async () => {
    const folder = await catalogFolder({
      "own/catalog.yaml":
        "extends: ../b/catalog.yaml\nrepositories: { a: { url: 'https://own.example' } }\nimages: { web: { extends: node } }\n",
      "b/catalog.yaml": withRepositories(
        '  a: { url: "https://a.example" }\n' +
          '  b: { url: "https://b.example:8443/v{{branch}}/b", keys: keys, auth: true, branches: ["3.22"] }\n',
      ),
      "b/keys/b.rsa.pub": KEY,
      "b/keys/README": "no key",
    });
    const catalog = await loadCatalog(join(folder, "own/catalog.yaml"));
    const content = { digest: expect.stringMatching(/^[0-9a-f]{12}$/), lines: KEY.trim().split("\n") };
    const a = { name: "a", url: "https://own.example", auth: false, keys: {} };
    const b = {
      name: "b",
      url: "https://b.example:8443/v3.22/b",
      auth: true,
      branches: ["3.22"],
      keys: { "b.rsa.pub": content },
    };
    expect(ownRepositoriesOf(catalog, "3.22")).toEqual([a, b]);
    expect(ownRepositoriesOf(catalog, "3.20")).toEqual([a]);
  });

  test.each<Mistake>([
    [
      "images:",
      'repositories: { a: { url: "https://a:b@x.example/y" } }\nimages:',
      '12:27: url: expected an http or https URL such as "https://packages.example.com/v{{branch}}/own", and for one with a login `auth: true` beside it and HTTP_AUTH=basic:REALM:USER:PASSWORD in the environment, found "https://…@x.example/y" (no user or password: a catalog is read by everyone)',
    ],
    [
      "images:",
      'repositories: { a: { url: "https://x.example/own/x86_64" }, b: { url: "https://x.example/{{version}}" } }\nimages:',
      '12:27: url: expected an http or https URL such as "https://packages.example.com/v{{branch}}/own", found "https://x.example/own/x86_64" (the folder that holds the architectures, not one of them)',
      '12:71: url: expected an http or https URL such as "https://packages.example.com/v{{branch}}/own", found "https://x.example/{{version}}" (the only placeholder here is {{branch}})',
    ],
    ["images:", "repositories: { main: {} }\nimages:", "12:17: main: url is missing"],
  ])("%j → %j", expectMistake);

  test("whose keys are of no use are told of, each at its place", async () => {
    const keysOf = (name: string) => `  ${name}: { url: "https://x.example", keys: ${name} }\n`;
    const said = await mistakesInFiles({
      "catalog.yaml": withRepositories(
        ["gone", "file", "empty", "secret", "strange", "odd"].map((name) => keysOf(name)).join(""),
      ),
      file: "",
      "empty/a.pem": KEY,
      "secret/a.pub": "-----BEGIN RSA PRIVATE KEY-----\n",
      "strange/a.pub": "hello",
      "odd/a b.pub": KEY,
    });
    expect(said.map((line) => line.replace(/(in PEM): .*/, "$1"))).toEqual([
      "catalog.yaml:45:43: gone: there is no such folder: gone",
      "catalog.yaml:46:43: file: file is a file, expected a folder of keys",
      "catalog.yaml:47:44: empty: empty has no public keys, expected files that end in .pub",
      "catalog.yaml:48:45: secret: a.pub: this is a private key, and everyone who can pull an image can read it; mount it when a container is started",
      "catalog.yaml:49:46: strange: a.pub is not a public key in PEM",
      "catalog.yaml:50:42: odd: a b.pub: a key's name has letters, digits and any of .@+_- only",
    ]);
  });
});
