import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { catalogFolder, mistakesInFiles } from "./catalog-folder.ts";
import { GOOD_CATALOG } from "./good-catalog.ts";

/** Real ones, of those that Node.js has. */
const [FIRST = "", SECOND = ""] = rootCertificates;

const named = (text: string) => {
  const { subject, validTo } = new X509Certificate(text);
  const name = /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
  return `${name}, until ${new Date(validTo).toISOString().slice(0, 10)}`;
};

/** As OpenSSL writes it. */
const linesOf = (text: string) => String(new X509Certificate(text)).trim().split("\n");

const withCertificates = (list: string) => `certificates: ${list}\n${GOOD_CATALOG}`;

describe("certificates", () => {
  test("are read beside the catalog that names them; of one name the own one counts", async () => {
    const folder = await catalogFolder({
      "own/catalog.yaml":
        "extends: ../b/catalog.yaml\ncertificates: [root.pem]\nimages: { web: { extends: node } }\n",
      "own/root.pem": `a remark\n${SECOND}\n`,
      "b/catalog.yaml": withCertificates("[root.pem, certs/other.cer]"),
      "b/root.pem": `${FIRST}\n`,
      "b/certs/other.cer": `${FIRST}\n${SECOND.replaceAll("\n", "\r\n")}\r\n`,
    });
    const { certificates = [] } = await loadCatalog(join(folder, "own/catalog.yaml"));
    expect(certificates.map(({ fileName, subjects }) => [fileName, subjects])).toEqual([
      ["root.crt", [named(SECOND)]],
      ["other.crt", [named(FIRST), named(SECOND)]],
    ]);
    // Without remarks, and with line ends that a shell prints.
    expect(certificates.map(({ content }) => content)).toMatchObject([
      { lines: linesOf(SECOND) },
      { lines: [...linesOf(FIRST), ...linesOf(SECOND)] },
    ]);
  });

  test("are none where nothing is said", async () => {
    const folder = await catalogFolder({ "catalog.yaml": GOOD_CATALOG });
    expect((await loadCatalog(join(folder, "catalog.yaml"))).certificates).toEqual([]);
  });

  test("that are of no use are told of, each at its place", async () => {
    const damaged = FIRST.replace(/\n.{20}/, "\nAAAA");
    const said = await mistakesInFiles({
      "catalog.yaml": withCertificates("[gone.pem, a.der, b.pem, key.pem, both.pem, c/both.pem]"),
      "a.der": "\u0030\u0082 no PEM",
      "b.pem": damaged,
      "key.pem": `${FIRST}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
      "both.pem": FIRST,
      "c/both.pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    });
    expect(said.map((line) => line.replace(/(cannot be read): .*/, "$1"))).toEqual([
      "catalog.yaml:1:16: gone.pem: there is no such file: gone.pem",
      "catalog.yaml:1:26: a.der: expected a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----, found none; if it is in DER, type: openssl x509 -inform der -in FILE",
      "catalog.yaml:1:33: b.pem: this certificate cannot be read",
      "catalog.yaml:1:40: key.pem: this is a private key, and everyone who can pull an image can read it; mount it when a container is started",
      "catalog.yaml:1:59: c/both.pem: expected certificates only, found a block of PUBLIC KEY",
    ]);
    const twice = await mistakesInFiles({
      "catalog.yaml": withCertificates("[a.pem, b/a.pem]"),
      "a.pem": FIRST,
      "b/a.pem": SECOND,
    });
    expect(twice).toEqual(["catalog.yaml:1:23: b/a.pem: another file comes to the name a.crt; rename one"]);
  });
});
