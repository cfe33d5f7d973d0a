import { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import type { OwnCertificate } from "../../model/configuration.ts";
import { messageOf } from "../../system/errors.ts";
import { contentOf, contentProblem } from "./contents.ts";

/**
 * Reads a file of one certificate or more, in PEM (RFC 7468).
 * @returns what images need of it, or, in words, why it is of no use
 */
export function readCertificates(path: string, bytes: Buffer): OwnCertificate | string {
  const problem = contentProblem(bytes);
  if (problem !== undefined) return problem;
  const blocks = blocksOf(bytes.toString("latin1").replaceAll("\r\n", "\n"));
  const strange = blocks.find(({ kind }) => kind !== "CERTIFICATE")?.kind;
  if (strange !== undefined) return `expected certificates only, found a block of ${strange}`;
  try {
    const certificates = blocks.map(({ text }) => new X509Certificate(text));
    const [first] = certificates;
    if (!first) {
      return "expected a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----, found none; if it is in DER, type: openssl x509 -inform der -in FILE";
    }
    const name = basename(path).replace(/\.[^.]*$/, "");
    return {
      fileName: `${name.replace(/[^\w.-]/g, "_")}.crt`,
      content: contentOf(Buffer.from(certificates.map(String).join(""))),
      subjects: certificates.map(({ subject, validTo }) => {
        return `${nameIn(subject)}, until ${new Date(validTo).toISOString().slice(0, 10)}`;
      }),
    };
  } catch (error) {
    return `this certificate cannot be read: ${messageOf(error)}`;
  }
}

/** The blocks of a file in PEM, each from its beginning to its end. What stands between them is a remark. */
function blocksOf(text: string) {
  return `\n${text}`
    .split("\n-----BEGIN ")
    .slice(1)
    .flatMap((part) => {
      const kind = part.slice(0, part.indexOf("-----"));
      const end = `\n-----END ${kind}-----`;
      const length = part.indexOf(end);
      return length < 0 ? [] : [{ kind, text: `-----BEGIN ${part.slice(0, length)}${end}\n` }];
    });
}

/** What people call it: its common name, or else the whole of its name, `O=Example, C=DE`. */
function nameIn(subject: string): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.trim().replaceAll("\n", ", ");
}
